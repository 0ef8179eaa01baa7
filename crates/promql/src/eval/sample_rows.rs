//! A range as the result itself: an instant query of `up[5m]` or `up[5m:1m]`.

use crate::ast::VectorEdges;
use crate::eval::error::EvalError;
use crate::eval::grid::Grid;
use crate::eval::node::{RangeSelector, Subquery};
use crate::eval::run::Evaluator;
use crate::eval::series::{Evaluated, SampleRow};
use crate::functions::extended_rate::interpolate;
use lgtm_model::is_stale_nan;

/// The samples of a range selector at the grid's only time.
pub(crate) fn of_selector(
    evaluator: &mut Evaluator<'_>,
    selector: &RangeSelector,
    grid: &Grid,
) -> Result<Evaluated, EvalError> {
    let end_ms = selector.lookup.reference_ms(grid.start_ms);
    let start_ms = end_ms.saturating_sub(selector.range_ms);
    let lookback_ms = evaluator.options.lookback_ms;
    let (before_ms, after_ms) = match selector.edges {
        VectorEdges::Samples => (0, 0),
        VectorEdges::Anchored => (lookback_ms, 0),
        VectorEdges::Smoothed => (lookback_ms, lookback_ms),
    };
    let fetched = evaluator.fetched;
    let mut rows = Vec::new();
    for series in &fetched[selector.slot] {
        evaluator.check_canceled()?;
        let reach = start_ms.saturating_sub(before_ms)..end_ms.saturating_add(after_ms);
        let mut points: Vec<(i64, f64)> = (series.timestamps_ms.iter().copied())
            .zip(series.values.iter().copied())
            .filter(|(time, value)| reach.start < *time && *time <= reach.end && !is_stale_nan(*value))
            .collect();
        if selector.edges != VectorEdges::Samples && !points.is_empty() {
            let smoothed = selector.edges == VectorEdges::Smoothed;
            points = with_boundaries(&points, start_ms, end_ms, smoothed);
        }
        evaluator.reserve(points.len())?;
        evaluator.samples_total += points.len();
        rows.push(SampleRow { labels: series.labels.clone(), drop_name: false, points });
    }
    rows.retain(|row| !row.points.is_empty());
    Ok(Evaluated::Matrix(rows))
}

/// The points of a subquery at the grid's only time.
pub(crate) fn of_subquery(
    evaluator: &mut Evaluator<'_>,
    subquery: &Subquery,
    grid: &Grid,
) -> Result<Evaluated, EvalError> {
    let inner = subquery.grid(grid);
    let rows = evaluator.vector(&subquery.expr, &inner)?.into_iter().map(|series| SampleRow {
        points: series.column.present().map(|(step, value)| (inner.time_ms(step), value)).collect(),
        labels: series.labels,
        drop_name: series.drop_name,
    });
    Ok(Evaluated::Matrix(rows.collect()))
}

/// `anchored` and `smoothed`: a point at either boundary, with the samples strictly between them.
fn with_boundaries(points: &[(i64, f64)], start_ms: i64, end_ms: i64, smoothed: bool) -> Vec<(i64, f64)> {
    let last = points.len() - 1;
    let first = points[..last].partition_point(|point| point.0 <= start_ms).saturating_sub(1);
    let last = if smoothed { points[..last].partition_point(|point| point.0 < end_ms) } else { last };
    if points[last].0 <= start_ms {
        return Vec::new();
    }
    let left = match points.get(first + 1) {
        Some(next) if smoothed && points[first].0 < start_ms => interpolate(points[first], *next, start_ms, false),
        _ => points[first].1,
    };
    let right = if smoothed && last > 0 && points[last].0 > end_ms {
        interpolate(points[last - 1], points[last], end_ms, false)
    } else {
        points[last].1
    };
    let between = points.iter().copied().filter(|point| start_ms < point.0 && point.0 < end_ms);
    std::iter::once((start_ms, left)).chain(between).chain(std::iter::once((end_ms, right))).collect()
}
