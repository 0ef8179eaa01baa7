//! Alert policies and conditions: burn rates over a window.

use super::Registry;
use super::metadata::metadata;
use crate::slo::Tier;
use lgtm_settings::{Fields, Node};

/// The smallest long window: its twelfth must still hold a few slices.
const LOOKBACK_MS_MIN: i64 = 10 * 60_000;

/// The `spec` of an AlertCondition.
pub(super) fn condition(node: Node<'_>) -> Option<Tier> {
    node.map(|fields| {
        fields.or_default("description", |node| node.string());
        let severity = fields.required("severity", |node| node.non_empty_string());
        let tier = fields.required("condition", |node| {
            node.map(|fields| {
                fields.or("kind", (), |node| node.one_of(&[("burnrate", ())]));
                let threshold = fields.required("threshold", threshold);
                let long_ms = fields.required("lookbackWindow", lookback);
                let for_ms = fields.or("alertAfter", 0, |node| node.duration_ms());
                Some(Tier { severity: String::new(), threshold: threshold?, long_ms: long_ms?, for_ms })
            })
        })?;
        Some(Tier { severity: severity?, ..tier })
    })
}

fn threshold(node: Node<'_>) -> Option<f64> {
    let threshold = node.number()?;
    if threshold <= 0.0 {
        node.problem("expected a number above 0");
        return None;
    }
    Some(threshold)
}

fn lookback(node: Node<'_>) -> Option<i64> {
    let long_ms = node.duration_ms()?;
    if long_ms < LOOKBACK_MS_MIN {
        node.problem("expected at least 10m: the short window is a twelfth of it");
        return None;
    }
    Some(long_ms)
}

/// The `spec` of an AlertPolicy: its tiers.
pub(super) fn policy(node: Node<'_>, registry: &Registry) -> Option<Vec<Tier>> {
    node.map(|fields| {
        fields.or_default("description", |node| node.string());
        let breaching = fields.or("alertWhenBreaching", true, |node| node.bool());
        if !fields.or("alertWhenNoData", true, |node| node.bool()) {
            fields.warn_at(
                "alertWhenNoData",
                "\"alertWhenNoData\" has no effect: what is not measured always has an alert of its own",
            );
        }
        fields.accept(&["alertWhenResolved"], "has no effect here: receivers say so (send_resolved)");
        fields.or_default("notificationTargets", |node| node.list(|item| notification_target(item, registry)));
        if fields.has("notificationTargets") {
            fields.warn_at(
                "notificationTargets",
                "\"notificationTargets\" has no effect: the notifier's routes decide by labels",
            );
        }
        let conditions = fields.required("conditions", |node| {
            let mut given = 0;
            let conditions = node.list(|item| {
                given += 1;
                item.map(|fields| condition_or_reference(fields, registry))
            })?;
            if given == 0 {
                node.problem("expected a condition");
            }
            Some(conditions)
        })?;
        Some(if breaching { conditions } else { Vec::new() })
    })
}

fn condition_or_reference(fields: &mut Fields<'_>, registry: &Registry) -> Option<Tier> {
    if let Some(node) = fields.get("conditionRef") {
        let name = node.non_empty_string()?;
        let found = registry.conditions.get(&name).cloned();
        if found.is_none() {
            node.problem(format!("no AlertCondition is named {name:?}"));
        }
        return found;
    }
    head(fields, "AlertCondition");
    fields.required("spec", condition)
}

/// Policies of an SLO: inline, or by reference.
pub(super) fn policy_or_reference(node: Node<'_>, registry: &Registry) -> Option<Vec<Tier>> {
    node.map(|fields| {
        if let Some(node) = fields.get("alertPolicyRef") {
            let name = node.non_empty_string()?;
            let found = registry.policies.get(&name).cloned();
            if found.is_none() {
                node.problem(format!("no AlertPolicy is named {name:?}"));
            }
            return found;
        }
        head(fields, "AlertPolicy");
        fields.required("spec", |node| policy(node, registry))
    })
}

fn notification_target(node: Node<'_>, registry: &Registry) -> Option<()> {
    node.map(|fields| {
        if let Some(node) = fields.get("targetRef") {
            let name = node.non_empty_string()?;
            if !registry.notification_targets.contains(&name) {
                node.problem(format!("no AlertNotificationTarget is named {name:?}"));
            }
            return Some(());
        }
        head(fields, "AlertNotificationTarget");
        fields.required("spec", |node| {
            node.map(|fields| {
                fields.or_default("description", |node| node.string());
                fields.required("target", |node| node.non_empty_string())
            })
        })?;
        Some(())
    })
}

/// The head of an object that stands inside another.
fn head(fields: &mut Fields<'_>, kind: &'static str) {
    fields.optional("apiVersion", |node| node.string());
    fields.optional("kind", |node| node.one_of(&[(kind, ())]));
    fields.optional("metadata", metadata);
}
