//! `mad_over_time`: the median distance from the median.

use crate::eval::error::EvalError;
use crate::eval::grid::Grid;
use crate::eval::node::Call;
use crate::eval::quantile::quantile;
use crate::eval::run::Evaluator;
use crate::eval::series::Evaluated;
use crate::eval::window::{Each, Window, over_time};

/// `mad_over_time(m)`; NaN if any value is.
pub(crate) fn mad_over_time(evaluator: &mut Evaluator<'_>, call: &Call, grid: &Grid) -> Result<Evaluated, EvalError> {
    let mut sorted = Vec::new();
    let mut kernel = Each(|window: &Window<'_>| {
        if window.values.iter().any(|value| value.is_nan()) {
            return Some(f64::NAN);
        }
        sorted.clear();
        sorted.extend_from_slice(window.values);
        let median = quantile(0.5, &mut sorted);
        sorted.iter_mut().for_each(|value| *value = (*value - median).abs());
        Some(quantile(0.5, &mut sorted))
    });
    over_time(evaluator, call, 0, grid, false, &mut kernel).map(Evaluated::Vector)
}
