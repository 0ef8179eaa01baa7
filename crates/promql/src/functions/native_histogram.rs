//! Functions of what only some samples have: native histograms and start timestamps. Floats have neither, so that the
//! result is empty.

use crate::eval::error::EvalError;
use crate::eval::grid::Grid;
use crate::eval::node::Call;
use crate::eval::run::Evaluator;
use crate::eval::series::Evaluated;

/// The result for a vector of floats.
pub(crate) fn of_floats(evaluator: &mut Evaluator<'_>, call: &Call, grid: &Grid) -> Result<Evaluated, EvalError> {
    for arg in &call.args {
        evaluator.evaluate(arg, grid)?;
    }
    Ok(Evaluated::Vector(Vec::new()))
}
