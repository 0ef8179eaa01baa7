//! The compiled query: the tree with parentheses gone, durations and `@` resolved, and selectors replaced by the
//! number of the selection that feeds them.

use crate::Span;
use crate::ast::{AggregateOp, BinaryOp, ValueType, VectorEdges, VectorMatching};
use crate::eval::grid::Grid;
use crate::functions::Body;
use lgtm_model::Matcher;

/// A node, with where it was written.
#[derive(Debug)]
pub(crate) struct Node {
    /// What it is.
    pub kind: NodeKind,
    /// Its type.
    pub value: ValueType,
    /// Its place in the query.
    pub span: Span,
}

/// What a node is.
#[derive(Debug)]
pub(crate) enum NodeKind {
    /// A number.
    Number(f64),
    /// A text.
    Text(String),
    /// `up`
    Instant(InstantSelector),
    /// `up[5m]`
    Range(RangeSelector),
    /// `up[5m:1m]`
    Subquery(Box<Subquery>),
    /// The same value at each step: evaluated once.
    StepInvariant(Box<Node>),
    /// `-up`
    Negate(Box<Node>),
    /// `a + b`
    Binary(Box<Binary>),
    /// `sum(up)`
    Aggregate(Box<Aggregate>),
    /// `rate(up[5m])`
    Call(Box<Call>),
}

/// `@` and `offset`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Lookup {
    /// The fixed time that replaces the evaluation time.
    pub at_ms: Option<i64>,
    /// How far back; negative is ahead.
    pub offset_ms: i64,
}

impl Lookup {
    /// The time to look at when evaluating at `time_ms`.
    pub fn reference_ms(&self, time_ms: i64) -> i64 {
        self.at_ms.unwrap_or(time_ms).saturating_sub(self.offset_ms)
    }
}

/// An instant selector.
#[derive(Debug)]
pub(crate) struct InstantSelector {
    /// Which selection feeds it.
    pub slot: usize,
    /// What it selects; `absent` makes labels of it.
    pub matchers: Vec<Matcher>,
    /// When it looks.
    pub lookup: Lookup,
    /// Whether values are interpolated.
    pub edges: VectorEdges,
}

/// A range selector.
#[derive(Debug)]
pub(crate) struct RangeSelector {
    /// Which selection feeds it.
    pub slot: usize,
    /// What it selects; `absent_over_time` makes labels of it.
    pub matchers: Vec<Matcher>,
    /// When its window ends.
    pub lookup: Lookup,
    /// How long its window is, without its left end.
    pub range_ms: i64,
    /// Whether boundaries are anchored or interpolated.
    pub edges: VectorEdges,
}

/// A subquery.
#[derive(Debug)]
pub(crate) struct Subquery {
    /// What it evaluates.
    pub expr: Node,
    /// When its window ends.
    pub lookup: Lookup,
    /// How long its window is, without its left end.
    pub range_ms: i64,
    /// Between two evaluations, which fall on multiples of it.
    pub step_ms: i64,
}

impl Subquery {
    /// The times at which the inner expression is needed when the outer one is evaluated on `outer`.
    pub fn grid(&self, outer: &Grid) -> Grid {
        let before_ms = self.lookup.reference_ms(outer.start_ms).saturating_sub(self.range_ms);
        let end_ms = self.lookup.reference_ms(outer.last_ms());
        let start_ms = before_ms.div_euclid(self.step_ms).saturating_add(1).saturating_mul(self.step_ms);
        Grid::between(start_ms, end_ms, self.step_ms)
    }
}

/// A binary operation.
#[derive(Debug)]
pub(crate) struct Binary {
    /// The operator.
    pub op: BinaryOp,
    /// The left operand.
    pub left: Node,
    /// The right operand.
    pub right: Node,
    /// Compare to 0 and 1.
    pub return_bool: bool,
    /// How vectors match.
    pub matching: VectorMatching,
}

/// An aggregation.
#[derive(Debug)]
pub(crate) struct Aggregate {
    /// Which one.
    pub op: AggregateOp,
    /// What it aggregates.
    pub expr: Node,
    /// Its parameter.
    pub param: Option<Node>,
    /// The grouping labels, sorted, each once.
    pub grouping: Vec<String>,
    /// Group by all but them.
    pub without: bool,
}

/// A function call.
#[derive(Debug)]
pub(crate) struct Call {
    /// The function's name.
    pub name: &'static str,
    /// What computes it.
    pub body: Body,
    /// Its arguments.
    pub args: Vec<Node>,
    /// For `info()`: which selection holds the info series, and when to look.
    pub info: Option<InfoSelection>,
    /// Where the call is written.
    pub span: Span,
}

/// What `info()` reads beside its argument.
#[derive(Debug)]
pub(crate) struct InfoSelection {
    /// Which selection.
    pub slot: usize,
    /// When to look.
    pub lookup: Lookup,
    /// Conditions on the info metric's name.
    pub name_matchers: Vec<Matcher>,
    /// Conditions on its data labels.
    pub data_matchers: Vec<Matcher>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn subquery_steps_fall_on_multiples_even_before_the_epoch() {
        let expr = Node { kind: NodeKind::Number(1.0), value: ValueType::Scalar, span: Span::default() };
        let lookup = Lookup { at_ms: None, offset_ms: 0 };
        let subquery = Subquery { expr, lookup, range_ms: 10, step_ms: 5 };
        let times = |at| subquery.grid(&Grid::instant(at)).times_ms().collect::<Vec<_>>();
        assert_eq!(times(12), [5, 10]);
        assert_eq!(times(10), [5, 10]);
        assert_eq!(times(-1), [-10, -5]);
    }
}
