//! One rule of a group.

use super::{Format, names};
use crate::query::{Fault, Query};
use crate::rule::{Alerting, Language, Rule, RuleKind};
use crate::text::{Dialect, Text};
use lgtm_promql::ValueType;
use lgtm_settings::{Fields, Node};

/// What a rule takes from its group.
pub(super) struct Context<'a> {
    pub format: Format,
    pub language: Language,
    pub labels: &'a [(String, String)],
    pub dialect: &'a Dialect,
}

pub(super) fn read(node: Node<'_>, context: &Context<'_>) -> Option<Rule> {
    node.map(|fields| {
        let record = fields.optional("record", |node| node.string()).filter(|name| !name.is_empty());
        let alert = fields.optional("alert", |node| node.string()).filter(|name| !name.is_empty());
        let is_alert = alert.is_some();
        let query = query(fields, context.language);
        let for_ms = fields.or("for", 0, |node| node.duration_ms());
        let keep_firing_for_ms = fields.or("keep_firing_for", 0, |node| node.duration_ms());
        let labels = texts(fields, "labels", "label", context, is_alert);
        let annotations = texts(fields, "annotations", "annotation", context, is_alert);
        if context.format.ignores_unknown_fields {
            fields.ignore_others();
        }
        if let Some(node) = fields.get("record").filter(|_| record.is_some() && alert.is_none()) {
            names::check_metric(node, record.as_deref().unwrap_or_default(), context.format.names);
            let given = [
                ("annotations", !annotations.is_empty()),
                ("for", for_ms != 0),
                ("keep_firing_for", keep_firing_for_ms != 0),
            ];
            for (name, _) in given.iter().filter(|(_, given)| *given) {
                fields.problem_at(name, format!("invalid field '{name}' in recording rule"));
            }
        }
        let (name, kind) = match (record, alert) {
            (Some(_), Some(_)) => {
                fields.problem_at("alert", "only one of 'record' and 'alert' must be set");
                return None;
            }
            (None, None) => {
                fields.node().problem("one of 'record' or 'alert' must be set");
                return None;
            }
            (Some(name), None) => (name, RuleKind::Recording),
            (None, Some(name)) => (name, RuleKind::Alerting(Alerting { for_ms, keep_firing_for_ms, annotations })),
        };
        let labels = with_group_labels(labels, context, is_alert);
        Some(Rule { name, query: query?, labels, kind, line: fields.node().line() })
    })
}

/// The group's labels, overridden by the rule's own.
fn with_group_labels(own: Vec<(String, Text)>, context: &Context<'_>, is_alert: bool) -> Vec<(String, Text)> {
    let inherited = context.labels.iter().filter(|(name, _)| !own.iter().any(|(known, _)| known == name));
    let mut labels: Vec<(String, Text)> = inherited
        .map(|(name, text)| {
            // A group's labels are templates in alerts too; what is wrong with one is told when it is expanded.
            let parsed = if is_alert { Text::template(text, context.dialect).ok() } else { None };
            (name.clone(), parsed.unwrap_or_else(|| Text::plain(text)))
        })
        .collect();
    labels.extend(own);
    labels.sort_by(|a, b| a.0.cmp(&b.0));
    labels
}

fn query(fields: &mut Fields<'_>, language: Language) -> Option<Query> {
    let Some(node) = fields.get("expr") else {
        fields.node().problem("field 'expr' must be set in rule");
        return None;
    };
    let text = node.string()?;
    if text.trim().is_empty() {
        node.problem("field 'expr' must be set in rule");
        return None;
    }
    let parsed = match language {
        Language::Metrics => Query::metrics(&text),
        Language::Logs => Query::logs(&text),
    };
    match parsed {
        Ok(query) => {
            let value = query.value_type();
            if matches!(value, ValueType::String | ValueType::Matrix) {
                let value = value.documented();
                node.warn(format!("the expression gives a {value}: a rule needs an instant vector or a scalar"));
            }
            Some(query)
        }
        Err(faults) => {
            note(node, faults);
            None
        }
    }
}

fn note(node: Node<'_>, faults: Vec<Fault>) {
    for fault in faults {
        node.problem_within(fault.range, fault.message);
    }
}

/// Labels or annotations; templates in alerts.
fn texts(
    fields: &mut Fields<'_>,
    field: &'static str,
    what: &str,
    context: &Context<'_>,
    is_alert: bool,
) -> Vec<(String, Text)> {
    let Some(node) = fields.get(field) else { return Vec::new() };
    let read = node.entries(|name, value| {
        if !names::is_legal(name, context.format.names) || (what == "label" && name == lgtm_model::METRIC_NAME) {
            value.problem(format!("invalid {what} name: {name}"));
            return None;
        }
        let text = value.string()?;
        if !is_alert {
            return Some(Text::plain(&text));
        }
        match Text::template(&text, context.dialect) {
            Ok(text) => Some(text),
            Err(faults) => {
                note(value, faults);
                None
            }
        }
    });
    let mut texts = read.unwrap_or_default();
    texts.sort_by(|a, b| a.0.cmp(&b.0));
    texts
}
