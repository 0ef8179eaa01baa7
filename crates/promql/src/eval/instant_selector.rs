//! Instant selectors: at each step the newest sample within the lookback, unless it is a staleness marker.
//!
//! One pass a series: the position of the newest sample only moves forward as the steps do.

use crate::SeriesColumns;
use crate::ast::VectorEdges;
use crate::eval::error::EvalError;
use crate::eval::grid::Grid;
use crate::eval::node::InstantSelector;
use crate::eval::run::Evaluator;
use crate::eval::series::{Column, Evaluated, Series};
use crate::functions::extended_rate::interpolate;
use lgtm_model::is_stale_nan;

/// Evaluates an instant selector.
pub(crate) fn evaluate(
    evaluator: &mut Evaluator<'_>,
    selector: &InstantSelector,
    grid: &Grid,
) -> Result<Evaluated, EvalError> {
    if selector.edges == VectorEdges::Smoothed {
        return series_by(evaluator, selector, grid, smoothed);
    }
    series_by(evaluator, selector, grid, |series, references, lookback_ms| {
        current(series, references, lookback_ms, |_, value| value)
    })
}

/// The same with the times of the samples, in seconds, in place of their values.
pub(crate) fn sample_times(
    evaluator: &mut Evaluator<'_>,
    selector: &InstantSelector,
    grid: &Grid,
) -> Result<Evaluated, EvalError> {
    series_by(evaluator, selector, grid, |series, references, lookback_ms| {
        current(series, references, lookback_ms, |time_ms, _| time_ms as f64 / 1000.0)
    })
}

fn series_by(
    evaluator: &mut Evaluator<'_>,
    selector: &InstantSelector,
    grid: &Grid,
    column: impl Fn(&SeriesColumns, &[i64], i64) -> Column,
) -> Result<Evaluated, EvalError> {
    let references: Vec<i64> = grid.times_ms().map(|time| selector.lookup.reference_ms(time)).collect();
    let fetched = evaluator.fetched;
    let mut series = Vec::new();
    for candidate in &fetched[selector.slot] {
        evaluator.check_canceled()?;
        let column = column(candidate, &references, evaluator.options.lookback_ms);
        let count = column.count();
        if count > 0 {
            evaluator.reserve(grid.steps)?;
            evaluator.samples_total += count;
            series.push(Series { labels: candidate.labels.clone(), drop_name: false, column });
        }
    }
    Ok(Evaluated::Vector(series))
}

/// `references` ascend. `show` makes the cell of a sample's time and value.
pub(crate) fn current(
    series: &SeriesColumns,
    references: &[i64],
    lookback_ms: i64,
    show: impl Fn(i64, f64) -> f64,
) -> Column {
    let times = &series.timestamps_ms;
    let mut column = Column::absent(references.len());
    let mut after = 0;
    for (step, reference_ms) in references.iter().enumerate() {
        while after < times.len() && times[after] <= *reference_ms {
            after += 1;
        }
        let Some(newest) = after.checked_sub(1) else { continue };
        let value = series.values[newest];
        if times[newest] > reference_ms.saturating_sub(lookback_ms) && !is_stale_nan(value) {
            column.set(step, show(times[newest], value));
        }
    }
    column
}

/// `smoothed`: on the line between the samples around each step; the last value when nothing follows.
fn smoothed(series: &SeriesColumns, references: &[i64], lookback_ms: i64) -> Column {
    let mut column = Column::absent(references.len());
    let samples: Vec<(i64, f64)> = (series.timestamps_ms.iter().copied())
        .zip(series.values.iter().copied())
        .filter(|(_, value)| !is_stale_nan(*value))
        .collect();
    let mut after = 0;
    for (step, reference_ms) in references.iter().enumerate() {
        while after < samples.len() && samples[after].0 < *reference_ms {
            after += 1;
        }
        let next = samples.get(after).filter(|next| next.0 <= reference_ms.saturating_add(lookback_ms));
        let earliest_ms = reference_ms.saturating_sub(lookback_ms);
        let before = after.checked_sub(1).map(|index| samples[index]).filter(|before| before.0 > earliest_ms);
        match (before, next) {
            (_, Some(next)) if next.0 == *reference_ms => column.set(step, next.1),
            (Some(before), Some(next)) => column.set(step, interpolate(before, *next, *reference_ms, false)),
            (Some(before), None) => column.set(step, before.1),
            (None, _) => {}
        }
    }
    column
}

#[cfg(test)]
mod tests {
    use super::*;
    use lgtm_model::{Labels, stale_nan};

    fn values(samples: &[(i64, f64)], references: &[i64], lookback_ms: i64) -> Vec<Option<f64>> {
        let series = SeriesColumns {
            labels: Labels::empty(),
            timestamps_ms: samples.iter().map(|sample| sample.0).collect(),
            values: samples.iter().map(|sample| sample.1).collect(),
        };
        let column = current(&series, references, lookback_ms, |_, value| value);
        (0..references.len()).map(|step| column.get(step)).collect()
    }

    #[test]
    fn the_lookback_is_open_at_its_left_end() {
        assert_eq!(values(&[(0, 1.0)], &[-1, 0, 9, 10], 10), [None, Some(1.0), Some(1.0), None]);
    }

    #[test]
    fn a_staleness_marker_ends_a_series_until_its_next_sample() {
        let samples = [(0, 1.0), (5, stale_nan()), (8, 2.0)];
        assert_eq!(values(&samples, &[4, 6, 8], 10), [Some(1.0), None, Some(2.0)]);
    }
}
