//! What a PromQL text means: a tree whose every node remembers the bytes it was written in.
//!
//! The tree keeps what was written (parentheses, `5m` against `300`), so that printing gives the query back. It holds
//! nothing of evaluation: durations that depend on the step stay expressions until [`DurationExpr::resolve_ms`].

mod aggregate;
mod binary;
mod duration;
mod selector;
mod span;
mod walk;

pub use aggregate::{Aggregate, AggregateOp};
pub use binary::{Binary, BinaryOp, Cardinality, VectorMatching};
pub(crate) use duration::DURATION_SECONDS_MAX;
pub use duration::{DurationContext, DurationError, DurationExpr, DurationOp};
pub use selector::{At, MatrixSelector, Subquery, VectorEdges, VectorSelector};
pub use span::Span;

use crate::signature::Signature;
use std::fmt;

/// The four types an expression evaluates to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ValueType {
    /// One number at each step.
    Scalar,
    /// One value a series at each step.
    Vector,
    /// A range of samples a series at each step.
    Matrix,
    /// A text.
    String,
}

impl ValueType {
    /// The name in the HTTP API's `resultType`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Scalar => "scalar",
            Self::Vector => "vector",
            Self::Matrix => "matrix",
            Self::String => "string",
        }
    }

    /// The name the documentation and error messages use.
    pub fn documented(self) -> &'static str {
        match self {
            Self::Scalar => "scalar",
            Self::Vector => "instant vector",
            Self::Matrix => "range vector",
            Self::String => "string",
        }
    }
}

impl fmt::Display for ValueType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A number, perhaps written as a duration: `5m` is 300 with `is_duration`.
#[derive(Clone, Debug, PartialEq)]
pub struct NumberLiteral {
    /// The value; of a duration, in seconds.
    pub value: f64,
    /// Written with units, and printed with them.
    pub is_duration: bool,
    /// Where it was written, its sign included.
    pub span: Span,
}

/// A quoted text, unescaped.
#[derive(Clone, Debug, PartialEq)]
pub struct StringLiteral {
    /// The text without quotes and escapes.
    pub value: String,
    /// Where it was written, quotes included.
    pub span: Span,
}

/// The sign in front of an expression that is not a literal number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum UnaryOp {
    /// `+`, which changes nothing, not even the metric name.
    Plus,
    /// `-`
    Minus,
}

/// A signed expression.
#[derive(Clone, Debug, PartialEq)]
pub struct Unary {
    /// The sign.
    pub op: UnaryOp,
    /// A scalar or a vector.
    pub expr: Expr,
    /// From the sign to the end of the expression.
    pub span: Span,
}

/// A call of a function.
#[derive(Clone, Debug, PartialEq)]
pub struct Call {
    /// Which function, with its types.
    pub function: &'static Signature,
    /// Its arguments, whose number and types the checker has verified.
    pub args: Vec<Expr>,
    /// From the name to the closing parenthesis.
    pub span: Span,
}

/// An expression in parentheses.
#[derive(Clone, Debug, PartialEq)]
pub struct Paren {
    /// What is inside.
    pub expr: Expr,
    /// Both parentheses included.
    pub span: Span,
}

/// A PromQL expression.
#[derive(Clone, Debug, PartialEq)]
pub enum Expr {
    /// `1.5`, `0x1f`, `5m`
    Number(NumberLiteral),
    /// `"text"`
    String(StringLiteral),
    /// `up{job="x"} @ end() offset 5m`
    Vector(Box<VectorSelector>),
    /// `up[5m] offset 1h`
    Matrix(Box<MatrixSelector>),
    /// `rate(up[1m])[5m:30s] offset 1h`
    Subquery(Box<Subquery>),
    /// `-up`
    Unary(Box<Unary>),
    /// `a + on (x) b`
    Binary(Box<Binary>),
    /// `sum by (job) (up)`
    Aggregate(Box<Aggregate>),
    /// `rate(up[5m])`
    Call(Box<Call>),
    /// `(a)`
    Paren(Box<Paren>),
}

impl Expr {
    /// The type it evaluates to, without checking its parts.
    pub fn value_type(&self) -> ValueType {
        match self {
            Self::Number(_) => ValueType::Scalar,
            Self::String(_) => ValueType::String,
            Self::Vector(_) | Self::Aggregate(_) => ValueType::Vector,
            Self::Matrix(_) | Self::Subquery(_) => ValueType::Matrix,
            Self::Unary(unary) => unary.expr.value_type(),
            Self::Binary(binary) => binary.value_type(),
            Self::Call(call) => call.function.returns,
            Self::Paren(paren) => paren.expr.value_type(),
        }
    }

    /// The bytes it was written in.
    pub fn span(&self) -> Span {
        match self {
            Self::Number(number) => number.span,
            Self::String(string) => string.span,
            Self::Vector(selector) => selector.span,
            Self::Matrix(selector) => selector.span,
            Self::Subquery(subquery) => subquery.span,
            Self::Unary(unary) => unary.span,
            Self::Binary(binary) => binary.span(),
            Self::Aggregate(aggregate) => aggregate.span,
            Self::Call(call) => call.span,
            Self::Paren(paren) => paren.span,
        }
    }

    /// The expression inside any number of parentheses.
    pub fn unparenthesised(&self) -> &Expr {
        let mut expr = self;
        while let Self::Paren(paren) = expr {
            expr = &paren.expr;
        }
        expr
    }
}
