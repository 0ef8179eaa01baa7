//! Compares a result with what a script expects.

use super::parse::{Expected, Text, When};
use lgtm_model::{Labels, is_stale_nan};
use lgtm_promql::{EvalError, QueryResult, SeriesPoint, Value};
use std::collections::BTreeMap;

const TOLERANCE: f64 = 1e-6;

/// Upstream's comparison of floats.
pub fn equal(left: f64, right: f64) -> bool {
    if is_stale_nan(left) || is_stale_nan(right) {
        return is_stale_nan(left) && is_stale_nan(right);
    }
    if (left.is_nan() && right.is_nan()) || left == right {
        return true;
    }
    let (sum, difference) = (left.abs() + right.abs(), (left - right).abs());
    if left == 0.0 || right == 0.0 || sum < f64::MIN_POSITIVE {
        return difference < TOLERANCE * f64::MIN_POSITIVE;
    }
    difference / sum.min(f64::MAX) < TOLERANCE
}

fn float(point: &SeriesPoint) -> Option<f64> {
    match point {
        SeriesPoint::Float(value) => Some(*value),
        _ => None,
    }
}

/// What is wrong with the outcome; nothing if it is as expected.
pub fn check(
    outcome: &Result<QueryResult, EvalError>,
    expected: &Expected,
    when: When,
    messages: bool,
) -> Result<(), String> {
    let result = match (outcome, &expected.fail) {
        (Ok(_), Some(_)) => return Err("expected a failure".to_owned()),
        (Err(error), None) => return Err(format!("failed: {error}")),
        (Err(error), Some(text)) => {
            let error = error.to_string();
            let fits = text.matches(&error);
            return if fits { Ok(()) } else { Err(format!("failed with {error:?}")) };
        }
        (Ok(result), None) => result,
    };
    if messages {
        remarks("warning", &result.warnings, &expected.warn, expected.no_warn)?;
        remarks("info", &result.infos, &expected.info, expected.no_info)?;
    }
    match (&result.value, when) {
        (Value::String(text), _) => match &expected.string {
            Some(wanted) if wanted == text => Ok(()),
            wanted => Err(format!("expected {wanted:?}, got {text:?}")),
        },
        (Value::Scalar(value), _) => match expected.scalar {
            Some(wanted) if equal(wanted, *value) => Ok(()),
            wanted => Err(format!("expected {wanted:?}, got {value}")),
        },
        (Value::Vector(samples), _) => {
            if expected.scalar.is_some() || expected.string.is_some() {
                return Err("expected no vector".to_owned());
            }
            let got = samples.iter().map(|sample| (sample.labels.clone(), vec![(0, sample.value)])).collect();
            series(got, expected, &[0])
        }
        (Value::Matrix(rows), when) => {
            let times: Vec<i64> = match (when, expected.range_vector) {
                (When::Range { start_ms, end_ms, step_ms }, _) | (_, Some((start_ms, end_ms, step_ms))) => {
                    (0..).map(|step| start_ms + step * step_ms).take_while(|time| *time <= end_ms).collect()
                }
                _ => return Err("expected no matrix".to_owned()),
            };
            if !rows.is_sorted_by(|left, right| left.labels < right.labels) {
                return Err("the matrix is not sorted".to_owned());
            }
            series(rows.iter().map(|row| (row.labels.clone(), row.points.clone())).collect(), expected, &times)
        }
    }
}

fn remarks(kind: &str, got: &[String], wanted: &[Text], none: bool) -> Result<(), String> {
    if none && !got.is_empty() {
        return Err(format!("unexpected {kind}: {got:?}"));
    }
    if wanted.is_empty() {
        return Ok(());
    }
    if let Some(other) = got.iter().find(|text| !wanted.iter().any(|wanted| wanted.matches(text))) {
        return Err(format!("unexpected {kind}: {other:?}"));
    }
    if wanted.iter().any(|wanted| !got.iter().any(|text| wanted.matches(text))) {
        return Err(format!("an expected {kind} is missing among {got:?}"));
    }
    Ok(())
}

type Rows = Vec<(Labels, Vec<(i64, f64)>)>;

fn series(got: Rows, expected: &Expected, times: &[i64]) -> Result<(), String> {
    if expected.ordered {
        let order: Vec<&Labels> = got.iter().map(|row| &row.0).collect();
        let wanted: Vec<&Labels> = expected.series.iter().map(|series| &series.labels).collect();
        if order != wanted {
            return Err(format!("expected the order {wanted:?}, got {order:?}"));
        }
    }
    let mut got: BTreeMap<Labels, Vec<(i64, f64)>> = got.into_iter().collect();
    for wanted in &expected.series {
        let wanted_points: Vec<(i64, f64)> =
            (times.iter().zip(&wanted.points)).filter_map(|(time, point)| Some((*time, float(point)?))).collect();
        let found = got.remove(&wanted.labels);
        let found = found.ok_or_else(|| format!("{} is missing; others: {got:?}", wanted.labels))?;
        let same = found.len() == wanted_points.len()
            && found.iter().zip(&wanted_points).all(|(left, right)| left.0 == right.0 && equal(left.1, right.1));
        if !same {
            return Err(format!("{}: expected {wanted_points:?}, got {found:?}", wanted.labels));
        }
    }
    if got.is_empty() { Ok(()) } else { Err(format!("unexpected series {got:?}")) }
}
