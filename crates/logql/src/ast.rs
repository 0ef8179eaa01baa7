//! What a LogQL text means: the tree that the parser builds.

use lgtm_model::Matcher;
use regex::Regex;

/// A piece of the query's text, in bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Span {
    /// The first byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
}

impl Span {
    /// From the start of `self` to the end of `last`.
    pub fn to(self, last: Span) -> Span {
        Span { start: self.start, end: last.end.max(self.start) }
    }
}

/// A whole query.
#[derive(Clone, Debug)]
pub enum Expr {
    /// Log lines.
    Log(LogExpr),
    /// Numbers.
    Sample(SampleExpr),
}

/// `{…}` and what follows it.
#[derive(Clone, Debug)]
pub struct LogExpr {
    /// The stream selector's conditions.
    pub matchers: Vec<Matcher>,
    /// Filters and stages, in order.
    pub stages: Vec<Stage>,
    /// Where it stands.
    pub span: Span,
}

/// One step of a pipeline.
#[derive(Clone, Debug)]
pub struct Stage {
    /// What it does.
    pub kind: StageKind,
    /// Where it stands.
    pub span: Span,
}

/// What a step of a pipeline does.
#[derive(Clone, Debug)]
pub enum StageKind {
    /// `|= "a" or "b"`
    LineFilter(LineFilter),
    /// `| name = "value"` and its combinations.
    LabelFilter(LabelFilter),
    /// `| json`, `| logfmt`, `| regexp`, `| pattern`, `| unpack`: its name.
    Parser(&'static str),
    /// `| line_format`, `| label_format`, `| drop`, `| keep`, `| decolorize`: its name.
    Format(&'static str),
    /// `| unwrap name`
    Unwrap(Unwrap),
}

/// Which number a line stands for.
#[derive(Clone, Debug)]
pub struct Unwrap {
    /// The label.
    pub label: String,
    /// `duration`, `duration_seconds` or `bytes`, when the value is converted.
    pub conversion: Option<String>,
}

/// How a line filter compares.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LineOp {
    /// `|=`
    Contains,
    /// `!=`
    NotContains,
    /// `|~`
    Matches,
    /// `!~`
    NotMatches,
    /// `|>`
    Pattern,
    /// `!>`
    NotPattern,
}

impl LineOp {
    /// Whether a line passes when no alternative is found in it.
    pub fn is_negated(self) -> bool {
        matches!(self, Self::NotContains | Self::NotMatches | Self::NotPattern)
    }
}

/// A condition on the line: any of its alternatives, or with a negated operator none of them.
#[derive(Clone, Debug)]
pub struct LineFilter {
    /// How it compares.
    pub op: LineOp,
    /// What it compares with; at least one.
    pub alternatives: Vec<LinePattern>,
}

/// One alternative of a line filter.
#[derive(Clone, Debug)]
pub enum LinePattern {
    /// A text that the line contains.
    Text(String),
    /// A regular expression that is found somewhere in the line.
    Regex(Regex),
    /// A regular expression that does not compile, and why; refused when the query is planned.
    InvalidRegex(String),
    /// `ip("…")`: an address or a range that occurs in the line.
    Ip(String),
    /// A pattern with `<_>` holes.
    Pattern(String),
}

impl LineFilter {
    /// Whether a line passes. Alternatives that no plan contains (`ip()`, patterns, invalid expressions) never match.
    pub fn matches(&self, line: &str) -> bool {
        let found = self.alternatives.iter().any(|alternative| match alternative {
            LinePattern::Text(text) => line.contains(text.as_str()),
            LinePattern::Regex(regex) => regex.is_match(line),
            LinePattern::InvalidRegex(_) | LinePattern::Ip(_) | LinePattern::Pattern(_) => false,
        });
        found != self.op.is_negated()
    }
}

/// How a label filter compares numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ValueOp {
    /// `==` or `=`
    Equal,
    /// `!=`
    NotEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterEqual,
    /// `<`
    Less,
    /// `<=`
    LessEqual,
}

