//! `stddev_over_time` and `stdvar_over_time`: the population's, by Welford's method with compensated sums.

use crate::eval::error::EvalError;
use crate::eval::grid::Grid;
use crate::eval::kahan::KahanSum;
use crate::eval::node::Call;
use crate::eval::run::Evaluator;
use crate::eval::series::Evaluated;
use crate::eval::window::{Each, Window, over_time};

/// `stddev_over_time(m)`
pub(crate) fn stddev_over_time(e: &mut Evaluator<'_>, call: &Call, grid: &Grid) -> Result<Evaluated, EvalError> {
    let mut kernel = Each(|window: &Window<'_>| Some(variance(window.values).sqrt()));
    over_time(e, call, 0, grid, false, &mut kernel).map(Evaluated::Vector)
}

/// `stdvar_over_time(m)`
pub(crate) fn stdvar_over_time(e: &mut Evaluator<'_>, call: &Call, grid: &Grid) -> Result<Evaluated, EvalError> {
    let mut kernel = Each(|window: &Window<'_>| Some(variance(window.values)));
    over_time(e, call, 0, grid, false, &mut kernel).map(Evaluated::Vector)
}

fn variance(values: &[f64]) -> f64 {
    let (mut count, mut mean, mut squares) = (0.0, KahanSum::default(), KahanSum::default());
    for value in values {
        count += 1.0;
        let distance = value - mean.total();
        mean = mean.plus(distance / count);
        squares = squares.plus(distance * (value - mean.total()));
    }
    squares.total() / count
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_variance_is_that_of_the_population() {
        assert_eq!(super::variance(&[1.0, 3.0]), 1.0);
        assert_eq!(super::variance(&[5.0]), 0.0);
    }
}
