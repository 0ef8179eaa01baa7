//! One group of a rule file.

use super::{Format, names, rule};
use crate::query::Query;
use crate::rule::{Group, Language};
use crate::text::Dialect;
use lgtm_settings::{Fields, Node};
use std::collections::HashSet;

pub(super) fn read(
    node: Node<'_>,
    file: &str,
    format: Format,
    dialect: &Dialect,
    seen: &mut HashSet<String>,
) -> Option<Group> {
    node.map(|fields| {
        let name = fields.required("name", |node| {
            let name = node.non_empty_string()?;
            if !seen.insert(name.clone()) {
                node.problem(format!("groupname: {name:?} is repeated in the same file"));
                return None;
            }
            Some(name)
        });
        let interval_ms = fields.optional("interval", |node| node.duration_ms()).filter(|interval| *interval > 0);
        let query_offset_ms = fields.optional("query_offset", |node| node.duration_ms());
        let limit = fields.or("limit", 0, |node| node.integer(0..=i64::MAX));
        let labels = fields.or_default("labels", |node| names::texts(node, format.names, "label"));
        let language = language(fields, format);
        fields.accept(
            &["partial_response_strategy", "remote_write", "source_tenants", "align_evaluation_time_on_interval"],
            "is read by other rulers only and has no effect here",
        );
        let context = rule::Context { format, language, labels: &labels, dialect };
        let rules = fields.or_default("rules", |node| node.list(|item| rule::read(item, &context)));
        if format.ignores_unknown_fields {
            fields.ignore_others();
        }
        Some(Group {
            file: file.to_owned(),
            name: name?,
            interval_ms,
            query_offset_ms,
            limit: usize::try_from(limit).unwrap_or(usize::MAX),
            rules,
        })
    })
}

fn language(fields: &mut Fields<'_>, format: Format) -> Language {
    let words = [("metrics", Language::Metrics), ("logs", Language::Logs)];
    let written = fields.optional("source", |node| node.one_of(&words));
    written.or(format.language).unwrap_or_else(|| detected(fields))
}

/// LogQL when something is no PromQL, and everything is LogQL.
fn detected(fields: &mut Fields<'_>) -> Language {
    let mut expressions: Vec<String> = Vec::new();
    if let Some(rules) = fields.get("rules").filter(|rules| rules.is_list()) {
        rules.list(|item| {
            if item.is_map() {
                item.entries(|key, value| {
                    if key == "expr" && !value.is_map() && !value.is_list() {
                        expressions.extend(value.string());
                    }
                    Some(())
                });
            }
            Some(())
        });
    }
    let is_logs = expressions.iter().any(|text| Query::metrics(text).is_err())
        && expressions.iter().all(|text| Query::logs(text).is_ok());
    if is_logs { Language::Logs } else { Language::Metrics }
}
