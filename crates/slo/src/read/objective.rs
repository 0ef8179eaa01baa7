//! Objectives: the target, and of a threshold metric the comparison.

use lgtm_settings::{Fields, Node};

/// One entry of `objectives`.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Objective {
    /// For people.
    pub display_name: Option<String>,
    /// The share of good events.
    pub target: f64,
    /// What keeps the promise, of a threshold metric.
    pub comparison: Option<(&'static str, f64)>,
}

pub(super) fn objective(node: Node<'_>) -> Option<Objective> {
    node.map(|fields| {
        let display_name = fields.optional("displayName", |node| node.string());
        let operators = [("lte", "<="), ("gte", ">="), ("lt", "<"), ("gt", ">")];
        let op = fields.optional("op", |node| node.one_of(&operators));
        let value = fields.optional("value", |node| node.number());
        if op.is_some() != value.is_some() {
            fields.node().problem("\"op\" and \"value\" belong together");
        }
        for name in ["timeSliceTarget", "timeSliceWindow"] {
            if fields.has(name) {
                fields.problem_at(name, "time slices are not supported; budgets are counted by occurrences");
            }
        }
        fields.get("timeSliceTarget");
        fields.get("timeSliceWindow");
        let target = target(fields)?;
        Some(Objective { display_name, target, comparison: op.zip(value) })
    })
}

/// `target` as a fraction, or `targetPercent`.
pub(super) fn target(fields: &mut Fields<'_>) -> Option<f64> {
    if fields.has("target") && fields.has("targetPercent") {
        fields.optional("target", |node| node.number());
        fields.problem_at("targetPercent", "at most one of \"target\" and \"targetPercent\" can be given");
        fields.optional("targetPercent", |node| node.number());
        return None;
    }
    if let Some(node) = fields.get("targetPercent") {
        let percent = node.number()?;
        // Rounded, so that 99.9 percent are 0.999.
        return between(node, (percent * 1e10).round() / 1e12, "percentage above 0 and below 100");
    }
    match fields.get("target") {
        Some(node) => {
            let target = node.number()?;
            between(node, target, "fraction above 0 and below 1, such as 0.995 (or give targetPercent: 99.5)")
        }
        None => {
            fields.node().problem("expected \"target\" or \"targetPercent\"");
            None
        }
    }
}

fn between(node: Node<'_>, target: f64, expected: &str) -> Option<f64> {
    if target > 0.0 && target < 1.0 {
        return Some(target);
    }
    let reason = if target == 1.0 { ": a promise without any budget cannot be kept" } else { "" };
    node.problem(format!("expected a {expected}{reason}"));
    None
}
