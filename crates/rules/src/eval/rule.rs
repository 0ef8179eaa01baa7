//! One rule at one time: its result, as samples to store and alerts to tell.

use super::{RuleState, Tools};
use crate::alert::{Durations, Found};
use crate::query::Reader;
use crate::rule::{Alerting, Rule, RuleKind};
use crate::text::{Asks, Moment, QueryFunction, Text};
use lgtm_model::{Labels, METRIC_NAME, SampleRow, TimestampMs};
use lgtm_promql::InstantSample;
use std::collections::HashSet;
use std::sync::Arc;

/// Evaluates a rule. The samples are those to store; alerts are told by the way.
pub(super) fn evaluate(
    state: &mut RuleState,
    at: TimestampMs,
    read_at: TimestampMs,
    limit: usize,
    reader: &Reader<'_>,
    tools: &Tools<'_>,
) -> Result<Vec<SampleRow>, String> {
    let rule = Arc::clone(&state.rule);
    let result = reader.instant(&rule.query, read_at)?;
    match &rule.kind {
        RuleKind::Recording => recorded(state, &rule, result, read_at, limit),
        RuleKind::Alerting(alerting) => {
            let found = found(state, &rule, alerting, result, at, tools);
            let durations = Durations { for_ms: alerting.for_ms, keep_firing_for_ms: alerting.keep_firing_for_ms };
            state.alerts.update(found, at, durations, limit)?;
            let due = state.alerts.due(at, tools.resend_delay_ms);
            if !due.is_empty() {
                (tools.tell)(&rule, due);
            }
            Ok(if state.is_restored { state.alerts.samples(read_at) } else { Vec::new() })
        }
    }
}

fn recorded(
    state: &mut RuleState,
    rule: &Rule,
    result: Vec<InstantSample>,
    at: TimestampMs,
    limit: usize,
) -> Result<Vec<SampleRow>, String> {
    let rename = |labels: &Labels| {
        let mut builder = labels.to_builder();
        builder.set(METRIC_NAME, rule.name.as_str());
        for (name, text) in &rule.labels {
            builder.set(name.as_str(), text.as_str());
        }
        builder.build()
    };
    let rows: Vec<SampleRow> = result
        .into_iter()
        .map(|sample| SampleRow {
            labels: state.relabelled.get(&sample.labels, rename),
            timestamp: at,
            value: sample.value,
        })
        .collect();
    state.relabelled.end();
    let distinct: HashSet<&Labels> = rows.iter().map(|row| &row.labels).collect();
    if distinct.len() < rows.len() {
        return Err("vector contains metrics with the same labelset after applying rule labels".to_owned());
    }
    if limit > 0 && rows.len() > limit {
        return Err(format!("exceeded limit of {limit} with {} series", rows.len()));
    }
    Ok(rows)
}

fn found(
    state: &mut RuleState,
    rule: &Rule,
    alerting: &Alerting,
    result: Vec<InstantSample>,
    at: TimestampMs,
    tools: &Tools<'_>,
) -> Vec<Found> {
    let asks = Asks { engine: tools.engine.clone(), source: Arc::clone(tools.metrics), at };
    let query: Arc<dyn QueryFunction> = Arc::new(asks);
    let is_fixed = rule.labels.iter().all(|(_, text)| text.is_plain());
    let expanded = |text: &Text, moment: &Moment<'_>| {
        text.expand(moment).unwrap_or_else(|error| {
            tracing::warn!(alert = rule.name, "expanding alert template failed: {error}");
            format!("<error expanding template: {error}>")
        })
    };
    let all = result.into_iter().map(|sample| {
        let moment =
            Moment { labels: &sample.labels, value: sample.value, at, surroundings: tools.surroundings, query: &query };
        let label = |labels: &Labels| {
            let mut builder = labels.to_builder();
            builder.remove(METRIC_NAME);
            for (name, text) in &rule.labels {
                builder.set(name.as_str(), expanded(text, &moment));
            }
            builder.set("alertname", rule.name.as_str());
            builder.build()
        };
        let labels = match is_fixed {
            true => state.relabelled.get(&sample.labels, label),
            false => label(&sample.labels),
        };
        let annotations = alerting.annotations.iter().map(|(name, text)| (name.as_str(), expanded(text, &moment)));
        Found { labels, annotations: Labels::from_pairs(annotations), value: sample.value }
    });
    let all = all.collect();
    state.relabelled.end();
    all
}
