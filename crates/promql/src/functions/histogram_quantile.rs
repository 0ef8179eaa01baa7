//! `histogram_quantile` and `histogram_quantiles` of classic histograms.

use super::classic_buckets::{Raised, histograms, quantile};
use crate::Span;
use crate::eval::annotation::ForcedMonotonicity;
use crate::eval::error::EvalError;
use crate::eval::grid::Grid;
use crate::eval::names::SAME_LABELSET;
use crate::eval::node::{Call, Node};
use crate::eval::number_text::open_metrics;
use crate::eval::run::{Evaluator, text};
use crate::eval::series::{Column, Evaluated, Series};
use lgtm_model::Labels;
use std::collections::HashMap;

/// `histogram_quantile(φ, buckets)`
pub(crate) fn histogram_quantile(
    evaluator: &mut Evaluator<'_>,
    call: &Call,
    grid: &Grid,
) -> Result<Evaluated, EvalError> {
    let quantiles = checked_quantiles(evaluator, &call.args[0], grid)?;
    let series = evaluator.vector(&call.args[1], grid)?;
    let mut output = Vec::new();
    for (labels, column) in columns(evaluator, &series, &quantiles, call.args[1].span, grid)? {
        output.push(Series { labels, drop_name: true, column });
    }
    Ok(Evaluated::Vector(output))
}

/// `histogram_quantiles(buckets, label, φ, …)`: one series a quantile, told apart by a label.
pub(crate) fn histogram_quantiles(
    evaluator: &mut Evaluator<'_>,
    call: &Call,
    grid: &Grid,
) -> Result<Evaluated, EvalError> {
    let label = text(&call.args[1])?;
    let series = evaluator.vector(&call.args[0], grid)?;
    let mut places: HashMap<Labels, usize> = HashMap::new();
    let mut output: Vec<Series> = Vec::new();
    for node in &call.args[2..] {
        let quantiles = checked_quantiles(evaluator, node, grid)?;
        for (labels, column) in columns(evaluator, &series, &quantiles, call.args[0].span, grid)? {
            for (step, value) in column.present() {
                let mut builder = labels.to_builder();
                builder.set(label, open_metrics(quantiles[step]));
                let labels = builder.build();
                let place = *places.entry(labels.clone()).or_insert(output.len());
                if place == output.len() {
                    evaluator.reserve(grid.steps)?;
                    let column = Column::absent(grid.steps);
                    output.push(Series { labels, drop_name: true, column });
                }
                // Two histograms that differ only in this label, or a quantile asked for twice.
                if output[place].column.has(step) {
                    return Err(EvalError::execution(SAME_LABELSET));
                }
                output[place].column.set(step, value);
            }
        }
    }
    Ok(Evaluated::Vector(output))
}

fn checked_quantiles(evaluator: &mut Evaluator<'_>, node: &Node, grid: &Grid) -> Result<Vec<f64>, EvalError> {
    let quantiles = evaluator.scalar(node, grid)?;
    for quantile in quantiles.iter().filter(|quantile| !(0.0..=1.0).contains(*quantile)) {
        evaluator.annotations.invalid_quantile(*quantile, node.span);
    }
    Ok(quantiles)
}

fn columns(
    evaluator: &mut Evaluator<'_>,
    series: &[Series],
    quantiles: &[f64],
    span: Span,
    grid: &Grid,
) -> Result<Vec<(Labels, Column)>, EvalError> {
    let mut output = Vec::new();
    for histogram in histograms(evaluator, series, span) {
        evaluator.check_canceled()?;
        evaluator.reserve(grid.steps)?;
        let mut column = Column::absent(grid.steps);
        for (step, wanted) in quantiles.iter().enumerate() {
            let mut buckets = histogram.buckets(series, step);
            if buckets.is_empty() {
                continue;
            }
            let (value, raised) = quantile(*wanted, &mut buckets);
            column.set(step, value);
            if let Some(raised) = raised {
                let name = histogram.labels.metric_name().unwrap_or_default();
                let forced = forced(raised, grid.time_ms(step));
                evaluator.annotations.forced_monotonicity(name, forced, span);
            }
        }
        if !column.is_absent() {
            output.push((histogram.labels, column));
        }
    }
    Ok(output)
}

fn forced(raised: Raised, time_ms: i64) -> ForcedMonotonicity {
    ForcedMonotonicity {
        bucket_min: raised.bucket_min,
        bucket_max: raised.bucket_max,
        difference_max: raised.difference_max,
        first_ms: time_ms,
        last_ms: time_ms,
        times: 1,
    }
}
