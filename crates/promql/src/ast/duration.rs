//! Arithmetic on durations: `[5m*2]`, `offset (1m+step())`, `[max_of(step(), 1m)]`.
//!
//! Upstream computes in seconds as floats and cuts to milliseconds at the end; so do we, to agree in every digit.

use super::{NumberLiteral, Span, UnaryOp};
use thiserror::Error;

/// An operator between two durations.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DurationOp {
    /// `+`
    Add,
    /// `-`
    Sub,
    /// `*`
    Mul,
    /// `/`
    Div,
    /// `%`
    Mod,
    /// `^`
    Pow,
}

impl DurationOp {
    /// The operator as it is written.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Add => "+",
            Self::Sub => "-",
            Self::Mul => "*",
            Self::Div => "/",
            Self::Mod => "%",
            Self::Pow => "^",
        }
    }
}

/// A duration, known at once or only when the query runs.
#[derive(Clone, Debug, PartialEq)]
pub enum DurationExpr {
    /// `5m`, `300`, `-5m`
    Literal(NumberLiteral),
    /// `step()`: the query's step, zero in an instant query.
    Step(Span),
    /// `range()`: from the query's start to its end, zero in an instant query.
    Range(Span),
    /// `min_of(a, b)`
    MinOf(Box<(DurationExpr, DurationExpr)>, Span),
    /// `max_of(a, b)`
    MaxOf(Box<(DurationExpr, DurationExpr)>, Span),
    /// `-step()`
    Unary(UnaryOp, Box<DurationExpr>, Span),
    /// `5m * 2`
    Binary(DurationOp, Box<(DurationExpr, DurationExpr)>),
    /// `(5m + 1m)`
    Paren(Box<DurationExpr>, Span),
}

/// What a duration may depend on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DurationContext {
    /// The step of the query; zero in an instant query.
    pub step_ms: i64,
    /// From the query's start to its end.
    pub range_ms: i64,
}

/// A duration that makes no sense once computed.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{}:{}: {message}", span.start, span.end)]
pub struct DurationError {
    /// Where the expression is written.
    pub span: Span,
    /// What is wrong.
    pub message: &'static str,
}

/// Upstream keeps durations as nanoseconds in 64 bits.
pub(crate) const DURATION_SECONDS_MAX: f64 = i64::MAX as f64 / 1e9;

impl DurationExpr {
    /// The bytes it was written in.
    pub fn span(&self) -> Span {
        match self {
            Self::Literal(number) => number.span,
            Self::Step(span)
            | Self::Range(span)
            | Self::MinOf(_, span)
            | Self::MaxOf(_, span)
            | Self::Unary(_, _, span)
            | Self::Paren(_, span) => *span,
            Self::Binary(_, sides) => sides.0.span().to(sides.1.span()),
        }
    }

    /// The duration in milliseconds. A range or a step must be positive; an offset may have either sign.
    pub fn resolve_ms(&self, context: &DurationContext, allow_negative: bool) -> Result<i64, DurationError> {
        if let Self::Literal(number) = self {
            // A literal has passed the parser's checks; upstream rounds it to nanoseconds, then cuts.
            return Ok(((number.value * 1e9).round() as i64) / 1_000_000);
        }
        let seconds = self.seconds(context)?;
        let error = |message| Err(DurationError { span: self.span(), message });
        if !seconds.is_finite() {
            return error("duration is NaN or infinite");
        }
        if seconds <= 0.0 && !allow_negative {
            return error("duration must be greater than 0");
        }
        if seconds.abs() > DURATION_SECONDS_MAX {
            return error("duration is out of range");
        }
        Ok((seconds * 1000.0) as i64)
    }

    fn seconds(&self, context: &DurationContext) -> Result<f64, DurationError> {
        Ok(match self {
            Self::Literal(number) => number.value,
            Self::Step(_) => context.step_ms as f64 / 1000.0,
            Self::Range(_) => context.range_ms as f64 / 1000.0,
            Self::MinOf(sides, _) => sides.0.seconds(context)?.min(sides.1.seconds(context)?),
            Self::MaxOf(sides, _) => sides.0.seconds(context)?.max(sides.1.seconds(context)?),
            Self::Unary(UnaryOp::Minus, expr, _) => -expr.seconds(context)?,
            Self::Unary(UnaryOp::Plus, expr, _) | Self::Paren(expr, _) => expr.seconds(context)?,
            Self::Binary(op, sides) => {
                let (left, right) = (sides.0.seconds(context)?, sides.1.seconds(context)?);
                match op {
                    DurationOp::Add => left + right,
                    DurationOp::Sub => left - right,
                    DurationOp::Mul => left * right,
                    DurationOp::Pow => left.powf(right),
                    DurationOp::Div if right == 0.0 => return self.refuse("division by zero"),
                    DurationOp::Mod if right == 0.0 => return self.refuse("modulo by zero"),
                    DurationOp::Div => left / right,
                    DurationOp::Mod => left % right,
                }
            }
        })
    }

    fn refuse(&self, message: &'static str) -> Result<f64, DurationError> {
        Err(DurationError { span: self.span(), message })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn literal(value: f64) -> DurationExpr {
        DurationExpr::Literal(NumberLiteral { value, is_duration: false, span: Span::default() })
    }

    #[test]
    fn durations_follow_the_step_and_the_range() {
        let context = DurationContext { step_ms: 15_000, range_ms: 3_600_000 };
        let step = DurationExpr::Step(Span::default());
        let twice = DurationExpr::Binary(DurationOp::Mul, Box::new((step, literal(2.0))));
        assert_eq!(twice.resolve_ms(&context, false), Ok(30_000));
        let minus = DurationExpr::Unary(UnaryOp::Minus, Box::new(twice), Span::default());
        assert_eq!(minus.resolve_ms(&context, true), Ok(-30_000));
        assert!(minus.resolve_ms(&context, false).is_err());
        assert_eq!(literal(0.25).resolve_ms(&context, false), Ok(250));
    }

    #[test]
    fn dividing_by_a_step_of_zero_is_refused() {
        let context = DurationContext { step_ms: 0, range_ms: 0 };
        let sides = Box::new((literal(1.0), DurationExpr::Step(Span::default())));
        let error = DurationExpr::Binary(DurationOp::Div, sides).resolve_ms(&context, false).unwrap_err();
        assert_eq!(error.message, "division by zero");
    }
}
