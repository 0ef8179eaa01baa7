//! `avg_over_time`: the mean of each window, right even where the sum would overflow.

use crate::eval::error::EvalError;
use crate::eval::grid::Grid;
use crate::eval::kahan::RunningMean;
use crate::eval::node::Call;
use crate::eval::run::Evaluator;
use crate::eval::series::Evaluated;
use crate::eval::sliding_sum::SlidingSum;
use crate::eval::window::{Kernel, Window, over_time};

struct Average(SlidingSum);

impl Kernel for Average {
    fn begin(&mut self, _times: &[i64], _values: &[f64]) {
        self.0.begin();
    }

    fn window(&mut self, window: &Window<'_>) -> Option<f64> {
        let sum = self.0.sum(window);
        if sum.total().is_finite() {
            let count = window.values.len() as f64;
            return Some(sum.sum / count + sum.lost / count);
        }
        let (first, rest) = window.values.split_first()?;
        let mut mean = RunningMean::of(*first);
        rest.iter().for_each(|value| mean.add(*value));
        Some(mean.mean())
    }
}

/// `avg_over_time(m)`
pub(crate) fn avg_over_time(evaluator: &mut Evaluator<'_>, call: &Call, grid: &Grid) -> Result<Evaluated, EvalError> {
    over_time(evaluator, call, 0, grid, false, &mut Average(SlidingSum::default())).map(Evaluated::Vector)
}
