//! `irate` and `idelta`: the change between the last two samples of a range.

use crate::eval::error::EvalError;
use crate::eval::grid::Grid;
use crate::eval::node::Call;
use crate::eval::run::Evaluator;
use crate::eval::series::Evaluated;
use crate::eval::window::{Each, Window, over_time};

/// `irate(m)`: per second; after a reset, the counter has grown from zero.
pub(crate) fn irate(evaluator: &mut Evaluator<'_>, call: &Call, grid: &Grid) -> Result<Evaluated, EvalError> {
    let mut kernel = Each(|window: &Window<'_>| {
        let (seconds, before, after) = last_two(window)?;
        Some(if after < before { after } else { after - before } / seconds)
    });
    over_time(evaluator, call, 0, grid, false, &mut kernel).map(Evaluated::Vector)
}

/// `idelta(m)`
pub(crate) fn idelta(evaluator: &mut Evaluator<'_>, call: &Call, grid: &Grid) -> Result<Evaluated, EvalError> {
    let mut kernel = Each(|window: &Window<'_>| last_two(window).map(|(_, before, after)| after - before));
    over_time(evaluator, call, 0, grid, false, &mut kernel).map(Evaluated::Vector)
}

/// The seconds between the last two samples, and their values.
fn last_two(window: &Window<'_>) -> Option<(f64, f64, f64)> {
    let last = window.times.len().checked_sub(1)?;
    let before = last.checked_sub(1)?;
    let seconds = (window.times[last] - window.times[before]) as f64 / 1000.0;
    Some((seconds, window.values[before], window.values[last]))
}
