//! Evaluates compiled groups under a simulated clock, as Prometheus does: rules of a group one after the other, series
//! that vanish from a result marked stale, alerts pending until their time has come.

use crate::memory::Memory;
use futures::executor::block_on;
use lgtm_model::{Labels, METRIC_NAME, TimestampMs, stale_nan};
use lgtm_promql::{Engine, Expr, InstantSample, QueryTime, Value};
use lgtm_slo::{Rule, RuleGroup, RuleKind};
use std::collections::{BTreeMap, BTreeSet};

/// Rules with their memory.
pub struct Evaluator {
    engine: Engine,
    groups: Vec<RuleGroup>,
    parsed: Vec<Vec<Expr>>,
    /// How far behind the multiples of its interval each group is evaluated.
    pub offsets_ms: Vec<i64>,
    /// What each rule gave last.
    last: BTreeMap<(usize, usize), BTreeSet<Labels>>,
    /// Since when each alert is active, by rule and labels.
    active: BTreeMap<(usize, usize, Labels), i64>,
    /// The alerts that fire after the newest tick.
    pub firing: BTreeSet<Labels>,
}

impl Evaluator {
    /// Nothing evaluated yet.
    pub fn new(groups: Vec<RuleGroup>) -> Self {
        let parse = |rule: &Rule| lgtm_promql::parse(&rule.expr).unwrap();
        let parsed = groups.iter().map(|group| group.rules.iter().map(parse).collect()).collect();
        let (last, active) = (BTreeMap::new(), BTreeMap::new());
        let offsets_ms = vec![0; groups.len()];
        Self { engine: Engine::default(), groups, parsed, offsets_ms, last, active, firing: BTreeSet::new() }
    }

    /// Evaluates every group whose turn it is at this time, over what is in the memory, which it writes to.
    pub fn tick(&mut self, memory: &mut Memory, now_ms: i64) {
        for group in 0..self.groups.len() {
            if (now_ms - self.offsets_ms[group]) % self.groups[group].interval_ms != 0 {
                continue;
            }
            for rule in 0..self.groups[group].rules.len() {
                self.evaluate(memory, (group, rule), now_ms);
            }
        }
    }

    fn evaluate(&mut self, memory: &mut Memory, (group, index): (usize, usize), now_ms: i64) {
        let rule = &self.groups[group].rules[index];
        let time = QueryTime::Instant(TimestampMs(now_ms));
        let prepared = self.engine.prepare_parsed(&self.parsed[group][index], &rule.expr, time, None).unwrap();
        let fetched = block_on(prepared.fetch(memory)).unwrap();
        let Value::Vector(samples) = fetched.evaluate(&|| false).unwrap().value else { panic!("no vector") };
        match rule.kind.clone() {
            RuleKind::Record(name) => self.record(memory, (group, index), &name, samples, now_ms),
            RuleKind::Alert { name, for_ms, .. } => self.alert((group, index), &name, for_ms, samples, now_ms),
        }
    }

    fn labels(&self, (group, index): (usize, usize), sample: &InstantSample, name: (&str, &str)) -> Labels {
        let mut builder = sample.labels.without_metric_name().to_builder();
        for (label, value) in &self.groups[group].rules[index].labels {
            builder.set(label, value);
        }
        builder.set(name.0, name.1);
        builder.build()
    }

    fn record(&mut self, memory: &mut Memory, rule: (usize, usize), name: &str, samples: Vec<InstantSample>, now: i64) {
        let mut seen = BTreeSet::new();
        for sample in samples {
            let labels = self.labels(rule, &sample, (METRIC_NAME, name));
            memory.push(&labels, now, sample.value);
            assert!(seen.insert(labels), "{name} gave the same labels twice");
        }
        for gone in self.last.remove(&rule).unwrap_or_default().difference(&seen) {
            memory.push(gone, now, stale_nan());
        }
        self.last.insert(rule, seen);
    }

    fn alert(&mut self, rule: (usize, usize), name: &str, for_ms: i64, samples: Vec<InstantSample>, now: i64) {
        let seen: BTreeSet<Labels> =
            samples.iter().map(|sample| self.labels(rule, sample, ("alertname", name))).collect();
        assert_eq!(seen.len(), samples.len(), "{name} gave the same labels twice");
        self.active.retain(|(group, index, labels), _| {
            let keep = (*group, *index) != rule || seen.contains(labels);
            if !keep {
                self.firing.remove(labels);
            }
            keep
        });
        for labels in seen {
            let since = *self.active.entry((rule.0, rule.1, labels.clone())).or_insert(now);
            if now - since >= for_ms {
                self.firing.insert(labels);
            }
        }
    }

    /// Whether an alert of this name fires, with this label if one is given.
    pub fn fires(&self, name: &str, label: Option<(&str, &str)>) -> bool {
        self.firing.iter().any(|labels| {
            labels.get("alertname") == Some(name)
                && label.is_none_or(|(label, value)| labels.get(label).unwrap_or_default() == value)
        })
    }

    /// The value that a series has now; `None` if there is none.
    pub fn value(&self, memory: &Memory, query: &str, now_ms: i64) -> Option<f64> {
        let result = block_on(self.engine.instant(memory, query, TimestampMs(now_ms))).unwrap();
        let Value::Vector(samples) = result.value else { panic!("no vector") };
        assert!(samples.len() <= 1, "{query} is not one series");
        samples.first().map(|sample| sample.value)
    }
}
