//! `sum_over_time`: a compensated sum of each window.

use crate::eval::error::EvalError;
use crate::eval::grid::Grid;
use crate::eval::node::Call;
use crate::eval::run::Evaluator;
use crate::eval::series::Evaluated;
use crate::eval::sliding_sum::SlidingSum;
use crate::eval::window::{Kernel, Window, over_time};

struct Sum(SlidingSum);

impl Kernel for Sum {
    fn begin(&mut self, _times: &[i64], _values: &[f64]) {
        self.0.begin();
    }

    fn window(&mut self, window: &Window<'_>) -> Option<f64> {
        let sum = self.0.sum(window);
        Some(if sum.sum.is_infinite() { sum.sum } else { sum.total() })
    }
}

/// `sum_over_time(m)`
pub(crate) fn sum_over_time(evaluator: &mut Evaluator<'_>, call: &Call, grid: &Grid) -> Result<Evaluated, EvalError> {
    over_time(evaluator, call, 0, grid, false, &mut Sum(SlidingSum::default())).map(Evaluated::Vector)
}
