//! `relabel_configs` and `metric_relabel_configs`.

use lgtm_model::{NameRules, RelabelAction, RelabelRule, RelabelSpec};
use lgtm_settings::Node;

/// Reads a list of relabelling rules; `what` names them in problems.
pub fn read(node: Node<'_>, what: &str, names: NameRules) -> Option<Vec<RelabelRule>> {
    node.list(|item| {
        if item.is_null() {
            item.problem(format!("empty or null {what} relabeling rule"));
            return None;
        }
        rule(item, names)
    })
}

fn rule(node: Node<'_>, names: NameRules) -> Option<RelabelRule> {
    let default = RelabelSpec::default();
    let spec = node.map(|fields| {
        let source_labels = fields.or_default("source_labels", |node| {
            node.list(|item| {
                let name = item.string()?;
                if !names.allow_label(&name) {
                    item.problem(format!("{name:?} is not a valid label name"));
                    return None;
                }
                Some(name)
            })
        });
        let action = match fields.get("action") {
            None => Some(default.action),
            Some(node) if node.string().is_some_and(|text| text.is_empty()) => {
                node.problem("relabel action cannot be empty");
                None
            }
            // Upstream takes actions in any case.
            Some(node) => node.parse("a relabel action", |text| {
                let known = RelabelAction::ALL.iter().find(|(name, _)| name.eq_ignore_ascii_case(text));
                known.map(|(_, action)| *action).ok_or_else(|| {
                    let names = RelabelAction::ALL.map(|(name, _)| name);
                    match lgtm_settings::nearest(text, names) {
                        Some(name) => format!("did you mean {name:?}?"),
                        None => format!("one of {}", names.join(", ")),
                    }
                })
            }),
        };
        // An empty text is not the same as an absent one here: an empty replacement removes the label.
        Some(RelabelSpec {
            source_labels,
            separator: fields.or("separator", default.separator, |node| node.string()),
            regex: fields.or("regex", default.regex, |node| node.string()),
            modulus: fields.or("modulus", 0, |node| node.integer(0..=i64::MAX)).unsigned_abs(),
            target_label: fields.or_default("target_label", |node| node.string()),
            replacement: fields.or("replacement", default.replacement, |node| node.string()),
            action: action?,
            names,
        })
    })?;
    match RelabelRule::new(spec) {
        Ok(rule) => Some(rule),
        Err(error) => {
            node.problem(error.to_string());
            None
        }
    }
}
