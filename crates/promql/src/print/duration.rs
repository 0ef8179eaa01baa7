//! Durations with their arithmetic.

use crate::ast::DurationExpr;
use std::fmt;

impl fmt::Display for DurationExpr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Literal(number) => write!(f, "{number}"),
            Self::Step(_) => f.write_str("step()"),
            Self::Range(_) => f.write_str("range()"),
            Self::MinOf(sides, _) => write!(f, "min_of({}, {})", sides.0, sides.1),
            Self::MaxOf(sides, _) => write!(f, "max_of({}, {})", sides.0, sides.1),
            Self::Unary(op, expr, _) => write!(f, "{}{expr}", op.as_str()),
            Self::Binary(op, sides) => write!(f, "{} {} {}", sides.0, op.as_str(), sides.1),
            Self::Paren(expr, _) => write!(f, "({expr})"),
        }
    }
}
