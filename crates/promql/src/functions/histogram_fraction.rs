//! `histogram_fraction(lower, upper, buckets)` of classic histograms: the share of observations between two values.

use super::classic_buckets::{fraction, histograms};
use crate::eval::error::EvalError;
use crate::eval::grid::Grid;
use crate::eval::node::Call;
use crate::eval::run::Evaluator;
use crate::eval::series::{Column, Evaluated, Series};

/// `histogram_fraction(lower, upper, buckets)`
pub(crate) fn histogram_fraction(
    evaluator: &mut Evaluator<'_>,
    call: &Call,
    grid: &Grid,
) -> Result<Evaluated, EvalError> {
    let lower = evaluator.scalar(&call.args[0], grid)?;
    let upper = evaluator.scalar(&call.args[1], grid)?;
    let series = evaluator.vector(&call.args[2], grid)?;
    let mut output = Vec::new();
    for histogram in histograms(evaluator, &series, call.args[2].span) {
        evaluator.check_canceled()?;
        evaluator.reserve(grid.steps)?;
        let mut column = Column::absent(grid.steps);
        for step in 0..grid.steps {
            let buckets = histogram.buckets(&series, step);
            if !buckets.is_empty() {
                column.set(step, fraction(lower[step], upper[step], &buckets));
            }
        }
        if !column.is_absent() {
            output.push(Series { labels: histogram.labels, drop_name: true, column });
        }
    }
    Ok(Evaluated::Vector(output))
}
