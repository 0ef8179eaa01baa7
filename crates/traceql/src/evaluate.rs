//! Whether a span satisfies a filter.
//!
//! Upstream's rule for absent attributes: every comparison with something absent is false, `!=` included; only
//! `= nil` and `!= nil` ask for absence itself.

use crate::{Compare, Field, Filter, Scope, Value};
use lgtm_model::{AttributeValue, Span, SpanKind, StatusCode};
use std::cmp::Ordering;

impl Filter {
    /// Whether `span` satisfies this filter.
    pub fn matches(&self, span: &Span) -> bool {
        match self {
            Self::All => true,
            Self::And(left, right) => left.matches(span) && right.matches(span),
            Self::Or(left, right) => left.matches(span) || right.matches(span),
            Self::Not(inner) => !inner.matches(span),
            Self::Compare(field, compare, value) => compare_field(span, field, *compare, value),
        }
    }
}

fn compare_field(span: &Span, field: &Field, compare: Compare, value: &Value) -> bool {
    match field {
        Field::Name => compare_text(&span.name, compare, value),
        Field::StatusMessage => compare_text(&span.status.message, compare, value),
        Field::Duration => match value {
            Value::Duration(ns) => holds(span.duration_ns().cmp(ns), compare),
            _ => false,
        },
        Field::Status => compare_word(status_word(span.status.code), compare, value),
        Field::Kind => compare_word(kind_word(span.kind), compare, value),
        Field::Attribute(scope, name) => compare_attribute(find(span, *scope, name), compare, value),
    }
}

fn find<'a>(span: &'a Span, scope: Scope, name: &str) -> Option<&'a AttributeValue> {
    let own = || span.attributes.get(name);
    let resource = || span.resource.attributes.get(name);
    match scope {
        Scope::Any => own().or_else(resource),
        Scope::Span => own(),
        Scope::Resource => resource(),
    }
}

fn compare_attribute(found: Option<&AttributeValue>, compare: Compare, value: &Value) -> bool {
    if let Value::Nil = value {
        return found.is_none() == (compare == Compare::Equal);
    }
    match (found, value) {
        (Some(AttributeValue::Text(text)), _) => compare_text(text, compare, value),
        (Some(AttributeValue::Bool(left)), Value::Bool(right)) => holds(left.cmp(right), compare),
        (Some(AttributeValue::Int(left)), Value::Number(right)) => compare_numbers(*left as f64, compare, *right),
        (Some(AttributeValue::Double(left)), Value::Number(right)) => compare_numbers(*left, compare, *right),
        _ => false,
    }
}

fn compare_numbers(left: f64, compare: Compare, right: f64) -> bool {
    left.partial_cmp(&right).is_some_and(|order| holds(order, compare))
}

fn compare_text(text: &str, compare: Compare, value: &Value) -> bool {
    match value {
        Value::Text(wanted) => holds(text.cmp(wanted.as_str()), compare),
        Value::Regex(regex) => regex.is_match(text) == (compare == Compare::Regex),
        _ => false,
    }
}

fn compare_word(word: &str, compare: Compare, value: &Value) -> bool {
    matches!(value, Value::Word(wanted) if (*wanted == word) == (compare == Compare::Equal))
}

fn holds(order: Ordering, compare: Compare) -> bool {
    match compare {
        Compare::Equal => order.is_eq(),
        Compare::NotEqual => order.is_ne(),
        Compare::Less => order.is_lt(),
        Compare::LessEqual => order.is_le(),
        Compare::Greater => order.is_gt(),
        Compare::GreaterEqual => order.is_ge(),
        Compare::Regex | Compare::NotRegex => false,
    }
}

fn status_word(code: StatusCode) -> &'static str {
    match code {
        StatusCode::Unset => "unset",
        StatusCode::Ok => "ok",
        StatusCode::Error => "error",
    }
}

fn kind_word(kind: SpanKind) -> &'static str {
    match kind {
        SpanKind::Unspecified => "unspecified",
        SpanKind::Internal => "internal",
        SpanKind::Server => "server",
        SpanKind::Client => "client",
        SpanKind::Producer => "producer",
        SpanKind::Consumer => "consumer",
    }
}

#[cfg(test)]
mod tests {
    use crate::parse;
    use lgtm_model::{
        AttributeValue, Attributes, Resource, Span, SpanId, SpanKind, SpanStatus, StatusCode, TimestampNs, TraceId,
    };
    use std::sync::Arc;

    fn span() -> Span {
        let resource = Resource {
            service: "checkout".to_owned(),
            attributes: Attributes(vec![("service.name".to_owned(), AttributeValue::Text("checkout".to_owned()))]),
            ..Resource::default()
        };
        Span {
            trace_id: TraceId([1; 16]),
            span_id: SpanId([1; 8]),
            parent_span_id: None,
            trace_state: String::new(),
            name: "db.query".to_owned(),
            kind: SpanKind::Client,
            start: TimestampNs(0),
            end: TimestampNs(300_000_000),
            status: SpanStatus { code: StatusCode::Error, message: String::new() },
            resource: Arc::new(resource),
            attributes: Attributes(vec![("http.status_code".to_owned(), AttributeValue::Int(500))]),
            events: Vec::new(),
            links: Vec::new(),
        }
    }

    #[test]
    fn spans_are_compared_field_by_field() {
        for (query, want) in [
            ("{}", true),
            (r#"{ resource.service.name = "checkout" && duration >= 300ms }"#, true),
            ("{ duration > 300ms }", false),
            (r#"{ name =~ "db.*" && status = error && kind = client }"#, true),
            (r#"{ .service.name != "checkout" || span.http.status_code >= 500 }"#, true),
            ("{ span.service.name = nil && .http.status_code != nil }", true),
            (r#"{ .absent != "x" }"#, false),
            (r#"{ !(.absent = "x") }"#, true),
        ] {
            assert_eq!(parse(query).unwrap().matches(&span()), want, "{query}");
        }
    }
}
