//! `absent` and `absent_over_time`: 1 where there is nothing, with the labels that the selector fixes.

use crate::eval::error::EvalError;
use crate::eval::grid::Grid;
use crate::eval::node::{Call, Node, NodeKind};
use crate::eval::run::Evaluator;
use crate::eval::series::{Column, Evaluated, Series};
use crate::eval::window::{Each, Window, over_time};
use lgtm_model::{Labels, METRIC_NAME, MatchOp};

/// `absent(v)`
pub(crate) fn absent(evaluator: &mut Evaluator<'_>, call: &Call, grid: &Grid) -> Result<Evaluated, EvalError> {
    let series = evaluator.vector(&call.args[0], grid)?;
    Ok(where_nothing_is(&series, &call.args[0], grid, false))
}

/// `absent_over_time(m)`
pub(crate) fn absent_over_time(
    evaluator: &mut Evaluator<'_>,
    call: &Call,
    grid: &Grid,
) -> Result<Evaluated, EvalError> {
    let mut present = Each(|_: &Window<'_>| Some(1.0));
    let series = over_time(evaluator, call, 0, grid, false, &mut present)?;
    Ok(where_nothing_is(&series, &call.args[0], grid, true))
}

fn where_nothing_is(series: &[Series], selector: &Node, grid: &Grid, drop_name: bool) -> Evaluated {
    let mut column = Column::constant(1.0, grid.steps);
    for series in series {
        column.filter_map(|step, one| (!series.column.has(step)).then_some(one));
    }
    if column.is_absent() {
        return Evaluated::Vector(Vec::new());
    }
    Evaluated::Vector(vec![Series { labels: fixed_labels(selector), drop_name, column }])
}

/// The labels that the selector compares with `=`, each only once.
fn fixed_labels(selector: &Node) -> Labels {
    let matchers = match &selector.kind {
        NodeKind::Instant(selector) => &selector.matchers,
        NodeKind::Range(selector) => &selector.matchers,
        NodeKind::StepInvariant(inner) => return fixed_labels(inner),
        _ => return Labels::empty(),
    };
    let mut builder = Labels::empty().to_builder();
    let mut seen: Vec<&str> = Vec::new();
    for matcher in matchers.iter().filter(|matcher| matcher.name() != METRIC_NAME) {
        if matcher.op() == MatchOp::Equal && !seen.contains(&matcher.name()) {
            builder.set(matcher.name(), matcher.value());
            seen.push(matcher.name());
        } else {
            builder.remove(matcher.name());
        }
    }
    builder.build()
}
