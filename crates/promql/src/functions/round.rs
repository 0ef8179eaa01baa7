//! `round(v, to_nearest)`: ties go up.

use crate::eval::error::EvalError;
use crate::eval::grid::Grid;
use crate::eval::node::Call;
use crate::eval::run::Evaluator;
use crate::eval::series::Evaluated;

/// `round(v, to_nearest=1)`
pub(crate) fn round(evaluator: &mut Evaluator<'_>, call: &Call, grid: &Grid) -> Result<Evaluated, EvalError> {
    let nearest = match call.args.get(1) {
        Some(node) => evaluator.scalar(node, grid)?,
        None => vec![1.0; grid.steps],
    };
    let mut series = evaluator.vector(&call.args[0], grid)?;
    for series in &mut series {
        series.drop_name = true;
        series.column.map(|step, value| to_nearest(value, nearest[step]));
    }
    Ok(Evaluated::Vector(series))
}

/// Upstream multiplies by the inverse, which loses less than dividing twice.
fn to_nearest(value: f64, nearest: f64) -> f64 {
    let inverse = 1.0 / nearest;
    (value * inverse + 0.5).floor() / inverse
}

#[cfg(test)]
mod tests {
    use super::to_nearest;

    #[test]
    fn ties_go_up() {
        assert_eq!((to_nearest(2.5, 1.0), to_nearest(-2.5, 1.0), to_nearest(7.3, 5.0)), (3.0, -2.0, 5.0));
    }
}
