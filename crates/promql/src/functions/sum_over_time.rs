//! `sum_over_time`: a compensated sum of each window.

use crate::eval::error::EvalError;
use crate::eval::grid::Grid;
use crate::eval::kahan::KahanSum;
use crate::eval::node::Call;
use crate::eval::run::Evaluator;
use crate::eval::series::Evaluated;
use crate::eval::window::{Each, Window, over_time};

/// `sum_over_time(m)`
pub(crate) fn sum_over_time(evaluator: &mut Evaluator<'_>, call: &Call, grid: &Grid) -> Result<Evaluated, EvalError> {
    let mut kernel = Each(|window: &Window<'_>| {
        let sum = window.values.iter().copied().fold(KahanSum::default(), KahanSum::plus);
        Some(if sum.sum.is_infinite() { sum.sum } else { sum.total() })
    });
    over_time(evaluator, call, 0, grid, false, &mut kernel).map(Evaluated::Vector)
}
