//! `topk` and `bottomk`: the series of a group with the largest or smallest values, chosen anew at each step. NaN is
//! chosen last. An instant query's result is in the order of the values.

use super::groups::Groups;
use crate::ast::AggregateOp;
use crate::eval::error::EvalError;
use crate::eval::node::Aggregate;
use crate::eval::run::Evaluator;
use crate::eval::series::Series;
use std::cmp::Ordering;

/// Keeps `counts[step]` series a group.
pub(crate) fn top(
    evaluator: &mut Evaluator<'_>,
    aggregation: &Aggregate,
    counts: &[usize],
    mut input: Vec<Series>,
) -> Result<Vec<Series>, EvalError> {
    let descending = aggregation.op == AggregateOp::Topk;
    let groups = Groups::new(aggregation, &input);
    let mut members: Vec<Vec<usize>> = vec![Vec::new(); groups.labels.len()];
    for (series, group) in groups.of_series.iter().enumerate() {
        members[*group].push(series);
    }
    let mut order = Vec::new();
    let mut candidates: Vec<(usize, f64)> = Vec::new();
    for (step, count) in counts.iter().enumerate() {
        evaluator.check_canceled()?;
        for members in &members {
            let value = |series: &usize| input[*series].column.get(step).map(|value| (*series, value));
            candidates.clear();
            candidates.extend(members.iter().filter_map(value));
            // Equal values stay in the order of the series.
            candidates.sort_by(|left, right| ranked(left.1, right.1, descending));
            let kept = candidates.len().min(*count);
            for (series, _) in candidates.drain(kept..) {
                input[series].column.remove(step);
            }
            if counts.len() == 1 {
                order.extend(candidates.iter().map(|(series, _)| *series));
            }
        }
    }
    if counts.len() == 1 {
        return Ok(order.into_iter().map(|series| input[series].clone()).collect());
    }
    input.retain(|series| !series.column.is_absent());
    Ok(input)
}

fn ranked(left: f64, right: f64, descending: bool) -> Ordering {
    match left.partial_cmp(&right) {
        Some(order) if descending => order.reverse(),
        Some(order) => order,
        None => left.is_nan().cmp(&right.is_nan()),
    }
}

#[cfg(test)]
mod tests {
    use super::ranked;

    #[test]
    fn nan_comes_last_either_way() {
        for descending in [true, false] {
            let mut values = [f64::NAN, 1.0, 2.0];
            values.sort_by(|left, right| ranked(*left, *right, descending));
            assert!(values[2].is_nan() && (values[0] == 2.0) == descending);
        }
    }
}
