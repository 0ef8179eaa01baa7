//! How objectives stand: what the rules recorded, read back.

use crate::policy::PolicyState;
use crate::scale::{Scale, text};
use crate::slo::Slo;
use chrono::{DateTime, SecondsFormat};
use lgtm_model::{METRIC_NAME, Matcher, TimestampMs, is_stale_nan};
use lgtm_promql::{Engine, EvalError, Select, Source, Value};
use std::collections::BTreeMap;

/// Samples of the policy's and the blocks' history that one answer may read.
const HISTORY_SAMPLES_MAX: usize = 5_000_000;

/// How one objective stands. What was not measured is `None`.
#[derive(Clone, Debug, PartialEq)]
pub struct SloStatus {
    /// The label `slo`.
    pub name: String,
    /// For people.
    pub display_name: String,
    /// Whose promise it is.
    pub service: String,
    /// What it is about.
    pub description: String,
    /// The promised share of good events.
    pub objective: f64,
    /// The budget's window as it is written.
    pub window_ms: i64,
    /// The same as it really is.
    pub effective_window_ms: i64,
    /// The share of good events over the window.
    pub sli: Option<f64>,
    /// Good events over the window.
    pub good: Option<f64>,
    /// All events over the window.
    pub total: Option<f64>,
    /// The whole budget as time in the window as it is written.
    pub budget_ms: i64,
    /// The share of the budget that is gone; above one when more is gone than there was.
    pub budget_consumed: Option<f64>,
    /// One for each window that an alert looks at over longer time.
    pub burn_rates: Vec<BurnRate>,
    /// What the policy says.
    pub state: PolicyState,
    /// Since when, as far as is known.
    pub state_since: Option<TimestampMs>,
    /// When deployments may go on if nothing bad happens any more; of paused ones only.
    pub resumes_at: Option<TimestampMs>,
    /// How long the rest of the budget lasts at the rate of the shortest window; `None` also if for ever.
    pub exhausts_in_ms: Option<i64>,
    /// The share of the window that was measured.
    pub measured: Option<f64>,
    /// Its alerts that are pending or firing.
    pub alerts: Vec<AlertStatus>,
    /// Where its history is.
    pub queries: Queries,
}

impl SloStatus {
    /// The share of the budget that is left; negative when more is gone than there was.
    pub fn budget_remaining(&self) -> Option<f64> {
        self.budget_consumed.map(|consumed| 1.0 - consumed)
    }
}

/// The burn rate of one alert's long window.
#[derive(Clone, Debug, PartialEq)]
pub struct BurnRate {
    /// The long window as it is written.
    pub window: String,
    /// The same as it really is.
    pub effective_window: String,
    /// The short window as it is written.
    pub short_window: String,
    /// How many times faster than allowed.
    pub rate: Option<f64>,
    /// Above which the alert fires.
    pub threshold: f64,
    /// The alert's severity.
    pub severity: String,
}

/// One alert that is pending or firing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AlertStatus {
    /// Its name.
    pub name: String,
    /// `pending` or `firing`
    pub state: String,
    /// Its target, of those that have one.
    pub instance: Option<String>,
}

/// PromQL for charts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Queries {
    /// The share of good events over the window.
    pub sli: String,
    /// Burn rates, one series a window.
    pub burn: String,
    /// What is left of the budget.
    pub budget: String,
}

/// Everything that one query brings, by metric, objective and window.
type Recorded = BTreeMap<(String, String, String), f64>;

/// How these objectives stand at `now`.
pub async fn status(
    slos: &[Slo],
    scale: Scale,
    source: &dyn Source,
    engine: &Engine,
    now: TimestampMs,
) -> Result<Vec<SloStatus>, EvalError> {
    if slos.is_empty() {
        return Ok(Vec::new());
    }
    let names = "good_events|total_events|measured_ratio|burn_rate|sli_ratio|budget_consumed_ratio";
    let query = format!("{{__name__=~\"lgtm_slo_({names})\"}}");
    let mut recorded = Recorded::new();
    for sample in vector(engine.instant(source, &query, now).await?.value) {
        let label = |name| sample.labels.get(name).unwrap_or_default().to_owned();
        recorded.insert((label(METRIC_NAME), label("slo"), label("window")), sample.value);
    }
    let mut alerts: BTreeMap<String, Vec<AlertStatus>> = BTreeMap::new();
    for sample in vector(engine.instant(source, "ALERTS{slo!=\"\"}", now).await?.value) {
        let label = |name| sample.labels.get(name).unwrap_or_default().to_owned();
        let instance = sample.labels.get("instance").map(str::to_owned);
        let alert = AlertStatus { name: label("alertname"), state: label("alertstate"), instance };
        alerts.entry(label("slo")).or_default().push(alert);
    }
    let mut statuses = Vec::with_capacity(slos.len());
    for slo in slos {
        let mut status = standing(slo, scale, &recorded);
        status.alerts = alerts.remove(&slo.name).unwrap_or_default();
        status.state_since = state_since(&status, source, now).await?;
        if status.state.pauses_deployments() {
            status.resumes_at = resumes_at(&status, source, now).await?;
        }
        statuses.push(status);
    }
    Ok(statuses)
}

