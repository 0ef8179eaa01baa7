//! The end of an evaluation: names that operations made meaningless go now, and not earlier, so that every function on
//! the way could still use them. Series that become equal are merged if they never have a value at the same time.

use crate::ast::ValueType;
use crate::eval::error::EvalError;
use crate::eval::grid::Grid;
use crate::eval::result::{InstantSample, RangeSeries, Value};
use crate::eval::run::{Evaluator, wrong_type};
use crate::eval::series::{Evaluated, SampleRow, Series};
use lgtm_model::Labels;
use std::collections::HashMap;
use std::collections::hash_map::Entry;

/// Upstream's message for series that cannot be told apart.
pub(crate) const SAME_LABELSET: &str = "vector cannot contain metrics with the same labelset";

/// The labels that say what a metric is: name, type and unit.
pub(crate) fn is_metadata_label(name: &str) -> bool {
    matches!(name, "__name__" | "__type__" | "__unit__")
}

/// Whether a text can name a label: any UTF-8 but none at all. The parser writes bytes that are no UTF-8 as U+FFFD.
pub(crate) fn is_label_name(name: &str) -> bool {
    !name.is_empty() && !name.contains('\u{fffd}')
}

/// The labels as the result shows them.
fn final_labels(labels: Labels, drop_name: bool) -> Labels {
    if drop_name { labels.filter(|name| !is_metadata_label(name)) } else { labels }
}

/// Merges series with equal labels; fails when two have a value at the same step.
pub(crate) fn merge_same_labels(series: Vec<Series>) -> Result<Vec<Series>, EvalError> {
    let mut merged: Vec<Series> = Vec::with_capacity(series.len());
    let mut places: HashMap<Labels, usize> = HashMap::with_capacity(series.len());
    for series in series {
        match places.entry(series.labels.clone()) {
            Entry::Vacant(place) => {
                place.insert(merged.len());
                merged.push(series);
            }
            Entry::Occupied(place) => {
                let target = &mut merged[*place.get()].column;
                for (step, value) in series.column.present() {
                    if target.has(step) {
                        return Err(EvalError::execution(SAME_LABELSET));
                    }
                    target.set(step, value);
                }
            }
        }
    }
    Ok(merged)
}

fn final_series(series: Vec<Series>) -> Result<Vec<Series>, EvalError> {
    let mut series: Vec<Series> = series.into_iter().filter(|series| !series.column.is_absent()).collect();
    for series in &mut series {
        if series.drop_name {
            series.labels = final_labels(std::mem::take(&mut series.labels), true);
        }
    }
    merge_same_labels(series)
}

fn final_rows(rows: Vec<SampleRow>) -> Result<Vec<RangeSeries>, EvalError> {
    let mut merged: HashMap<Labels, Vec<(i64, f64)>> = HashMap::with_capacity(rows.len());
    for row in rows.into_iter().filter(|row| !row.points.is_empty()) {
        let points = merged.entry(final_labels(row.labels, row.drop_name)).or_default();
        let repeated = !points.is_empty();
        points.extend(row.points);
        if repeated {
            points.sort_by_key(|point| point.0);
            if points.windows(2).any(|pair| pair[0].0 == pair[1].0) {
                return Err(EvalError::execution(SAME_LABELSET));
            }
        }
    }
    let mut series: Vec<_> = merged.into_iter().map(|(labels, points)| RangeSeries { labels, points }).collect();
    series.sort_by(|left, right| left.labels.cmp(&right.labels));
    Ok(series)
}

impl Evaluator<'_> {
    /// Turns the root's columns into the query's value.
    pub fn finish(&self, evaluated: Evaluated, grid: &Grid, instant: bool) -> Result<Value, EvalError> {
        let value = match evaluated {
            Evaluated::Scalar(values) if instant => Value::Scalar(values.first().copied().unwrap_or(f64::NAN)),
            Evaluated::Scalar(values) => {
                let points = grid.times_ms().zip(values).collect();
                Value::Matrix(vec![RangeSeries { labels: Labels::empty(), points }])
            }
            Evaluated::Text(text) => Value::String(text),
            Evaluated::Matrix(rows) if instant => Value::Matrix(final_rows(rows)?),
            Evaluated::Matrix(_) => return Err(wrong_type(ValueType::Vector)),
            Evaluated::Vector(series) if instant => Value::Vector(instant_samples(final_series(series)?)),
            Evaluated::Vector(series) => {
                let mut series: Vec<_> =
                    final_series(series)?.into_iter().map(|series| range_series(series, grid)).collect();
                series.sort_by(|left, right| left.labels.cmp(&right.labels));
                Value::Matrix(series)
            }
        };
        let series = match &value {
            Value::Vector(samples) => samples.len(),
            Value::Matrix(series) => series.len(),
            Value::Scalar(_) | Value::String(_) => 0,
        };
        let limit = self.options.result_series_max;
        if series > limit { Err(EvalError::TooManySeries { series, limit }) } else { Ok(value) }
    }
}

fn instant_samples(series: Vec<Series>) -> Vec<InstantSample> {
    let sample = |series: Series| {
        let value = series.column.present().next().map(|(_, value)| value)?;
        Some(InstantSample { labels: series.labels, value })
    };
    series.into_iter().filter_map(sample).collect()
}

fn range_series(series: Series, grid: &Grid) -> RangeSeries {
    let points = series.column.present().map(|(step, value)| (grid.time_ms(step), value)).collect();
    RangeSeries { labels: series.labels, points }
}
