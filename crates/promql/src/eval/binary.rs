//! Operators between numbers, and between a number and each element of a vector. Vectors meet in `join`.

use crate::Span;
use crate::ValueType;
use crate::ast::BinaryOp;
use crate::eval::error::EvalError;
use crate::eval::grid::Grid;
use crate::eval::node::Binary;
use crate::eval::run::{Evaluator, wrong_type};
use crate::eval::series::{Evaluated, Series};
use crate::eval::{join, set_operation};

/// Evaluates a binary operation.
pub(crate) fn evaluate(
    evaluator: &mut Evaluator<'_>,
    operation: &Binary,
    span: Span,
    grid: &Grid,
) -> Result<Evaluated, EvalError> {
    let left = evaluator.evaluate(&operation.left, grid)?;
    let right = evaluator.evaluate(&operation.right, grid)?;
    match (left, right) {
        (Evaluated::Scalar(left), Evaluated::Scalar(right)) => {
            let values = left.into_iter().zip(right).map(|(left, right)| number(operation.op, left, right));
            Ok(Evaluated::Scalar(values.collect()))
        }
        (Evaluated::Vector(series), Evaluated::Scalar(numbers)) => {
            Ok(with_numbers(evaluator, operation, span, series, &numbers, false))
        }
        (Evaluated::Scalar(numbers), Evaluated::Vector(series)) => {
            Ok(with_numbers(evaluator, operation, span, series, &numbers, true))
        }
        (Evaluated::Vector(left), Evaluated::Vector(right)) if operation.op.is_set() => {
            let joined = set_operation::apply(operation.op, left, right, &operation.matching, grid.steps)?;
            Ok(Evaluated::Vector(joined))
        }
        (Evaluated::Vector(left), Evaluated::Vector(right)) => {
            join::apply(evaluator, operation, span, left, right, grid.steps).map(Evaluated::Vector)
        }
        _ => Err(wrong_type(ValueType::Vector)),
    }
}

/// The operator between two numbers; a comparison gives 0 or 1.
fn number(op: BinaryOp, left: f64, right: f64) -> f64 {
    match element(op, left, right) {
        Some(value) if op.is_comparison() => f64::from(u8::from(value.1)),
        Some(value) => value.0,
        None => f64::NAN,
    }
}

/// The operator between two elements: the value, and whether the element stays. None for operators that floats do not
/// have.
pub(crate) fn element(op: BinaryOp, left: f64, right: f64) -> Option<(f64, bool)> {
    Some(match op {
        BinaryOp::Add => (left + right, true),
        BinaryOp::Sub => (left - right, true),
        BinaryOp::Mul => (left * right, true),
        BinaryOp::Div => (left / right, true),
        BinaryOp::Mod => (left % right, true),
        BinaryOp::Pow => (power(left, right), true),
        BinaryOp::Atan2 => (left.atan2(right), true),
        BinaryOp::Equal => (left, left == right),
        BinaryOp::NotEqual => (left, left != right),
        BinaryOp::Less => (left, left < right),
        BinaryOp::LessOrEqual => (left, left <= right),
        BinaryOp::Greater => (left, left > right),
        BinaryOp::GreaterOrEqual => (left, left >= right),
        BinaryOp::TrimUpper | BinaryOp::TrimLower | BinaryOp::And | BinaryOp::Or | BinaryOp::Unless => return None,
    })
}

/// Go's `Pow` and C's agree on all special cases; `powf` is C's.
fn power(base: f64, exponent: f64) -> f64 {
    base.powf(exponent)
}

/// Whether the result is another quantity than the operand, so that the name no longer fits.
pub(crate) fn changes_meaning(op: BinaryOp) -> bool {
    matches!(
        op,
        BinaryOp::Add | BinaryOp::Sub | BinaryOp::Mul | BinaryOp::Div | BinaryOp::Mod | BinaryOp::Pow | BinaryOp::Atan2
    )
}

fn with_numbers(
    evaluator: &mut Evaluator<'_>,
    operation: &Binary,
    span: Span,
    mut series: Vec<Series>,
    numbers: &[f64],
    number_is_left: bool,
) -> Evaluated {
    let mut unsupported = false;
    for series in &mut series {
        series.drop_name |= changes_meaning(operation.op) || operation.return_bool;
        series.column.filter_map(|step, value| {
            let (left, right) = if number_is_left { (numbers[step], value) } else { (value, numbers[step]) };
            let Some((result, kept)) = element(operation.op, left, right) else {
                unsupported = true;
                return None;
            };
            match (operation.return_bool, operation.op.is_comparison()) {
                (true, _) => Some(f64::from(u8::from(kept))),
                // A comparison keeps the vector's value, on whichever side it stands.
                (false, true) => kept.then_some(value),
                (false, false) => Some(result),
            }
        });
    }
    if unsupported {
        evaluator.annotations.incompatible_types("float", operation.op.as_str(), "float", span);
    }
    series.retain(|series| !series.column.is_absent());
    Evaluated::Vector(series)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_compare_to_zero_and_one() {
        assert_eq!(number(BinaryOp::Less, 1.0, 2.0), 1.0);
        assert_eq!(number(BinaryOp::Equal, f64::NAN, f64::NAN), 0.0);
        assert_eq!(number(BinaryOp::Mod, -5.0, 3.0), -2.0);
        assert_eq!(number(BinaryOp::Atan2, 0.0, 1.0), 0.0);
    }
}
