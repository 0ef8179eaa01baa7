//! `deriv` and `predict_linear`: the line that fits the samples of a range best (least squares).

use crate::eval::error::EvalError;
use crate::eval::grid::Grid;
use crate::eval::kahan::KahanSum;
use crate::eval::node::Call;
use crate::eval::run::Evaluator;
use crate::eval::series::Evaluated;
use crate::eval::window::{Each, Window, over_time};

/// `deriv(m)`: the slope per second. Times count from the first sample, which keeps the sums small.
pub(crate) fn deriv(evaluator: &mut Evaluator<'_>, call: &Call, grid: &Grid) -> Result<Evaluated, EvalError> {
    let mut kernel = Each(|window: &Window<'_>| {
        let line = fit(window.times, window.values, *window.times.first()?)?;
        Some(line.slope)
    });
    over_time(evaluator, call, 0, grid, false, &mut kernel).map(Evaluated::Vector)
}

/// `predict_linear(m, seconds)`: the value of the line so much after the evaluation time.
pub(crate) fn predict_linear(evaluator: &mut Evaluator<'_>, call: &Call, grid: &Grid) -> Result<Evaluated, EvalError> {
    let ahead = evaluator.scalar(&call.args[1], grid)?;
    let mut kernel = Each(|window: &Window<'_>| {
        let line = fit(window.times, window.values, window.eval_ms)?;
        Some(line.slope * ahead[window.step] + line.intercept)
    });
    over_time(evaluator, call, 0, grid, false, &mut kernel).map(Evaluated::Vector)
}

/// A line: its slope per second and its value at the time it was fitted for.
struct Line {
    slope: f64,
    intercept: f64,
}

/// None for fewer than two samples.
fn fit(times: &[i64], values: &[f64], origin_ms: i64) -> Option<Line> {
    let (initial, rest) = values.split_first()?;
    if rest.is_empty() {
        return None;
    }
    if rest.iter().all(|value| value == initial) {
        let nan = Line { slope: f64::NAN, intercept: f64::NAN };
        return Some(if initial.is_infinite() { nan } else { Line { slope: 0.0, intercept: *initial } });
    }
    let [mut x_sum, mut y_sum, mut xy_sum, mut xx_sum] = [KahanSum::default(); 4];
    for (time_ms, y) in times.iter().zip(values) {
        let x = (time_ms - origin_ms) as f64 / 1e3;
        x_sum = x_sum.plus(x);
        y_sum = y_sum.plus(*y);
        xy_sum = xy_sum.plus(x * y);
        xx_sum = xx_sum.plus(x * x);
    }
    let n = values.len() as f64;
    let [x_sum, y_sum, xy_sum, xx_sum] = [x_sum, y_sum, xy_sum, xx_sum].map(KahanSum::total);
    let covariance = xy_sum - x_sum * y_sum / n;
    let variance = xx_sum - x_sum * x_sum / n;
    let slope = covariance / variance;
    Some(Line { slope, intercept: y_sum / n - slope * x_sum / n })
}

#[cfg(test)]
mod tests {
    use super::fit;

    #[test]
    fn points_on_a_line_give_the_line() {
        let line = fit(&[0, 1000, 2000], &[1.0, 3.0, 5.0], 0).unwrap();
        assert_eq!((line.slope, line.intercept), (2.0, 1.0));
        let flat = fit(&[0, 1000], &[7.0, 7.0], 5000).unwrap();
        assert_eq!((flat.slope, flat.intercept), (0.0, 7.0));
        assert!(fit(&[0], &[7.0], 0).is_none());
    }
}
