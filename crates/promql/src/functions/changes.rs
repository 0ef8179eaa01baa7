//! `changes` and `resets`: how often neighbouring samples of a range differ, or fall.
//!
//! The events before each position are counted once a series; a window is the difference of two counts.

use crate::ast::VectorEdges;
use crate::eval::error::EvalError;
use crate::eval::grid::Grid;
use crate::eval::node::{Call, NodeKind};
use crate::eval::run::Evaluator;
use crate::eval::series::Evaluated;
use crate::eval::window::{Kernel, Window, over_time};

/// `changes(m)`; NaN after NaN is no change.
pub(crate) fn changes(evaluator: &mut Evaluator<'_>, call: &Call, grid: &Grid) -> Result<Evaluated, EvalError> {
    count(evaluator, call, grid, |before, after| after != before && !(after.is_nan() && before.is_nan()))
}

/// `resets(m)`
pub(crate) fn resets(evaluator: &mut Evaluator<'_>, call: &Call, grid: &Grid) -> Result<Evaluated, EvalError> {
    count(evaluator, call, grid, |before, after| after < before)
}

fn count(
    evaluator: &mut Evaluator<'_>,
    call: &Call,
    grid: &Grid,
    is_event: fn(f64, f64) -> bool,
) -> Result<Evaluated, EvalError> {
    let anchored = match call.args.first().map(|arg| &arg.kind) {
        Some(NodeKind::Range(selector)) => selector.edges == VectorEdges::Anchored,
        _ => false,
    };
    let mut kernel = Events { is_event, anchored, before: Vec::new() };
    over_time(evaluator, call, 0, grid, false, &mut kernel).map(Evaluated::Vector)
}

struct Events {
    is_event: fn(f64, f64) -> bool,
    anchored: bool,
    /// For each position, the events up to and including it.
    before: Vec<u32>,
}

impl Kernel for Events {
    fn begin(&mut self, _times: &[i64], values: &[f64]) {
        self.before.clear();
        let mut events = 0;
        for (position, value) in values.iter().enumerate() {
            if position > 0 && (self.is_event)(values[position - 1], *value) {
                events += 1;
            }
            self.before.push(events);
        }
    }

    fn window(&mut self, window: &Window<'_>) -> Option<f64> {
        let mut first = 0;
        if self.anchored {
            // The newest sample at or before the range's start is the one to compare with.
            let inside = window.times.partition_point(|time| *time <= window.start_ms);
            if inside == window.times.len() {
                return None;
            }
            first = inside.saturating_sub(1);
        }
        let last = window.first + window.times.len() - 1;
        Some(f64::from(self.before[last] - self.before[window.first + first]))
    }
}
