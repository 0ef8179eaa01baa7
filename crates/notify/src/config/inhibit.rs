//! `inhibit_rules`: which alerts make which others not worth telling.

use super::matchers::selection;
use crate::inhibit::InhibitRule;
use lgtm_settings::Node;

/// Reads one rule.
pub(super) fn rule(node: Node<'_>) -> Option<InhibitRule> {
    node.map(|fields| {
        let name = fields.or_default("name", |node| node.string());
        let source = selection(fields, "source_match", "source_match_re", "source_matchers");
        let target = selection(fields, "target_match", "target_match_re", "target_matchers");
        let equal = fields.or_default("equal", |node| node.list(|item| item.non_empty_string()));
        if source.0.is_empty() && target.0.is_empty() {
            fields.node().warn("this rule selects every alert as source and as target, and so inhibits none");
        }
        Some(InhibitRule { name, source, target, equal })
    })
}
