//! `and`, `or`, `unless`: whether an element stays depends on whether the other side has one of the same group then.

use crate::ast::{BinaryOp, VectorMatching};
use crate::eval::error::EvalError;
use crate::eval::match_groups::MatchGroups;
use crate::eval::names::SAME_LABELSET;
use crate::eval::series::Series;
use std::collections::HashMap;

/// Applies a set operator at all steps.
pub(crate) fn apply(
    op: BinaryOp,
    mut left: Vec<Series>,
    mut right: Vec<Series>,
    matching: &VectorMatching,
    steps: usize,
) -> Result<Vec<Series>, EvalError> {
    let groups = MatchGroups::new(&left, &right, matching);
    if op == BinaryOp::Or {
        let present = presence(&left, &groups.left, groups.count, steps);
        keep(&mut right, &groups.right, &present, steps, false);
        return union(left, right);
    }
    let present = presence(&right, &groups.right, groups.count, steps);
    keep(&mut left, &groups.left, &present, steps, op == BinaryOp::And);
    left.retain(|series| !series.column.is_absent());
    Ok(left)
}

/// For each group and step, whether any series has a value.
fn presence(series: &[Series], groups: &[usize], count: usize, steps: usize) -> Vec<bool> {
    let mut present = vec![false; count * steps];
    for (series, group) in series.iter().zip(groups) {
        for (step, _) in series.column.present() {
            present[group * steps + step] = true;
        }
    }
    present
}

/// Keeps the values whose group has (or has not) a value on the other side.
fn keep(series: &mut [Series], groups: &[usize], present: &[bool], steps: usize, wanted: bool) {
    for (series, group) in series.iter_mut().zip(groups) {
        series.column.filter_map(|step, value| (present[group * steps + step] == wanted).then_some(value));
    }
}

/// All of both sides; a series of the right that has the labels of one of the left continues it.
fn union(mut left: Vec<Series>, right: Vec<Series>) -> Result<Vec<Series>, EvalError> {
    let places: HashMap<_, _> =
        left.iter().enumerate().map(|(place, series)| ((series.labels.clone(), series.drop_name), place)).collect();
    for series in right {
        if series.column.is_absent() {
            continue;
        }
        let Some(place) = places.get(&(series.labels.clone(), series.drop_name)) else {
            left.push(series);
            continue;
        };
        for (step, value) in series.column.present() {
            if left[*place].column.has(step) {
                return Err(EvalError::execution(SAME_LABELSET));
            }
            left[*place].column.set(step, value);
        }
    }
    Ok(left)
}
