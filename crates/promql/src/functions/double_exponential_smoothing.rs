//! `double_exponential_smoothing`: Holt's linear method, a weighted mean that follows a trend.

use crate::eval::error::EvalError;
use crate::eval::grid::Grid;
use crate::eval::node::Call;
use crate::eval::run::Evaluator;
use crate::eval::series::Evaluated;
use crate::eval::window::{Each, Window, over_time};

/// `double_exponential_smoothing(m, smoothing, trend)`, both factors between 0 and 1.
pub(crate) fn double_exponential_smoothing(
    evaluator: &mut Evaluator<'_>,
    call: &Call,
    grid: &Grid,
) -> Result<Evaluated, EvalError> {
    let smoothing = evaluator.scalar(&call.args[1], grid)?;
    let trend = evaluator.scalar(&call.args[2], grid)?;
    let mut invalid = None;
    let mut kernel = Each(|window: &Window<'_>| {
        let (smoothing, trend) = (smoothing[window.step], trend[window.step]);
        for (name, short, factor) in [("trend", "tf", trend), ("smoothing", "sf", smoothing)] {
            if factor <= 0.0 || factor >= 1.0 {
                invalid = Some(format!("invalid {name} factor. Expected: 0 < {short} < 1, got: {factor:.6}"));
            }
        }
        smooth(window.values, smoothing, trend)
    });
    let series = over_time(evaluator, call, 0, grid, false, &mut kernel)?;
    match invalid {
        Some(text) => Err(EvalError::Execution(text)),
        None => Ok(Evaluated::Vector(series)),
    }
}

fn smooth(values: &[f64], smoothing: f64, trend_factor: f64) -> Option<f64> {
    let [first, second, ..] = values else { return None };
    let (mut before, mut level, mut trend) = (0.0, *first, second - first);
    for (index, value) in values.iter().enumerate().skip(1) {
        if index > 1 {
            trend = trend_factor * (level - before) + (1.0 - trend_factor) * trend;
        }
        before = level;
        level = smoothing * value + (1.0 - smoothing) * (level + trend);
    }
    Some(level)
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_straight_line_continues() {
        assert_eq!(super::smooth(&[1.0, 2.0, 3.0, 4.0], 0.5, 0.5), Some(4.0));
        assert_eq!(super::smooth(&[1.0], 0.5, 0.5), None);
    }
}
