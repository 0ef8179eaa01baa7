//! Between numbers and vectors: `scalar`, `vector`, `time`, `pi`, `max_of`, `min_of`.

use super::clamp::{larger, smaller};
use crate::eval::error::EvalError;
use crate::eval::grid::Grid;
use crate::eval::node::Call;
use crate::eval::run::Evaluator;
use crate::eval::series::{Column, Evaluated, Series};
use lgtm_model::Labels;

/// `time()`: the evaluation time in seconds.
pub(crate) fn time(_: &mut Evaluator<'_>, _: &Call, grid: &Grid) -> Result<Evaluated, EvalError> {
    Ok(Evaluated::Scalar(grid.times_ms().map(|time| time as f64 / 1000.0).collect()))
}

/// `pi()`
pub(crate) fn pi(_: &mut Evaluator<'_>, _: &Call, grid: &Grid) -> Result<Evaluated, EvalError> {
    Ok(Evaluated::Scalar(vec![std::f64::consts::PI; grid.steps]))
}

/// `vector(s)`: one element without labels.
pub(crate) fn vector(evaluator: &mut Evaluator<'_>, call: &Call, grid: &Grid) -> Result<Evaluated, EvalError> {
    let numbers = evaluator.scalar(&call.args[0], grid)?;
    let mut column = Column::absent(grid.steps);
    for (step, number) in numbers.into_iter().enumerate() {
        column.set(step, number);
    }
    Ok(Evaluated::Vector(vec![Series { labels: Labels::empty(), drop_name: false, column }]))
}

/// `scalar(v)`: the value of the only element, NaN unless there is exactly one.
pub(crate) fn scalar(evaluator: &mut Evaluator<'_>, call: &Call, grid: &Grid) -> Result<Evaluated, EvalError> {
    let (mut values, mut found) = (vec![f64::NAN; grid.steps], vec![0_u8; grid.steps]);
    for series in evaluator.vector(&call.args[0], grid)? {
        for (step, value) in series.column.present() {
            values[step] = if found[step] == 0 { value } else { f64::NAN };
            found[step] = 1;
        }
    }
    Ok(Evaluated::Scalar(values))
}

/// `max_of(a, b)`
pub(crate) fn max_of(evaluator: &mut Evaluator<'_>, call: &Call, grid: &Grid) -> Result<Evaluated, EvalError> {
    pairwise(
        evaluator,
        call,
        grid,
        |a, b| if a == f64::INFINITY || b == f64::INFINITY { f64::INFINITY } else { larger(a, b) },
    )
}

/// `min_of(a, b)`
pub(crate) fn min_of(evaluator: &mut Evaluator<'_>, call: &Call, grid: &Grid) -> Result<Evaluated, EvalError> {
    pairwise(evaluator, call, grid, |a, b| {
        if a == f64::NEG_INFINITY || b == f64::NEG_INFINITY { f64::NEG_INFINITY } else { smaller(a, b) }
    })
}

fn pairwise(
    evaluator: &mut Evaluator<'_>,
    call: &Call,
    grid: &Grid,
    choose: fn(f64, f64) -> f64,
) -> Result<Evaluated, EvalError> {
    let left = evaluator.scalar(&call.args[0], grid)?;
    let right = evaluator.scalar(&call.args[1], grid)?;
    Ok(Evaluated::Scalar(left.into_iter().zip(right).map(|(left, right)| choose(left, right)).collect()))
}