fn vector(value: Value) -> Vec<lgtm_promql::InstantSample> {
    match value {
        Value::Vector(samples) => samples,
        _ => Vec::new(),
    }
}

fn standing(slo: &Slo, scale: Scale, recorded: &Recorded) -> SloStatus {
    let get = |metric: &str, window_ms: i64| {
        let key = (format!("lgtm_slo_{metric}"), slo.name.clone(), text(window_ms));
        recorded.get(&key).copied().filter(|value| value.is_finite())
    };
    let effective_window_ms = scale.budget_window_ms(slo.window_ms);
    let consumed = get("budget_consumed_ratio", slo.window_ms);
    let burn_rates: Vec<BurnRate> = slo
        .tiers
        .iter()
        .map(|tier| BurnRate {
            window: text(tier.long_ms),
            effective_window: text(scale.window_ms(tier.long_ms)),
            short_window: text(tier.short_ms()),
            rate: get("burn_rate", tier.long_ms),
            threshold: tier.threshold,
            severity: tier.severity.clone(),
        })
        .collect();
    let shortest_ms = slo.tiers.iter().map(|tier| tier.long_ms).min();
    let rate = shortest_ms.and_then(|window_ms| get("burn_rate", window_ms)).filter(|rate| *rate > 1.0);
    let exhausts_in_ms = consumed
        .zip(rate)
        .map(|(consumed, rate)| ((1.0 - consumed).max(0.0) * effective_window_ms as f64 / rate).round() as i64);
    let chart = |metric: &str| format!("lgtm_slo_{metric}{{slo=\"{}\"}}", slo.name);
    SloStatus {
        name: slo.name.clone(),
        display_name: slo.display_name.clone(),
        service: slo.service.clone(),
        description: slo.description.clone(),
        objective: slo.objective,
        window_ms: slo.window_ms,
        effective_window_ms,
        sli: get("sli_ratio", slo.window_ms),
        good: get("good_events", slo.window_ms),
        total: get("total_events", slo.window_ms),
        budget_ms: slo.budget_ms(),
        budget_consumed: consumed,
        burn_rates,
        state: PolicyState::at(consumed),
        state_since: None,
        resumes_at: None,
        exhausts_in_ms,
        measured: get("measured_ratio", slo.window_ms),
        alerts: Vec::new(),
        queries: Queries { sli: chart("sli_ratio"), burn: chart("burn_rate"), budget: chart("budget_remaining_ratio") },
    }
}

/// The recorded history of one series name of an objective over its window: time and value, series put together.
async fn history(
    status: &SloStatus,
    source: &dyn Source,
    now: TimestampMs,
    name: &str,
    state: Option<PolicyState>,
) -> Result<BTreeMap<i64, f64>, EvalError> {
    let mut matchers = vec![Matcher::equal("slo", status.name.clone()), Matcher::equal(METRIC_NAME, name)];
    matchers.extend(state.map(|state| Matcher::equal("state", state.as_str())));
    let start = TimestampMs(now.0 - status.effective_window_ms + 1);
    let select = Select { matchers, start, end: now, samples_max: HISTORY_SAMPLES_MAX };
    let mut sums = BTreeMap::new();
    for series in source.select(&select).await? {
        for (time, value) in series.timestamps_ms.iter().zip(&series.values) {
            if !is_stale_nan(*value) {
                *sums.entry(*time).or_insert(0.0) += value;
            }
        }
    }
    Ok(sums)
}

/// The beginning of the run of ones that lasts until now.
async fn state_since(
    status: &SloStatus,
    source: &dyn Source,
    now: TimestampMs,
) -> Result<Option<TimestampMs>, EvalError> {
    if status.state == PolicyState::Unknown {
        return Ok(None);
    }
    let history = history(status, source, now, "lgtm_slo_policy_state", Some(status.state)).await?;
    let run = history.iter().rev().take_while(|(_, value)| **value == 1.0);
    Ok(run.last().map(|(time, _)| TimestampMs(*time)))
}

/// When so many bad events will have left the window that less than three quarters of the budget are gone, if none is
/// added and the traffic stays the same.
async fn resumes_at(
    status: &SloStatus,
    source: &dyn Source,
    now: TimestampMs,
) -> Result<Option<TimestampMs>, EvalError> {
    let Some(consumed) = status.budget_consumed else { return Ok(None) };
    let totals = history(status, source, now, "lgtm_slo_block_total_events", None).await?;
    let goods = history(status, source, now, "lgtm_slo_block_good_events", None).await?;
    let bad_at = |time: &i64, total: &f64| (total - goods.get(time).copied().unwrap_or(0.0)).max(0.0);
    let bad: f64 = totals.iter().map(|(time, total)| bad_at(time, total)).sum();
    // From this many bad events on deployments are paused.
    let paused_from = bad * 0.75 / consumed;
    let mut rest = bad;
    for (time, total) in &totals {
        rest -= bad_at(time, total);
        if rest < paused_from {
            return Ok(Some(TimestampMs(time + status.effective_window_ms)));
        }
    }
    Ok(None)
}

/// A time as people and JSON write it, in UTC.
pub fn rfc3339(time: TimestampMs) -> String {
    match DateTime::from_timestamp_millis(time.0) {
        Some(time) => time.to_rfc3339_opts(SecondsFormat::Secs, true),
        None => format!("{}ms", time.0),
    }
}
