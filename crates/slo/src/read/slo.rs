//! `kind: SLO`

use super::indicator::{Indicator, indicator};
use super::metadata::Metadata;
use super::objective::{Objective, objective};
use super::{Registry, alert_policy};
use crate::slo::{Events, Part, Sli, Slo, Tier, default_tiers};
use lgtm_model::format_duration_ms;
use lgtm_settings::{Fields, Node};

/// The window of a budget when none is given.
pub(super) const WINDOW_MS_DEFAULT: i64 = 30 * DAY_MS;

/// The window of a budget, from a day to a quarter.
const WINDOW_MS: std::ops::RangeInclusive<i64> = DAY_MS..=92 * DAY_MS;

const DAY_MS: i64 = 86_400_000;

/// Characters of a description, as OpenSLO has it.
const DESCRIPTION_LENGTH_MAX: usize = 1050;

/// Reads the `spec` and adds one objective for each of `objectives`.
pub(super) fn read(node: Node<'_>, metadata: Metadata, registry: &mut Registry) -> Option<()> {
    node.map(|fields| {
        let description = fields.or_default("description", description);
        let service = fields.required("service", |node| node.non_empty_string());
        let indicator = find_indicator(fields, registry);
        let window_ms = fields.or("timeWindow", Some(WINDOW_MS_DEFAULT), |node| Some(time_window(node)));
        budgeting_method(fields);
        let objectives = fields.required("objectives", |node| {
            let mut given = 0;
            let objectives = node.list(|item| {
                given += 1;
                Some((item, objective(item)?))
            })?;
            if given == 0 {
                node.problem("expected an objective");
            }
            Some(objectives)
        });
        let tiers = fields.optional("alertPolicies", |node| {
            let policies = node.list(|item| alert_policy::policy_or_reference(item, registry))?;
            Some((node, policies.into_iter().flatten().collect::<Vec<Tier>>()))
        });
        let (indicator, objectives) = (indicator?, objectives?);
        let (service, window_ms) = (service?, window_ms?);
        let several = objectives.len() > 1;
        for (place, objective) in objectives {
            let sli = sli(&indicator, &objective, place);
            let allowance = ((1.0 - objective.target) * 1e12).round() / 1e12;
            let tiers = checked_tiers(tiers.clone(), place, allowance, window_ms);
            let Some(sli) = sli else { continue };
            let mut name = metadata.name.clone();
            if several {
                name = format!("{name}-{}", crate::compile::number(objective.target * 100.0));
            }
            let display_name = match objective.display_name {
                Some(own) if several => format!("{}: {own}", metadata.display_name),
                _ => metadata.display_name.clone(),
            };
            let slo = Slo {
                name,
                display_name,
                service: service.clone(),
                description: description.clone(),
                objective: objective.target,
                window_ms,
                each_target: metadata.each_target.unwrap_or(matches!(sli.total, Events::Samples(_))),
                sli,
                tiers,
                target_labels: metadata.target_labels.clone(),
                labels: metadata.labels.clone(),
            };
            add(slo, place, registry);
        }
        Some(())
    })
}

/// Adds an objective unless another one has its name.
pub(super) fn add(slo: Slo, place: Node<'_>, registry: &mut Registry) {
    if registry.slos.iter().any(|other| other.name == slo.name) {
        place.problem(format!("another objective is named {:?}", slo.name));
    } else {
        registry.slos.push(slo);
    }
}

pub(super) fn description(node: Node<'_>) -> Option<String> {
    let text = node.string()?;
    if text.chars().count() > DESCRIPTION_LENGTH_MAX {
        node.problem(format!("is longer than {DESCRIPTION_LENGTH_MAX} characters"));
    }
    Some(text.trim().to_owned())
}

fn find_indicator(fields: &mut Fields<'_>, registry: &Registry) -> Option<Indicator> {
    match (fields.get("indicator"), fields.get("indicatorRef")) {
        (Some(node), None) => node.map(|fields| {
            fields.optional("apiVersion", |node| node.string());
            fields.optional("kind", |node| node.one_of(&[("SLI", ())]));
            fields.optional("metadata", super::metadata::metadata);
            fields.required("spec", |node| indicator(node, registry))
        }),
        (None, Some(node)) => {
            let name = node.non_empty_string()?;
            let found = registry.indicators.get(&name).cloned();
            if found.is_none() {
                node.problem(format!("no SLI is named {name:?}"));
            }
            found
        }
        _ => {
            fields.node().problem("expected exactly one of \"indicator\" and \"indicatorRef\"");
            None
        }
    }
}