/// What a label filter compares with, when it is no text.
#[derive(Clone, Debug, PartialEq)]
pub enum FilterValue {
    /// A number.
    Number(f64),
    /// A duration in seconds.
    Duration(f64),
    /// A size in bytes.
    Bytes(f64),
    /// `ip("…")`
    Ip(String),
}

/// A condition on labels and structured metadata.
#[derive(Clone, Debug)]
pub enum LabelFilter {
    /// `name = "text"` and the other three matchers.
    Matcher(Matcher),
    /// `name > 5`, `name <= 20ms`, `name = ip("…")`
    Compare {
        /// The label.
        name: String,
        /// How.
        op: ValueOp,
        /// With what.
        value: FilterValue,
    },
    /// Both.
    And(Box<LabelFilter>, Box<LabelFilter>),
    /// Either.
    Or(Box<LabelFilter>, Box<LabelFilter>),
}

/// A query of numbers.
#[derive(Clone, Debug)]
pub enum SampleExpr {
    /// `rate({…}[5m])`
    Range(Box<RangeExpr>),
    /// `sum by (a) (…)`
    Aggregate(Box<Aggregation>),
    /// `a + b`
    Binary {
        /// The operator.
        op: BinaryOp,
        /// How series of both sides find each other.
        matching: Option<Matching>,
        /// The left side.
        left: Box<SampleExpr>,
        /// The right side.
        right: Box<SampleExpr>,
        /// Where it stands.
        span: Span,
    },
    /// A number as it is written.
    Number(f64, Span),
    /// `vector(1)`
    Vector(f64, Span),
    /// `label_replace(…)`
    LabelReplace {
        /// What it changes.
        inner: Box<SampleExpr>,
        /// Where it stands.
        span: Span,
    },
}

impl SampleExpr {
    /// Where it stands.
    pub fn span(&self) -> Span {
        match self {
            Self::Range(range) => range.span,
            Self::Aggregate(aggregation) => aggregation.span,
            Self::Binary { span, .. }
            | Self::Number(_, span)
            | Self::Vector(_, span)
            | Self::LabelReplace { span, .. } => *span,
        }
    }
}

/// What is computed over the lines of a window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RangeOp(pub &'static str);

/// A function over a range of log lines.
#[derive(Clone, Debug)]
pub struct RangeExpr {
    /// The function.
    pub op: RangeOp,
    /// The quantile of `quantile_over_time`.
    pub parameter: Option<f64>,
    /// Which lines.
    pub log: LogExpr,
    /// The window's length.
    pub range_ns: i64,
    /// How far the window lies back.
    pub offset_ns: i64,
    /// `by` or `without` after it.
    pub grouping: Option<Grouping>,
    /// Where it stands.
    pub span: Span,
    /// Where its name stands.
    pub op_span: Span,
}

/// `by (…)` or `without (…)`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grouping {
    /// Whether the labels are those that go.
    pub without: bool,
    /// The labels.
    pub labels: Vec<String>,
}

/// An aggregation's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VectorOp(pub &'static str);

/// An aggregation over series.
#[derive(Clone, Debug)]
pub struct Aggregation {
    /// The operator.
    pub op: VectorOp,
    /// The count of `topk` and its like.
    pub parameter: Option<usize>,
    /// Over which labels; `None` when nothing was written.
    pub grouping: Option<Grouping>,
    /// What is aggregated.
    pub inner: SampleExpr,
    /// Where it stands.
    pub span: Span,
    /// Where its name stands.
    pub op_span: Span,
}

/// A binary operator, as it is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BinaryOp(pub &'static str);

/// `bool`, `on (…)`, `ignoring (…)`, `group_left (…)`, `group_right (…)`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Matching {
    /// A comparison gives 0 or 1 instead of filtering.
    pub returns_bool: bool,
    /// `on` (true) or `ignoring` with labels.
    pub labels: Option<(bool, Vec<String>)>,
    /// `group_left` (true) or `group_right` with labels to carry over.
    pub group: Option<(bool, Vec<String>)>,
}
