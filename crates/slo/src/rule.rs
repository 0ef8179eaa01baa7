//! Rule groups as Prometheus' rule files hold them, and their text.

use crate::scale::text;
use std::fmt::Write;

/// Rules that are evaluated together, one after the other.
#[derive(Clone, Debug, PartialEq)]
pub struct RuleGroup {
    /// Unique within the file.
    pub name: String,
    /// How often.
    pub interval_ms: i64,
    /// In the order of evaluation; later ones read what earlier ones recorded.
    pub rules: Vec<Rule>,
}

/// One rule.
#[derive(Clone, Debug, PartialEq)]
pub struct Rule {
    /// What it does with the values of the expression.
    pub kind: RuleKind,
    /// PromQL.
    pub expr: String,
    /// Labels of what it makes.
    pub labels: Vec<(String, String)>,
}

/// What a rule makes.
#[derive(Clone, Debug, PartialEq)]
pub enum RuleKind {
    /// A series of this name.
    Record(String),
    /// An alert.
    Alert {
        /// Its name.
        name: String,
        /// How long the expression must hold.
        for_ms: i64,
        /// Templates of what is told about it.
        annotations: Vec<(String, String)>,
    },
}

/// The groups as the text of a rule file.
pub fn rule_file_text(groups: &[RuleGroup]) -> String {
    let mut out = String::from("groups:");
    if groups.is_empty() {
        out.push_str(" []\n");
        return out;
    }
    out.push('\n');
    for group in groups {
        // Writing to a String cannot fail.
        let _ = writeln!(out, "  - name: {}\n    interval: {}", quoted(&group.name), text(group.interval_ms));
        out.push_str("    rules:\n");
        for rule in &group.rules {
            write_rule(&mut out, rule);
        }
    }
    out
}

fn write_rule(out: &mut String, rule: &Rule) {
    let (head, name) = match &rule.kind {
        RuleKind::Record(name) => ("record", name),
        RuleKind::Alert { name, .. } => ("alert", name),
    };
    let _ = writeln!(out, "      - {head}: {name}\n        expr: |-");
    for line in rule.expr.lines() {
        let _ = writeln!(out, "          {line}");
    }
    if let RuleKind::Alert { for_ms, .. } = &rule.kind
        && *for_ms > 0
    {
        let _ = writeln!(out, "        for: {}", text(*for_ms));
    }
    write_map(out, "labels", &rule.labels);
    if let RuleKind::Alert { annotations, .. } = &rule.kind {
        write_map(out, "annotations", annotations);
    }
}

fn write_map(out: &mut String, name: &str, entries: &[(String, String)]) {
    if entries.is_empty() {
        return;
    }
    let _ = writeln!(out, "        {name}:");
    for (key, value) in entries {
        let _ = writeln!(out, "          {key}: {}", quoted(value));
    }
}

/// A JSON text is also a YAML text, whatever it holds.
fn quoted(value: &str) -> String {
    serde_json::Value::from(value).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_reads_as_it_is_meant() {
        let alert = RuleKind::Alert {
            name: "A".to_owned(),
            for_ms: 120_000,
            annotations: vec![("summary".to_owned(), "{{ $labels.slo }}: \"x\"".to_owned())],
        };
        let groups = [RuleGroup {
            name: "slo: x".to_owned(),
            interval_ms: 15_000,
            rules: vec![
                Rule { kind: RuleKind::Record("a".to_owned()), expr: "b\n+ c".to_owned(), labels: Vec::new() },
                Rule { kind: alert, expr: "a > 1".to_owned(), labels: vec![("severity".to_owned(), "x".to_owned())] },
            ],
        }];
        let expected = "groups:\n  - name: \"slo: x\"\n    interval: 15s\n    rules:\n      - record: a\n        expr: |-\n          b\n          + c\n      \
                        - alert: A\n        expr: |-\n          a > 1\n        for: 2m\n        labels:\n          severity: \"x\"\n        \
                        annotations:\n          summary: \"{{ $labels.slo }}: \\\"x\\\"\"\n";
        assert_eq!(rule_file_text(&groups), expected);
        assert_eq!(rule_file_text(&[]), "groups: []\n");
    }
}
