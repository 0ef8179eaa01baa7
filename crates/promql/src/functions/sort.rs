//! `sort`, `sort_desc`, `sort_by_label`, `sort_by_label_desc`: the order of an instant query's result.

use super::natural_order;
use crate::eval::error::EvalError;
use crate::eval::grid::Grid;
use crate::eval::node::Call;
use crate::eval::run::{Evaluator, text};
use crate::eval::series::{Evaluated, Series};
use std::cmp::Ordering;

/// `sort(v)`: ascending, NaN last.
pub(crate) fn sort(evaluator: &mut Evaluator<'_>, call: &Call, grid: &Grid) -> Result<Evaluated, EvalError> {
    by_value(evaluator, call, grid, |left, right| left.total_cmp(&right))
}

/// `sort_desc(v)`: descending, NaN last.
pub(crate) fn sort_desc(evaluator: &mut Evaluator<'_>, call: &Call, grid: &Grid) -> Result<Evaluated, EvalError> {
    by_value(evaluator, call, grid, |left, right| right.total_cmp(&left))
}

/// `sort_by_label(v, label, …)`: ascending, numbers inside the values by their size.
pub(crate) fn sort_by_label(e: &mut Evaluator<'_>, call: &Call, grid: &Grid) -> Result<Evaluated, EvalError> {
    by_label(e, call, grid, false)
}

/// `sort_by_label_desc(v, label, …)`
pub(crate) fn sort_by_label_desc(e: &mut Evaluator<'_>, call: &Call, grid: &Grid) -> Result<Evaluated, EvalError> {
    by_label(e, call, grid, true)
}

fn by_value(
    evaluator: &mut Evaluator<'_>,
    call: &Call,
    grid: &Grid,
    compare: fn(f64, f64) -> Ordering,
) -> Result<Evaluated, EvalError> {
    let mut series = input(evaluator, call, grid)?;
    let value = |series: &Series| series.column.present().next().map_or(f64::NAN, |(_, value)| value);
    series.sort_by(|left, right| {
        let (left, right) = (value(left), value(right));
        match (left.is_nan(), right.is_nan()) {
            (false, false) if left == right => Ordering::Equal,
            (false, false) => compare(left, right),
            (left, right) => left.cmp(&right),
        }
    });
    Ok(Evaluated::Vector(series))
}

fn by_label(evaluator: &mut Evaluator<'_>, call: &Call, grid: &Grid, descending: bool) -> Result<Evaluated, EvalError> {
    let names = call.args[1..].iter().map(text).collect::<Result<Vec<_>, _>>()?;
    let mut series = input(evaluator, call, grid)?;
    series.sort_by(|left, right| {
        let by_name = |name: &&str| {
            let value = |series: &Series| series.labels.get(name).unwrap_or_default().to_owned();
            natural_order::compare(&value(left), &value(right))
        };
        let order = names.iter().map(by_name).find(|order| order.is_ne());
        let order = order.unwrap_or_else(|| left.labels.cmp(&right.labels));
        if descending { order.reverse() } else { order }
    });
    Ok(Evaluated::Vector(series))
}

fn input(evaluator: &mut Evaluator<'_>, call: &Call, grid: &Grid) -> Result<Vec<Series>, EvalError> {
    if grid.steps > 1 {
        evaluator.annotations.sort_in_range_query(call.span);
    }
    evaluator.vector(&call.args[0], grid)
}
