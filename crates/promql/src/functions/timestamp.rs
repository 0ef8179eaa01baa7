//! `timestamp(v)`: when the sample was taken; of a computed vector, the evaluation time.

use crate::ValueType;
use crate::eval::error::EvalError;
use crate::eval::grid::Grid;
use crate::eval::instant_selector::sample_times;
use crate::eval::node::{Call, NodeKind};
use crate::eval::run::{Evaluator, wrong_type};
use crate::eval::series::Evaluated;

/// `timestamp(v)`
pub(crate) fn timestamp(evaluator: &mut Evaluator<'_>, call: &Call, grid: &Grid) -> Result<Evaluated, EvalError> {
    let argument = call.args.first().ok_or_else(|| wrong_type(ValueType::Vector))?;
    let mut series = match &argument.kind {
        NodeKind::Instant(selector) => match sample_times(evaluator, selector, grid)? {
            Evaluated::Vector(series) => series,
            _ => return Err(wrong_type(ValueType::Vector)),
        },
        _ => {
            let mut series = evaluator.vector(argument, grid)?;
            for series in &mut series {
                series.column.map(|step, _| grid.time_ms(step) as f64 / 1000.0);
            }
            series
        }
    };
    for series in &mut series {
        series.drop_name = true;
    }
    Ok(Evaluated::Vector(series))
}
