//! The printer: a tree back to text, on one line in upstream's canonical form, or over several lines.
//!
//! What is printed parses to the same tree. Canonical means: one blank around operators, matchers sorted, durations
//! with units, modifiers always in the same order, signs that change nothing left out.

mod duration;
mod number;
mod pretty;

pub use number::format_number;

use crate::ast::{
    Aggregate, At, Binary, BinaryOp, Cardinality, DurationExpr, Expr, MatrixSelector, Subquery, UnaryOp, VectorEdges,
    VectorMatching, VectorSelector,
};
use crate::quote::{quote, quote_name};
use lgtm_model::{METRIC_NAME, MatchOp, Matcher};
use number::format_shortest;
use std::fmt;

impl fmt::Display for Expr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => write!(f, "{number}"),
            Self::String(string) => f.write_str(&quote(&string.value)),
            Self::Vector(selector) => write!(f, "{selector}"),
            Self::Matrix(matrix) => write!(f, "{matrix}"),
            Self::Subquery(subquery) => write!(f, "{}{}", subquery.expr, suffix(subquery)),
            Self::Unary(unary) => write!(f, "{}{}", unary.op.as_str(), unary.expr),
            Self::Binary(binary) => write!(f, "{} {} {}", binary.left, operator(binary), binary.right),
            Self::Aggregate(aggregate) => {
                write!(f, "{}(", aggregation(aggregate))?;
                if let Some(param) = &aggregate.param {
                    write!(f, "{param}, ")?;
                }
                write!(f, "{})", aggregate.expr)
            }
            Self::Call(call) => {
                write!(f, "{}(", call.function.name)?;
                for (index, arg) in call.args.iter().enumerate() {
                    let separator = if index == 0 { "" } else { ", " };
                    write!(f, "{separator}{arg}")?;
                }
                f.write_str(")")
            }
            Self::Paren(paren) => write!(f, "({})", paren.expr),
        }
    }
}

impl UnaryOp {
    /// The sign as it is written.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Plus => "+",
            Self::Minus => "-",
        }
    }
}

impl fmt::Display for VectorSelector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}{}{}", series(self), at(self.at), edges(self.edges), offset(self.offset.as_ref()))
    }
}

impl fmt::Display for MatrixSelector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let selector = &self.selector;
        let (edges, at) = (edges(selector.edges), at(selector.at));
        write!(f, "{}[{}]{edges}{at}{}", series(selector), self.range, offset(selector.offset.as_ref()))
    }
}

/// The name and the matchers, sorted by their text, without the one that repeats the name.
fn series(selector: &VectorSelector) -> String {
    let name = selector.name.as_deref().unwrap_or_default();
    let repeats = |matcher: &&Matcher| {
        matcher.name() == METRIC_NAME && matcher.op() == MatchOp::Equal && matcher.value() == name && !name.is_empty()
    };
    let mut matchers: Vec<String> = selector
        .matchers
        .iter()
        .filter(|matcher| !repeats(matcher))
        .map(|matcher| format!("{}{}{}", quote_name(matcher.name()), matcher.op().as_str(), quote(matcher.value())))
        .collect();
    if matchers.is_empty() && !name.is_empty() {
        return name.to_owned();
    }
    matchers.sort();
    format!("{name}{{{}}}", matchers.join(","))
}

fn at(at: Option<At>) -> String {
    match at {
        None => String::new(),
        Some(At::Start) => " @ start()".to_owned(),
        Some(At::End) => " @ end()".to_owned(),
        Some(At::Timestamp(timestamp)) => format!(" @ {:.3}", timestamp.0 as f64 / 1000.0),
    }
}

fn edges(edges: VectorEdges) -> &'static str {
    match edges {
        VectorEdges::Samples => "",
        VectorEdges::Anchored => " anchored",
        VectorEdges::Smoothed => " smoothed",
    }
}

fn offset(offset: Option<&DurationExpr>) -> String {
    offset.map_or_else(String::new, |offset| format!(" offset {offset}"))
}

/// What follows the expression of a subquery.
fn suffix(subquery: &Subquery) -> String {
    let step = subquery.step.as_ref().map_or_else(String::new, ToString::to_string);
    format!("[{}:{step}]{}{}", subquery.range, at(subquery.at), offset(subquery.offset.as_ref()))
}

/// What stands before the parenthesis of an aggregation.
fn aggregation(aggregate: &Aggregate) -> String {
    let op = aggregate.op.as_str();
    match (aggregate.without, aggregate.grouping.is_empty()) {
        (true, _) => format!("{op} without {} ", labels(&aggregate.grouping)),
        (false, false) => format!("{op} by {} ", labels(&aggregate.grouping)),
        (false, true) => op.to_owned(),
    }
}

fn labels(names: &[String]) -> String {
    let names: Vec<String> = names.iter().map(|name| quote_name(name)).collect();
    format!("({})", names.join(", "))
}

/// An operator with its modifiers.
fn operator(binary: &Binary) -> String {
    let bool = if binary.return_bool { " bool" } else { "" };
    let matching = binary.matching.as_ref().map_or_else(String::new, matching);
    format!("{}{bool}{matching}", BinaryOp::as_str(binary.op))
}

fn matching(matching: &VectorMatching) -> String {
    let mut text = String::new();
    let group = match matching.cardinality {
        Cardinality::ManyToOne => Some("group_left"),
        Cardinality::OneToMany => Some("group_right"),
        Cardinality::OneToOne | Cardinality::ManyToMany => None,
    };
    if matching.on || !matching.labels.is_empty() || group.is_some() {
        let word = if matching.on { "on" } else { "ignoring" };
        text.push_str(&format!(" {word} {}", labels(&matching.labels)));
    }
    if let Some(group) = group {
        text.push_str(&format!(" {group} {}", labels(&matching.include)));
    }
    match (matching.fill_left, matching.fill_right) {
        (Some(left), Some(right)) if left == right => text.push_str(&format!(" fill ({})", format_shortest(left))),
        (left, right) => {
            for (word, value) in [("fill_left", left), ("fill_right", right)] {
                if let Some(value) = value {
                    text.push_str(&format!(" {word} ({})", format_shortest(value)));
                }
            }
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use crate::parse;

    #[test]
    fn queries_are_printed_in_canonical_form() {
        for (query, want) in [
            ("SUM(x)by(a,\"b.c\")", "sum by (a, \"b.c\") (x)"),
            ("x{b='2',a!~`1\\d`}offset -300", "x{a!~\"1\\\\d\",b=\"2\"} offset -5m"),
            ("a+on()group_left b", "a + on () group_left () b"),
            ("a == BOOL ignoring(x) b", "a == bool ignoring (x) b"),
            ("{'a b'}[5m:]@start()", "{__name__=\"a b\"}[5m:] @ start()"),
            ("a + fill_left(1) fill_right(1) b", "a + fill (1) b"),
            ("+1e3 - -x", "1000 - -x"),
        ] {
            let printed = parse(query).unwrap().to_string();
            assert_eq!(printed, want);
            assert_eq!(parse(&printed).unwrap().to_string(), want);
        }
    }
}
