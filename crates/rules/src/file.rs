//! Rule files: Prometheus' format, and Loki's, which is the same with LogQL in it.
//!
//! Every problem of a file is told at once, in the file's own lines and columns: a mistake inside an expression or a
//! template has its caret there. Fields that no one knows are errors. One field is ours, `source`, in a group:
//! `logs` says that its expressions are LogQL, `metrics` (the default) that they are PromQL. Without it a group is taken
//! for LogQL when some expression of it is no PromQL and all of them are LogQL, so that Loki's files work as they are.

mod group;
mod names;
mod rule;

use crate::rule::{Group, Language};
use crate::text::Dialect;
use lgtm_model::NameRules;
use lgtm_settings::{Node, Problems, Reading, read_text};
use std::collections::HashSet;
use std::path::Path;

/// How a rule file is read.
#[derive(Clone, Copy, Debug, Default)]
pub struct Format {
    /// Which label names are legal.
    pub names: NameRules,
    /// The language of groups that do not say theirs; `None` finds it out.
    pub language: Option<Language>,
    /// Whether unknown fields are passed over, with a warning.
    pub ignores_unknown_fields: bool,
}

/// Reads a rule file.
pub fn read_rule_file(path: &Path, format: Format) -> Result<Reading<Vec<Group>>, Problems> {
    let name = path.display().to_string();
    match std::fs::read_to_string(path) {
        Ok(text) => read_rules(&name, &text, format),
        Err(error) => Err(Problems::from(lgtm_settings::Problem::of_file(&name, format!("cannot be opened: {error}")))),
    }
}

/// Reads the text of a rule file; `name` stands for the file in problems and in the API.
pub fn read_rules(name: &str, text: &str, format: Format) -> Result<Reading<Vec<Group>>, Problems> {
    let (first, has_more) = first_document(text);
    read_text(name, first, |root| {
        if has_more {
            root.warn("only the first YAML document is read, the others are ignored");
        }
        groups(root, name, format)
    })
}

fn groups(root: Node<'_>, file: &str, format: Format) -> Option<Vec<Group>> {
    root.map(|fields| {
        let mut seen = HashSet::new();
        let dialect = Dialect::default();
        let groups =
            fields.or_default("groups", |node| node.list(|item| group::read(item, file, format, &dialect, &mut seen)));
        if format.ignores_unknown_fields {
            fields.ignore_others();
        }
        Some(groups)
    })
}

/// The first YAML document, and whether there are more.
fn first_document(text: &str) -> (&str, bool) {
    let (mut at, mut has_content) = (0, false);
    for line in text.split_inclusive('\n') {
        let is_marker = line.trim_end() == "---" || line.starts_with("--- ");
        if is_marker && has_content {
            return (&text[..at], true);
        }
        let blank = line.trim_start();
        has_content |= !is_marker && !blank.is_empty() && !blank.starts_with('#') && !line.starts_with('%');
        at += line.len();
    }
    (text, false)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problems(text: &str) -> String {
        read_rules("rules.yml", text, Format::default()).unwrap_err().to_string()
    }

    #[test]
    fn curly_quotes_have_their_caret_in_the_file() {
        let text =
            "groups:\n- name: a\n  rules:\n  - record: x\n    expr: |\n      sum(\n        up{job=“node”}\n      )\n";
        let want = "rules.yml:7:16: parse error: unexpected character inside braces: '“'; \
                    type the straight ASCII quote \" instead of “\n    7 |         up{job=“node”}\n      |                ^";
        assert_eq!(problems(text), want);
    }

    #[test]
    fn all_problems_of_a_file_are_told_at_once() {
        let text = "groups:\n- name: a\n  intervall: 5m\n  rules:\n  - expr: up\n  - record: a{b}\n    expr: sum(\n  - alert: x\n- name: a\n";
        let found = problems(text);
        let heads: Vec<&str> = found.lines().filter(|line| line.starts_with("rules.yml")).collect();
        assert_eq!(heads.len(), 6, "{found}");
        for want in [
            "rules.yml:3:3: unknown field \"intervall\"",
            "rules.yml:5:5: one of 'record' or 'alert' must be set",
            "rules.yml:6:13: braces present in the recording rule name",
            "rules.yml:7:15: parse error",
            "rules.yml:8:5: field 'expr' must be set in rule",
            "rules.yml:9:9: groupname: \"a\" is repeated in the same file",
        ] {
            assert!(heads.iter().any(|head| head.starts_with(want)), "{want}\n{found}");
        }
    }

    #[test]
    fn the_language_is_named_or_found_out() {
        let logs = "sum(count_over_time({job=\"x\"} |= \"error\" [5m])) > 10";
        let both = "count_over_time({job=\"x\"}[5m])";
        let read = |head: &str, exprs: &[&str]| {
            let rules: String = exprs.iter().map(|expr| format!("  - record: r\n    expr: '{expr}'\n")).collect();
            read_rules("a", &format!("groups:\n- name: a\n{head}  rules:\n{rules}"), Format::default())
        };
        let is_promql = |reading: Result<Reading<Vec<Group>>, Problems>| {
            reading.unwrap().value[0].rules.iter().all(|rule| rule.query.promql().is_some())
        };
        assert!(is_promql(read("", &[both])));
        assert!(!is_promql(read("  source: logs\n", &[both])));
        assert!(!is_promql(read("", &[both, logs])));
        assert!(read("  source: metrics\n", &[logs]).is_err());
        assert!(read("", &["up + 1", logs]).is_err());
    }

    #[test]
    fn only_the_first_document_is_read() {
        let reading = read_rules("a", "---\n# x\ngroups: []\n---\ngroups: 5\n", Format::default()).unwrap();
        assert!(reading.value.is_empty());
        assert!(reading.warnings.to_string().contains("first YAML document"));
    }
}
