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

/// On one line. The alternate form `{:#}` keeps arithmetic that follows from being read as part of an offset.
impl fmt::Display for Expr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => write!(f, "{number}"),
            Self::String(string) => f.write_str(&quote(&string.value)),
            Self::Vector(selector) => selector.fmt(f),
            Self::Matrix(matrix) => matrix.fmt(f),
            Self::Subquery(subquery) => write!(f, "{}{}", subquery.expr, suffix(subquery, f.alternate())),
            Self::Unary(unary) if f.alternate() => write!(f, "{}{:#}", unary.op.as_str(), unary.expr),
            Self::Unary(unary) => write!(f, "{}{}", unary.op.as_str(), unary.expr),
            Self::Binary(binary) if f.alternate() => {
                write!(f, "{} {} {:#}", left(binary), operator(binary), binary.right)
            }
            Self::Binary(binary) => write!(f, "{} {} {}", left(binary), operator(binary), binary.right),
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
        let modifiers = modifiers(&[at(self.at), edges(self.edges).to_owned()], self.offset.as_ref(), f.alternate());
        write!(f, "{}{modifiers}", series(self))
    }
}

impl fmt::Display for MatrixSelector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let selector = &self.selector;
        let others = [edges(selector.edges).to_owned(), at(selector.at)];
        write!(f, "{}[{}]{}", series(selector), self.range, modifiers(&others, selector.offset.as_ref(), f.alternate()))
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

/// Modifiers, the offset last. But an offset that starts with a parenthesis goes on with the arithmetic behind it: if
/// there is some to come, another modifier must stand between, which the query had, or it could not have been parsed.
fn modifiers(others: &[String], offset: Option<&DurationExpr>, closed: bool) -> String {
    let others = others.concat();
    match offset {
        None => others,
        Some(offset @ (DurationExpr::Paren(..) | DurationExpr::Binary(..))) if closed => {
            format!(" offset {offset}{others}")
        }
        Some(offset) => format!("{others} offset {offset}"),
    }
}

/// What follows the expression of a subquery.
fn suffix(subquery: &Subquery, closed: bool) -> String {
    let step = subquery.step.as_ref().map_or_else(String::new, ToString::to_string);
    let modifiers = modifiers(&[at(subquery.at)], subquery.offset.as_ref(), closed);
    format!("[{}:{step}]{modifiers}", subquery.range)
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

/// The left operand. `+Inf ^ x` would read back as `+(Inf ^ x)`, so that there infinity goes without its sign.
fn left(binary: &Binary) -> String {
    match (&binary.left, binary.op) {
        (Expr::Number(number), BinaryOp::Pow) if number.value == f64::INFINITY => "Inf".to_owned(),
        (left, op) if continues_durations(op) => format!("{left:#}"),
        (left, _) => left.to_string(),
    }
}

/// Whether an operator could also stand in a duration in front of it.
fn continues_durations(op: BinaryOp) -> bool {
    op.precedence() >= BinaryOp::Add.precedence()
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
