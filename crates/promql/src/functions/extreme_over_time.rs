//! `max_over_time`, `min_over_time` and the times of those extremes.
//!
//! A monotonic queue: positions whose values could still become the extreme of a later window. A new sample drives out
//! all that it beats; the front leaves when the window has passed it. Each sample enters and leaves once.

use crate::eval::error::EvalError;
use crate::eval::grid::Grid;
use crate::eval::node::Call;
use crate::eval::run::Evaluator;
use crate::eval::series::Evaluated;
use crate::eval::window::{Kernel, Window, over_time};
use std::collections::VecDeque;

/// `max_over_time(m)`; NaN only if all values are.
pub(crate) fn max_over_time(e: &mut Evaluator<'_>, call: &Call, grid: &Grid) -> Result<Evaluated, EvalError> {
    extreme(e, call, grid, |new, old| new > old, false)
}

/// `min_over_time(m)`; NaN only if all values are.
pub(crate) fn min_over_time(e: &mut Evaluator<'_>, call: &Call, grid: &Grid) -> Result<Evaluated, EvalError> {
    extreme(e, call, grid, |new, old| new < old, false)
}

/// `ts_of_max_over_time(m)`: when the maximum was last reached.
pub(crate) fn ts_of_max_over_time(e: &mut Evaluator<'_>, call: &Call, grid: &Grid) -> Result<Evaluated, EvalError> {
    extreme(e, call, grid, |new, old| new >= old, true)
}

/// `ts_of_min_over_time(m)`: when the minimum was last reached.
pub(crate) fn ts_of_min_over_time(e: &mut Evaluator<'_>, call: &Call, grid: &Grid) -> Result<Evaluated, EvalError> {
    extreme(e, call, grid, |new, old| new <= old, true)
}

fn extreme(
    evaluator: &mut Evaluator<'_>,
    call: &Call,
    grid: &Grid,
    beats: fn(f64, f64) -> bool,
    time: bool,
) -> Result<Evaluated, EvalError> {
    let mut kernel = Queue { beats, time, positions: VecDeque::new(), taken: 0 };
    over_time(evaluator, call, 0, grid, false, &mut kernel).map(Evaluated::Vector)
}

struct Queue {
    beats: fn(f64, f64) -> bool,
    time: bool,
    /// Positions in the series with their values; the extreme is in front.
    positions: VecDeque<(usize, f64)>,
    /// Every position below has been looked at.
    taken: usize,
}

impl Kernel for Queue {
    fn begin(&mut self, _times: &[i64], _values: &[f64]) {
        self.positions.clear();
        self.taken = 0;
    }

    fn window(&mut self, window: &Window<'_>) -> Option<f64> {
        while self.positions.front().is_some_and(|(position, _)| *position < window.first) {
            self.positions.pop_front();
        }
        let end = window.first + window.values.len();
        for position in self.taken.max(window.first)..end {
            let value = window.values[position - window.first];
            // A NaN is beaten by anything, another NaN included only where the last one counts.
            let loses = |old: f64| (self.beats)(value, old) || (old.is_nan() && (self.time || !value.is_nan()));
            while self.positions.back().is_some_and(|(_, old)| loses(*old)) {
                self.positions.pop_back();
            }
            self.positions.push_back((position, value));
        }
        self.taken = end;
        // NaN in front of a number cannot be: the number would have driven it out. Behind it waits for its turn.
        let (position, value) = *self.positions.front()?;
        Some(if self.time { window.times[position - window.first] as f64 / 1000.0 } else { value })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_front_is_the_extreme_of_each_window() {
        let values = [3.0, f64::NAN, 1.0, 2.0, f64::NAN, 2.0];
        let times: Vec<i64> = (0..6).map(|second| second * 1000).collect();
        let run = |beats: fn(f64, f64) -> bool, time| {
            let mut queue = Queue { beats, time, positions: VecDeque::new(), taken: 0 };
            queue.begin(&times, &values);
            let window = |first: usize, end: usize| Window {
                times: &times[first..end],
                values: &values[first..end],
                first,
                start_ms: 0,
                end_ms: 0,
                eval_ms: 0,
                step: 0,
            };
            [(0, 2), (1, 4), (2, 6)].map(|(first, end)| queue.window(&window(first, end)).unwrap())
        };
        assert_eq!(run(|new, old| new > old, false), [3.0, 2.0, 2.0]);
        assert_eq!(run(|new, old| new < old, false), [3.0, 1.0, 1.0]);
        assert_eq!(run(|new, old| new >= old, true), [0.0, 3.0, 5.0]);
    }
}
