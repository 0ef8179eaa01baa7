//! `rate`, `increase`, `delta`: the change over a range, extrapolated to its boundaries as upstream does.
//!
//! 1. The change is last minus first, plus (for counters) what each reset inside the window lost. The positions of
//!    resets are found once a series; most windows hold none, so that a window costs O(1).
//! 2. Samples that lie close to a boundary (within 1.1 mean distances) let the change reach up to it, others only half
//!    a mean distance; a counter never reaches below zero.

use super::extended_rate;
use crate::ast::VectorEdges;
use crate::eval::error::EvalError;
use crate::eval::grid::Grid;
use crate::eval::node::{Call, NodeKind};
use crate::eval::run::Evaluator;
use crate::eval::series::{Evaluated, Series};
use crate::eval::window::{Each, Kernel, Window, first_arg_span, over_time};

/// `rate(m)`: per second.
pub(crate) fn rate(evaluator: &mut Evaluator<'_>, call: &Call, grid: &Grid) -> Result<Evaluated, EvalError> {
    change(evaluator, call, grid, true, true)
}

/// `increase(m)`
pub(crate) fn increase(evaluator: &mut Evaluator<'_>, call: &Call, grid: &Grid) -> Result<Evaluated, EvalError> {
    change(evaluator, call, grid, true, false)
}

/// `delta(m)`: of gauges.
pub(crate) fn delta(evaluator: &mut Evaluator<'_>, call: &Call, grid: &Grid) -> Result<Evaluated, EvalError> {
    change(evaluator, call, grid, false, false)
}

fn change(
    evaluator: &mut Evaluator<'_>,
    call: &Call,
    grid: &Grid,
    is_counter: bool,
    per_second: bool,
) -> Result<Evaluated, EvalError> {
    let edges = match call.args.first().map(|arg| &arg.kind) {
        Some(NodeKind::Range(selector)) => selector.edges,
        _ => VectorEdges::Samples,
    };
    let series = if edges == VectorEdges::Samples {
        let mut kernel = Extrapolated { is_counter, per_second, resets: Vec::new(), passed: 0 };
        over_time(evaluator, call, 0, grid, false, &mut kernel)?
    } else {
        let smoothed = edges == VectorEdges::Smoothed;
        let mut kernel = Each(|window: &Window<'_>| {
            let increase = extended_rate::increase(window, smoothed, is_counter)?;
            Some(if per_second { increase / window.seconds() } else { increase })
        });
        over_time(evaluator, call, 0, grid, false, &mut kernel)?
    };
    if is_counter {
        hint_at_gauges(evaluator, call, &series);
    }
    Ok(Evaluated::Vector(series))
}

/// A metric that has a rate should be a counter, and counters have telling names (or a type label).
fn hint_at_gauges(evaluator: &mut Evaluator<'_>, call: &Call, series: &[Series]) {
    let span = first_arg_span(call);
    for labels in series.iter().map(|series| &series.labels) {
        let Some(name) = labels.metric_name() else { continue };
        if evaluator.options.type_and_unit_labels {
            let kind = labels.get("__type__").unwrap_or_default();
            if kind != "counter" && kind != "histogram" {
                evaluator.annotations.possible_non_counter_label(name, kind, span);
            }
        } else if !["_total", "_sum", "_count", "_bucket"].iter().any(|suffix| name.ends_with(suffix)) {
            evaluator.annotations.possible_non_counter(name, span);
        }
    }
}

struct Extrapolated {
    is_counter: bool,
    per_second: bool,
    /// Positions of samples below the one before.
    resets: Vec<usize>,
    /// How many of them no later window can hold.
    passed: usize,
}

impl Kernel for Extrapolated {
    fn begin(&mut self, _times: &[i64], values: &[f64]) {
        self.passed = 0;
        self.resets.clear();
        if self.is_counter {
            let pairs = values.windows(2).enumerate();
            self.resets.extend(pairs.filter(|(_, pair)| pair[1] < pair[0]).map(|(index, _)| index + 1));
        }
    }

    fn window(&mut self, window: &Window<'_>) -> Option<f64> {
        let (times, values) = (window.times, window.values);
        let last = times.len() - 1;
        if last == 0 {
            return None;
        }
        let mut change = values[last] - values[0];
        while self.resets.get(self.passed).is_some_and(|reset| *reset <= window.first) {
            self.passed += 1;
        }
        for reset in self.resets[self.passed..].iter().take_while(|reset| **reset <= window.first + last) {
            change += values[reset - window.first - 1];
        }
        let factor = extrapolation(window, change, self.is_counter);
        Some(change * if self.per_second { factor / window.seconds() } else { factor })
    }
}

/// By how much the sampled change grows when it is taken to reach to the boundaries.
fn extrapolation(window: &Window<'_>, change: f64, is_counter: bool) -> f64 {
    let (times, values) = (window.times, window.values);
    let last = times.len() - 1;
    let seconds = |from: i64, to: i64| (to - from) as f64 / 1000.0;
    let sampled = seconds(times[0], times[last]);
    let distance = sampled / last as f64;
    let threshold = distance * 1.1;
    let mut to_start = seconds(window.start_ms, times[0]);
    if to_start >= threshold {
        to_start = distance / 2.0;
    }
    if is_counter && change > 0.0 && values[0] >= 0.0 {
        let to_zero = sampled * (values[0] / change);
        if to_zero < to_start {
            to_start = to_zero;
        }
    }
    let mut to_end = seconds(times[last], window.end_ms);
    if to_end >= threshold {
        to_end = distance / 2.0;
    }
    (sampled + to_start + to_end) / sampled
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rate_of(times: &[i64], values: &[f64], start_ms: i64, end_ms: i64) -> Option<f64> {
        let mut kernel = Extrapolated { is_counter: true, per_second: false, resets: Vec::new(), passed: 0 };
        kernel.begin(times, values);
        kernel.window(&Window { times, values, first: 0, start_ms, end_ms, eval_ms: end_ms, step: 0 })
    }

    #[test]
    fn a_full_range_is_extrapolated_to_both_ends() {
        let times: Vec<i64> = (1..=5).map(|i| i * 10_000).collect();
        assert_eq!(rate_of(&times, &[10.0, 20.0, 30.0, 40.0, 50.0], 0, 50_000), Some(50.0));
    }

    #[test]
    fn what_a_reset_lost_is_added() {
        assert_eq!(rate_of(&[0, 10_000, 20_000], &[5.0, 10.0, 5.0], 0, 20_000), Some(10.0));
        assert_eq!(rate_of(&[0], &[5.0], 0, 20_000), None);
    }
}
