//! One sample of a range, its time, or how many there are.

use crate::eval::error::EvalError;
use crate::eval::grid::Grid;
use crate::eval::node::Call;
use crate::eval::run::Evaluator;
use crate::eval::series::Evaluated;
use crate::eval::window::{Each, Window, over_time};

fn each(
    evaluator: &mut Evaluator<'_>,
    call: &Call,
    grid: &Grid,
    keep_name: bool,
    choose: fn(&Window<'_>) -> Option<f64>,
) -> Result<Evaluated, EvalError> {
    over_time(evaluator, call, 0, grid, keep_name, &mut Each(choose)).map(Evaluated::Vector)
}

/// `count_over_time(m)`
pub(crate) fn count_over_time(e: &mut Evaluator<'_>, call: &Call, grid: &Grid) -> Result<Evaluated, EvalError> {
    each(e, call, grid, false, |window| Some(window.values.len() as f64))
}

/// `present_over_time(m)`: 1 wherever there is any sample.
pub(crate) fn present_over_time(e: &mut Evaluator<'_>, call: &Call, grid: &Grid) -> Result<Evaluated, EvalError> {
    each(e, call, grid, false, |_| Some(1.0))
}

/// `first_over_time(m)`: the same quantity at another time, so that the name stays.
pub(crate) fn first_over_time(e: &mut Evaluator<'_>, call: &Call, grid: &Grid) -> Result<Evaluated, EvalError> {
    each(e, call, grid, true, |window| window.values.first().copied())
}

/// `last_over_time(m)`: the same quantity at another time, so that the name stays.
pub(crate) fn last_over_time(e: &mut Evaluator<'_>, call: &Call, grid: &Grid) -> Result<Evaluated, EvalError> {
    each(e, call, grid, true, |window| window.values.last().copied())
}

/// `ts_of_first_over_time(m)`: seconds since the epoch.
pub(crate) fn ts_of_first_over_time(e: &mut Evaluator<'_>, call: &Call, g: &Grid) -> Result<Evaluated, EvalError> {
    each(e, call, g, false, |window| window.times.first().map(|time| *time as f64 / 1000.0))
}

/// `ts_of_last_over_time(m)`: seconds since the epoch.
pub(crate) fn ts_of_last_over_time(e: &mut Evaluator<'_>, call: &Call, g: &Grid) -> Result<Evaluated, EvalError> {
    each(e, call, g, false, |window| window.times.last().map(|time| *time as f64 / 1000.0))
}
