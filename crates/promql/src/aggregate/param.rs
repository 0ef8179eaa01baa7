//! The parameters of `topk`, `limit_ratio`, `quantile`, …: one a step, checked all at once.

use crate::Span;
use crate::eval::error::EvalError;
use crate::eval::number_text::general;
use crate::eval::run::Evaluator;

fn extremes(values: &[f64]) -> (f64, f64) {
    let smallest = values.iter().copied().fold(f64::INFINITY, f64::min);
    (smallest, values.iter().copied().fold(f64::NEG_INFINITY, f64::max))
}

/// How many series each step may keep; none if no step keeps any.
pub(crate) fn counts(limits: &[f64], series: usize) -> Result<Option<Vec<usize>>, EvalError> {
    let (smallest, largest) = extremes(limits);
    let any_nan = limits.iter().any(|limit| limit.is_nan());
    if largest < 1.0 && !any_nan {
        return Ok(None);
    }
    if any_nan {
        return Err(EvalError::execution("Parameter value is NaN"));
    }
    // The bounds of a 64-bit integer, as floats.
    if smallest <= i64::MIN as f64 {
        return Err(EvalError::Execution(format!("Scalar value {} underflows int64", general(smallest))));
    }
    if largest >= i64::MAX as f64 {
        return Err(EvalError::Execution(format!("Scalar value {} overflows int64", general(largest))));
    }
    Ok(Some(limits.iter().map(|limit| (limit.max(0.0) as usize).min(series)).collect()))
}

/// The share each step keeps, capped to -1 to 1; none if no step keeps any.
pub(crate) fn ratios(evaluator: &mut Evaluator<'_>, ratios: &[f64], span: Span) -> Result<Option<Vec<f64>>, EvalError> {
    let (smallest, largest) = extremes(ratios);
    if smallest == 0.0 && largest == 0.0 {
        return Ok(None);
    }
    if ratios.iter().any(|ratio| ratio.is_nan()) {
        return Err(EvalError::execution("Ratio value is NaN"));
    }
    if largest > 1.0 {
        evaluator.annotations.invalid_ratio(largest, 1.0, span);
    }
    if smallest < -1.0 {
        evaluator.annotations.invalid_ratio(smallest, -1.0, span);
    }
    Ok(Some(ratios.iter().map(|ratio| ratio.clamp(-1.0, 1.0)).collect()))
}

/// Warns of quantiles outside of 0 to 1.
pub(crate) fn check_quantiles(evaluator: &mut Evaluator<'_>, quantiles: &[f64], span: Span) {
    let (smallest, largest) = extremes(quantiles);
    if quantiles.iter().any(|quantile| quantile.is_nan()) {
        evaluator.annotations.invalid_quantile(f64::NAN, span);
    }
    if largest > 1.0 {
        evaluator.annotations.invalid_quantile(largest, span);
    }
    if smallest < 0.0 {
        evaluator.annotations.invalid_quantile(smallest, span);
    }
}
