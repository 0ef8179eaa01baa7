//! What reads samples: instant selectors, range selectors and subqueries, with `offset` and `@`.

use super::{DurationExpr, Expr, Span};
use lgtm_model::{Matcher, TimestampMs};

/// A fixed point in time that replaces the evaluation time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum At {
    /// `@ 1609746000.5`
    Timestamp(TimestampMs),
    /// `@ start()`: the start of the query's range.
    Start,
    /// `@ end()`: the end of the query's range.
    End,
}

/// How a range treats its boundaries.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum VectorEdges {
    /// The samples in the range, nothing else.
    #[default]
    Samples,
    /// `anchored`: the boundaries take the values of the samples at or before them.
    Anchored,
    /// `smoothed`: the boundaries take interpolated values.
    Smoothed,
}

/// An instant selector; also the inside of a range selector.
#[derive(Clone, Debug, PartialEq)]
pub struct VectorSelector {
    /// The name written before the braces. A quoted name inside braces is only among the matchers.
    pub name: Option<String>,
    /// All conditions, the one on the name included; that of `name` is the last.
    pub matchers: Vec<Matcher>,
    /// `offset 5m`; of a range selector, its offset.
    pub offset: Option<DurationExpr>,
    /// `@ 0`; of a range selector, its fixed time.
    pub at: Option<At>,
    /// `anchored` or `smoothed`.
    pub edges: VectorEdges,
    /// With its modifiers; inside a range selector, without them.
    pub span: Span,
}

/// A range selector. Its offset, fixed time and edges are in the inner selector.
#[derive(Clone, Debug, PartialEq)]
pub struct MatrixSelector {
    /// Which series, and the modifiers.
    pub selector: VectorSelector,
    /// How far back, exclusive of the left boundary.
    pub range: DurationExpr,
    /// With its modifiers.
    pub span: Span,
}

/// A query evaluated at steps of its own: `expr[range:step]`.
#[derive(Clone, Debug, PartialEq)]
pub struct Subquery {
    /// What to evaluate: an instant vector.
    pub expr: Expr,
    /// How far back.
    pub range: DurationExpr,
    /// The step; the server's default evaluation interval if none is written.
    pub step: Option<DurationExpr>,
    /// `offset 5m`
    pub offset: Option<DurationExpr>,
    /// `@ 0`
    pub at: Option<At>,
    /// With its modifiers.
    pub span: Span,
}
