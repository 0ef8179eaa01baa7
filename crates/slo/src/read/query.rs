//! Queries of metric sources: PromQL, of which counting needs the selector.

use super::Registry;
use crate::slo::Events;
use lgtm_promql::ast::{AggregateOp, VectorEdges};
use lgtm_promql::{Expr, ValueType};
use lgtm_settings::Node;

/// What surrounded the selector.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wrapped {
    /// Nothing, or `sum`, which adds nothing: counts are summed anyway.
    Plain,
    /// `count`: the number of samples, not their values.
    Count,
}

/// `metricSource`: where events come from.
pub(super) fn metric_source<'a, T>(
    node: Node<'a>,
    registry: &Registry,
    read: impl FnOnce(Node<'a>) -> Option<T>,
) -> Option<T> {
    node.map(|fields| {
        fields.required("metricSource", |node| {
            node.map(|fields| {
                fields.optional("type", source_type);
                fields.optional("metricSourceRef", |node| {
                    let name = node.non_empty_string()?;
                    if !registry.data_sources.contains(&name) {
                        node.problem(format!("no DataSource is named {name:?}"));
                    }
                    Some(())
                });
                fields.required("spec", |node| node.map(|fields| fields.required("query", read)))
            })
        })
    })
}

/// The type of a source: the server's own samples, by the name of their language's first home.
pub(super) fn source_type(node: Node<'_>) -> Option<()> {
    let text = node.non_empty_string()?;
    if !["prometheus", "lgtm"].contains(&text.to_ascii_lowercase().as_str()) {
        node.problem(format!("{text:?} cannot be read here; expected \"Prometheus\""));
        return None;
    }
    Some(())
}

/// Events counted by counters (`is_counter`) or by the samples of gauges.
pub(super) fn events(node: Node<'_>, is_counter: bool) -> Option<Events> {
    let (selector, wrapped) = selector(node)?;
    match (is_counter, wrapped) {
        (true, Wrapped::Plain) => Some(Events::Increase(selector)),
        (true, Wrapped::Count) => {
            node.problem("count() of counters says how many series there are, not how many events happened");
            None
        }
        (false, Wrapped::Plain) => Some(Events::Sum(selector)),
        (false, Wrapped::Count) => Some(Events::Samples(selector)),
    }
}

/// A selector without anything around it.
pub(super) fn plain_selector(node: Node<'_>) -> Option<String> {
    match selector(node)? {
        (selector, Wrapped::Plain) => Some(selector),
        (_, Wrapped::Count) => {
            node.problem("expected a selector, without count() around it");
            None
        }
    }
}

/// An expression that is an instant vector.
pub(super) fn vector(node: Node<'_>) -> Option<String> {
    let expr = parse(node)?;
    if expr.value_type() != ValueType::Vector {
        node.problem(format!("expected an instant vector, found a {}", expr.value_type().documented()));
        return None;
    }
    Some(expr.to_string())
}

fn selector(node: Node<'_>) -> Option<(String, Wrapped)> {
    let expr = parse(node)?;
    let mut inner = expr.unparenthesised();
    let mut wrapped = Wrapped::Plain;
    if let Expr::Aggregate(aggregate) = inner {
        wrapped = match aggregate.op {
            AggregateOp::Sum => Wrapped::Plain,
            AggregateOp::Count => Wrapped::Count,
            _ => return refused(node),
        };
        inner = aggregate.expr.unparenthesised();
    }
    match inner {
        Expr::Vector(vector)
            if vector.offset.is_none() && vector.at.is_none() && vector.edges == VectorEdges::Samples =>
        {
            Some((inner.to_string(), wrapped))
        }
        _ => refused(node),
    }
}

fn refused<T>(node: Node<'_>) -> Option<T> {
    node.problem(
        "expected a selector such as http_requests_total{job=\"shop\"}, with nothing but sum() or count() around it: \
         the events of every window are counted from it, restarts included, which no rate() or sum of sums allows",
    );
    None
}

fn parse(node: Node<'_>) -> Option<Expr> {
    let text = node.non_empty_string()?;
    match lgtm_promql::parse(&text) {
        Ok(expr) => Some(expr),
        Err(errors) => {
            for error in &errors.errors {
                let (line, column) = error.span.line_column(&text);
                let hint = error.hint.as_ref().map(|hint| format!("; {hint}")).unwrap_or_default();
                node.problem(format!("{line}:{column}: parse error: {}{hint}", error.message));
            }
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use lgtm_settings::read_text;

    fn check(text: &str, is_counter: bool) -> Result<Events, String> {
        let yaml = serde_json::Value::from(text).to_string();
        read_text("q", &yaml, |root| events(root, is_counter))
            .map(|reading| reading.value)
            .map_err(|problems| problems.to_string())
    }

    #[test]
    fn sums_around_a_selector_add_nothing() {
        let expected = Ok(Events::Increase("a_total{b=\"c\"}".to_owned()));
        for text in ["a_total{b='c'}", "(a_total{b='c'})", "sum(a_total{b='c'})", "sum by (x) ((a_total{b='c'}))"] {
            assert_eq!(check(text, true), expected, "{text}");
        }
        assert_eq!(check("count(up)", false), Ok(Events::Samples("up".to_owned())));
        assert_eq!(check("up", false), Ok(Events::Sum("up".to_owned())));
    }

    #[test]
    fn what_hides_restarts_is_refused() {
        for text in ["rate(a_total[5m])", "sum(increase(a_total[5m]))", "a_total offset 5m", "a + b", "max(a)", "1"] {
            assert!(check(text, true).unwrap_err().contains("expected a selector"), "{text}");
        }
        assert!(check("count(a_total)", true).is_err());
        let curly = check("a{b=“c”}", true).unwrap_err();
        assert!(curly.contains("parse error") && curly.contains("straight"), "{curly}");
    }
}
