//! Backtests: when alerts would have fired on real history, for how long, and how often they would have flapped.
//!
//! 1. Groups are put in such an order that one that reads what another records comes after it.
//! 2. Every rule is asked with one range query whose step is its group's interval, cut into pieces of bounded length.
//!    What recording rules give is kept in memory, before the real history, and read from there.
//! 3. The same state machine that runs alerts for real is led through the steps.
//!
//! Some rules cannot be asked so: those that read what they or later rules of their group wrote at the step before, and
//! those whose expression knows the query's range. Their group is evaluated step by step, with the code that runs
//! groups for real, and the report says why.
//!
//! A backtest begins without a past: what was pending before `since` is pending from `since` on.

mod mode;
mod range;
mod report;
mod steps;
mod track;

pub use report::{Firing, Mode, Report, RuleReport};

use crate::eval::{Outputs, may_read};
use crate::memory::Memory;
use crate::rule::{Group, RuleKind};
use lgtm_model::{Labels, TimestampMs};
use lgtm_promql::{Engine, Source};
use std::collections::BTreeSet;
use std::sync::Arc;

/// What a backtest looks at.
#[derive(Clone, Debug)]
pub struct BacktestOptions {
    /// The first time.
    pub since: TimestampMs,
    /// The last time.
    pub until: TimestampMs,
    /// The interval of groups that do not say theirs.
    pub evaluation_interval_ms: i64,
    /// An alert that fires again within this time of its end has flapped. Upstream has no such number; an hour.
    pub flap_ms: i64,
    /// What templates in labels see.
    pub external_labels: Labels,
    /// What templates in labels see.
    pub external_url: String,
    /// Steps of one range query; longer ones are cut. Default: 5,000.
    pub steps_per_query_max: usize,
    /// Evaluates every group step by step, to check the other way by.
    pub step_by_step: bool,
}

impl BacktestOptions {
    /// The defaults for a span of time.
    pub fn between(since: TimestampMs, until: TimestampMs) -> Self {
        Self {
            since,
            until,
            evaluation_interval_ms: 60_000,
            flap_ms: 3_600_000,
            external_labels: Labels::empty(),
            external_url: String::new(),
            steps_per_query_max: 5_000,
            step_by_step: false,
        }
    }
}

/// What a backtest reads.
#[derive(Clone)]
pub struct BacktestSources {
    /// Evaluates PromQL.
    pub engine: Engine,
    /// The history of metrics.
    pub metrics: Arc<dyn Source>,
    /// The history of logs.
    pub logs: Arc<dyn lgtm_logql::Source>,
}

/// Runs a backtest on a thread for computing.
pub async fn run(groups: Vec<Group>, sources: BacktestSources, options: BacktestOptions) -> Report {
    let (since, until) = (options.since, options.until);
    let computed = tokio::task::spawn_blocking(move || run_blocking(&groups, &sources, &options)).await;
    computed.unwrap_or_else(|error| Report { since, until, rules: Vec::new(), notes: vec![error.to_string()] })
}

/// The same on the calling thread, which waits for the sources.
pub fn run_blocking(groups: &[Group], sources: &BacktestSources, options: &BacktestOptions) -> Report {
    let mut report = Report { since: options.since, until: options.until, rules: Vec::new(), notes: Vec::new() };
    let ordered = in_order(groups, &mut report.notes);
    let memory = Arc::new(Memory::before(Arc::clone(&sources.metrics), owned(groups)));
    let history = History { sources, options, memory };
    for group in ordered {
        let mode = match options.step_by_step {
            true => Mode::StepByStep("asked for".to_owned()),
            false => mode::of(group, groups),
        };
        let rules = match mode {
            Mode::OneQuery => range::run(group, &history),
            Mode::StepByStep(reason) => steps::run(group, &history, &reason),
        };
        report.rules.extend(rules);
    }
    report
}

/// What the groups of a backtest share.
struct History<'a> {
    sources: &'a BacktestSources,
    options: &'a BacktestOptions,
    /// What recording rules gave, before the real history.
    memory: Arc<Memory>,
}

impl History<'_> {
    /// The steps of a group: multiples of its interval.
    fn steps(&self, group: &Group) -> Steps {
        let interval_ms = group.interval_ms.unwrap_or(self.options.evaluation_interval_ms).max(1);
        let first = self.options.since.0.div_euclid(interval_ms) * interval_ms;
        let first = if first < self.options.since.0 { first + interval_ms } else { first };
        let count = (self.options.until.0 - first).div_euclid(interval_ms) + 1;
        Steps { first, interval_ms, count: usize::try_from(count).unwrap_or(0) }
    }
}

/// Evenly spaced times.
#[derive(Clone, Copy)]
struct Steps {
    first: i64,
    interval_ms: i64,
    count: usize,
}

impl Steps {
    fn at(&self, step: usize) -> i64 {
        self.first + self.interval_ms * step as i64
    }
}

/// The metrics that are read from memory: those that are recorded here, and the state of alerts if a rule reads it.
fn owned(groups: &[Group]) -> BTreeSet<String> {
    let rules = || groups.iter().flat_map(|group| &group.rules);
    let recorded = rules().filter(|rule| rule.kind == RuleKind::Recording).map(|rule| rule.name.clone());
    let mut owned: BTreeSet<String> = recorded.collect();
    if mode::reads_alerts(groups) {
        owned.extend(["ALERTS".to_owned(), "ALERTS_FOR_STATE".to_owned()]);
    }
    owned
}

/// Groups that read what others write come after them; where that is a circle, the order of the files stands.
fn in_order<'a>(groups: &'a [Group], notes: &mut Vec<String>) -> Vec<&'a Group> {
    let outputs: Vec<Outputs> = groups.iter().map(|group| Outputs::of(&group.rules)).collect();
    let mut left: Vec<usize> = (0..groups.len()).collect();
    let mut ordered = Vec::new();
    while !left.is_empty() {
        let waits = |index: usize| {
            let others = left.iter().filter(|other| **other != index);
            others.clone().any(|other| groups[index].rules.iter().any(|rule| may_read(rule, &outputs[*other])))
        };
        let ready = left.iter().copied().find(|index| !waits(*index));
        let next = ready.unwrap_or(left[0]);
        if ready.is_none() {
            notes.push(format!(
                "group {:?} reads what a group behind it records: of that it sees nothing",
                groups[next].name
            ));
        }
        left.retain(|index| *index != next);
        ordered.push(&groups[next]);
    }
    ordered
}
