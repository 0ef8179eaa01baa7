//! Functions that map each value by itself: `abs`, `ceil`, `ln`, the trigonometric ones, …

use super::Body;
use crate::ValueType;
use crate::eval::error::EvalError;
use crate::eval::grid::Grid;
use crate::eval::node::Call;
use crate::eval::run::{Evaluator, wrong_type};
use crate::eval::series::Evaluated;

/// The body of an elementwise function.
pub(crate) fn body(name: &str) -> Option<Body> {
    Some(match name {
        "abs" => |e, c, g| map(e, c, g, f64::abs),
        "acos" => |e, c, g| map(e, c, g, f64::acos),
        "acosh" => |e, c, g| map(e, c, g, f64::acosh),
        "asin" => |e, c, g| map(e, c, g, f64::asin),
        "asinh" => |e, c, g| map(e, c, g, f64::asinh),
        "atan" => |e, c, g| map(e, c, g, f64::atan),
        "atanh" => |e, c, g| map(e, c, g, f64::atanh),
        "ceil" => |e, c, g| map(e, c, g, f64::ceil),
        "cos" => |e, c, g| map(e, c, g, f64::cos),
        "cosh" => |e, c, g| map(e, c, g, f64::cosh),
        "deg" => |e, c, g| map(e, c, g, |value| value * 180.0 / std::f64::consts::PI),
        "exp" => |e, c, g| map(e, c, g, f64::exp),
        "floor" => |e, c, g| map(e, c, g, f64::floor),
        "ln" => |e, c, g| map(e, c, g, f64::ln),
        "log10" => |e, c, g| map(e, c, g, f64::log10),
        "log2" => |e, c, g| map(e, c, g, f64::log2),
        "rad" => |e, c, g| map(e, c, g, |value| value * std::f64::consts::PI / 180.0),
        "sgn" => |e, c, g| map(e, c, g, sign),
        "sin" => |e, c, g| map(e, c, g, f64::sin),
        "sinh" => |e, c, g| map(e, c, g, f64::sinh),
        "sqrt" => |e, c, g| map(e, c, g, f64::sqrt),
        "tan" => |e, c, g| map(e, c, g, f64::tan),
        "tanh" => |e, c, g| map(e, c, g, f64::tanh),
        _ => return None,
    })
}

/// Zero and NaN are their own sign.
fn sign(value: f64) -> f64 {
    if value < 0.0 {
        -1.0
    } else if value > 0.0 {
        1.0
    } else {
        value
    }
}

/// Maps the values of the first argument; the name goes.
pub(crate) fn map(
    evaluator: &mut Evaluator<'_>,
    call: &Call,
    grid: &Grid,
    change: impl Fn(f64) -> f64,
) -> Result<Evaluated, EvalError> {
    let node = call.args.first().ok_or_else(|| wrong_type(ValueType::Vector))?;
    let mut series = evaluator.vector(node, grid)?;
    for series in &mut series {
        series.drop_name = true;
        series.column.map(|_, value| change(value));
    }
    Ok(Evaluated::Vector(series))
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_sign_of_nothing_is_itself() {
        assert_eq!((super::sign(-3.0), super::sign(0.0), super::sign(9.0)), (-1.0, 0.0, 1.0));
        assert!(super::sign(f64::NAN).is_nan());
    }
}
