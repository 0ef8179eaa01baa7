//! `avg_over_time`: the mean of each window, exact where the sum would overflow.

use crate::eval::error::EvalError;
use crate::eval::grid::Grid;
use crate::eval::kahan::RunningMean;
use crate::eval::node::Call;
use crate::eval::run::Evaluator;
use crate::eval::series::Evaluated;
use crate::eval::window::{Each, Window, over_time};

/// `avg_over_time(m)`
pub(crate) fn avg_over_time(evaluator: &mut Evaluator<'_>, call: &Call, grid: &Grid) -> Result<Evaluated, EvalError> {
    let mut kernel = Each(|window: &Window<'_>| {
        let (first, rest) = window.values.split_first()?;
        let mut mean = RunningMean::of(*first);
        rest.iter().for_each(|value| mean.add(*value));
        Some(mean.mean())
    });
    over_time(evaluator, call, 0, grid, false, &mut kernel).map(Evaluated::Vector)
}
