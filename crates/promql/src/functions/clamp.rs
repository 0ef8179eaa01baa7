//! `clamp`, `clamp_min`, `clamp_max`: values kept within bounds.

use crate::eval::error::EvalError;
use crate::eval::grid::Grid;
use crate::eval::node::Call;
use crate::eval::run::Evaluator;
use crate::eval::series::Evaluated;

/// `clamp(v, min, max)`; nothing at steps where `max < min`.
pub(crate) fn clamp(evaluator: &mut Evaluator<'_>, call: &Call, grid: &Grid) -> Result<Evaluated, EvalError> {
    let low = evaluator.scalar(&call.args[1], grid)?;
    let high = evaluator.scalar(&call.args[2], grid)?;
    between(evaluator, call, grid, |step| (low[step], high[step]))
}

/// `clamp_max(v, max)`
pub(crate) fn clamp_max(evaluator: &mut Evaluator<'_>, call: &Call, grid: &Grid) -> Result<Evaluated, EvalError> {
    let high = evaluator.scalar(&call.args[1], grid)?;
    between(evaluator, call, grid, |step| (f64::NEG_INFINITY, high[step]))
}

/// `clamp_min(v, min)`
pub(crate) fn clamp_min(evaluator: &mut Evaluator<'_>, call: &Call, grid: &Grid) -> Result<Evaluated, EvalError> {
    let low = evaluator.scalar(&call.args[1], grid)?;
    between(evaluator, call, grid, |step| (low[step], f64::INFINITY))
}

fn between(
    evaluator: &mut Evaluator<'_>,
    call: &Call,
    grid: &Grid,
    bounds: impl Fn(usize) -> (f64, f64),
) -> Result<Evaluated, EvalError> {
    let mut series = evaluator.vector(&call.args[0], grid)?;
    for series in &mut series {
        series.drop_name = true;
        series.column.filter_map(|step, value| {
            let (low, high) = bounds(step);
            if high < low { None } else { Some(larger(low, smaller(high, value))) }
        });
    }
    series.retain(|series| !series.column.is_absent());
    Ok(Evaluated::Vector(series))
}

/// The larger of two; NaN if either is.
pub(crate) fn larger(left: f64, right: f64) -> f64 {
    if left.is_nan() || right.is_nan() { f64::NAN } else { left.max(right) }
}

/// The smaller of two; NaN if either is.
pub(crate) fn smaller(left: f64, right: f64) -> f64 {
    if left.is_nan() || right.is_nan() { f64::NAN } else { left.min(right) }
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_nan_bound_gives_nan() {
        assert!(super::larger(f64::NAN, 1.0).is_nan() && super::smaller(1.0, f64::NAN).is_nan());
        assert_eq!((super::larger(1.0, 2.0), super::smaller(1.0, 2.0)), (2.0, 1.0));
    }
}