fn budgeting_method(fields: &mut Fields<'_>) {
    let methods = [("Occurrences", true), ("Timeslices", false), ("RatioTimeslices", false)];
    if fields.required("budgetingMethod", |node| node.one_of(&methods)) == Some(false) {
        fields.problem_at(
            "budgetingMethod",
            "only \"Occurrences\" is supported: time slices would call a slice bad as a whole, whatever its traffic",
        );
    }
}

fn time_window(node: Node<'_>) -> Option<i64> {
    let windows = node.list(|item| {
        item.map(|fields| {
            let window_ms = fields.required("duration", window);
            let rolling = fields.or("isRolling", !fields.has("calendar"), |node| node.bool());
            if fields.has("calendar") || !rolling {
                fields.get("calendar");
                fields.node().problem("calendar windows are not supported: the budget is rolling (isRolling: true)");
                return None;
            }
            window_ms
        })
    })?;
    match windows.as_slice() {
        [window_ms] => Some(*window_ms),
        // What was wrong with it is noted already.
        [] => None,
        _ => {
            node.problem("expected exactly one window");
            None
        }
    }
}

/// The length of a budget's window.
pub(super) fn window(node: Node<'_>) -> Option<i64> {
    let text = node.non_empty_string()?;
    if text.ends_with(['M', 'Q', 'Y']) {
        node.problem("months, quarters and years have no fixed length; write days or weeks, such as 30d or 4w");
        return None;
    }
    let window_ms = node.duration_ms()?;
    if !WINDOW_MS.contains(&window_ms) {
        node.problem("expected a window from 1d to 92d");
        return None;
    }
    Some(window_ms)
}

fn sli(indicator: &Indicator, objective: &Objective, place: Node<'_>) -> Option<Sli> {
    match (indicator, objective.comparison) {
        (Indicator::Ratio(sli), None) => Some(sli.clone()),
        (Indicator::Threshold(expr), Some((op, value))) => Some(Sli {
            total: Events::Read(expr.clone()),
            part: Events::Holds { expr: expr.clone(), op, value },
            part_is: Part::Good,
        }),
        (Indicator::Ratio(_), Some(_)) => {
            place.problem("\"op\" and \"value\" are for threshold metrics; a ratio of events needs none");
            None
        }
        (Indicator::Threshold(_), None) => {
            place.problem("a threshold metric needs \"op\" and \"value\": what keeps the promise?");
            None
        }
    }
}

/// The tiers given, or the default ones; each must be within reach and within the window, and says something of its own.
pub(super) fn checked_tiers(
    given: Option<(Node<'_>, Vec<Tier>)>,
    place: Node<'_>,
    allowance: f64,
    window_ms: i64,
) -> Vec<Tier> {
    let (place, tiers) = match given {
        Some((node, tiers)) => (node, tiers),
        None => (place, default_tiers()),
    };
    let mut kept: Vec<Tier> = Vec::new();
    for tier in tiers {
        let name = format!("{}× over {}", tier.threshold, format_duration_ms(tier.long_ms));
        if !tier.is_reachable(allowance) {
            place.problem(format!(
                "the alert \"{name}\" could never fire: with a target of {}% nothing burns faster than {}×, when \
                 everything fails; give alertPolicies with lower thresholds, or a higher target",
                crate::compile::number((1.0 - allowance) * 100.0),
                crate::compile::number(1.0 / allowance),
            ));
        } else if tier.long_ms >= window_ms {
            place.problem(format!("the alert \"{name}\" looks further back than the window of the budget"));
        } else if kept.iter().any(|other| other.long_ms == tier.long_ms && other.threshold == tier.threshold) {
            place.warn(format!("the alert \"{name}\" is there already; this one is left out"));
        } else {
            kept.push(tier);
        }
    }
    kept
}
