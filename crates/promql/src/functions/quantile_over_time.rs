//! `quantile_over_time(φ, m)`: each window sorted, the quantile interpolated.

use crate::eval::error::EvalError;
use crate::eval::grid::Grid;
use crate::eval::node::Call;
use crate::eval::quantile::quantile;
use crate::eval::run::Evaluator;
use crate::eval::series::Evaluated;
use crate::eval::window::{Each, Window, first_arg_span, over_time};

/// `quantile_over_time(φ, m)`
pub(crate) fn quantile_over_time(
    evaluator: &mut Evaluator<'_>,
    call: &Call,
    grid: &Grid,
) -> Result<Evaluated, EvalError> {
    let quantiles = evaluator.scalar(&call.args[0], grid)?;
    let (mut sorted, mut invalid) = (Vec::new(), None);
    let mut kernel = Each(|window: &Window<'_>| {
        let wanted = quantiles[window.step];
        if !(0.0..=1.0).contains(&wanted) {
            invalid = Some(wanted);
        }
        sorted.clear();
        sorted.extend_from_slice(window.values);
        Some(quantile(wanted, &mut sorted))
    });
    let series = over_time(evaluator, call, 1, grid, false, &mut kernel)?;
    if let Some(wanted) = invalid {
        evaluator.annotations.invalid_quantile(wanted, first_arg_span(call));
    }
    Ok(Evaluated::Vector(series))
}
