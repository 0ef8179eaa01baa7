//! A group whose rules are each asked with one range query.

use super::report::{Mode, RuleReport};
use super::track::Track;
use super::{History, Steps};
use crate::alert::{Alerts, Durations, Found};
use crate::query::{Points, Reader};
use crate::rule::{Alerting, Group, Rule, RuleKind};
use crate::text::{Asks, Moment, QueryFunction, Surroundings};
use lgtm_model::{Labels, METRIC_NAME, SampleRow, TimestampMs, stale_nan};

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

pub(super) fn run(group: &Group, history: &History<'_>) -> Vec<RuleReport> {
    let steps = history.steps(group);
    let mut reports = Vec::new();
    for rule in &group.rules {
        let asked = Asked { group, rule, history, steps };
        match &rule.kind {
            RuleKind::Recording => asked.record(),
            RuleKind::Alerting(alerting) => reports.push(asked.alert(alerting)),
        }
    }
    reports
}

/// One rule over all steps.
struct Asked<'a> {
    group: &'a Group,
    rule: &'a Rule,
    history: &'a History<'a>,
    steps: Steps,
}

/// The results of one step, or why there are none.
type Step = Result<Vec<(Labels, f64)>, String>;

impl Asked<'_> {
    fn read_at(&self, step: usize) -> i64 {
        self.steps.at(step) - self.group.query_offset_ms.unwrap_or(0)
    }

    fn reader(&self) -> Reader<'_> {
        let sources = self.history.sources;
        Reader { engine: &sources.engine, metrics: &*self.history.memory, logs: &*sources.logs }
    }

    /// Gives every step's result in order.
    fn each(&self, mut take: impl FnMut(usize, Step)) {
        let length = self.history.options.steps_per_query_max.max(1);
        let mut first = 0;
        while first < self.steps.count {
            let last = (first + length).min(self.steps.count) - 1;
            let (start, end) = (self.read_at(first), self.read_at(last));
            match self.reader().range(&self.rule.query, start, end, self.steps.interval_ms) {
                Ok(series) => {
                    let mut rows = self.transposed(series, start, last - first + 1);
                    for (index, row) in rows.drain(..).enumerate() {
                        take(first + index, Ok(row));
                    }
                }
                // One bad step spoils a range query, but not the other steps.
                Err(_) => {
                    for step in first..=last {
                        let samples = self.reader().instant(&self.rule.query, TimestampMs(self.read_at(step)));
                        take(step, samples.map(|all| all.into_iter().map(|one| (one.labels, one.value)).collect()));
                    }
                }
            }
            first = last + 1;
        }
    }

    fn transposed(&self, series: Vec<Points>, start: i64, count: usize) -> Vec<Vec<(Labels, f64)>> {
        let mut rows: Vec<Vec<(Labels, f64)>> = vec![Vec::new(); count];
        for one in series {
            for (at, value) in one.points {
                let step = usize::try_from((at - start) / self.steps.interval_ms).unwrap_or(usize::MAX);
                if let Some(row) = rows.get_mut(step) {
                    row.push((one.labels.clone(), value));
                }
            }
        }
        rows
    }

    /// Keeps what the rule would have recorded, with the ends of series that vanish.
    fn record(&self) {
        let mut names: HashMap<Labels, Labels> = HashMap::new();
        let mut previous: BTreeMap<Labels, ()> = BTreeMap::new();
        let limit = self.group.limit;
        self.each(|step, result| {
            let Ok(samples) = result else { return };
            let at = TimestampMs(self.read_at(step));
            let mut rows: BTreeMap<Labels, f64> = BTreeMap::new();
            let count = samples.len();
            for (labels, value) in samples {
                let name = names.entry(labels).or_insert_with_key(|labels| self.renamed(labels)).clone();
                rows.insert(name, value);
            }
            if rows.len() < count || (limit > 0 && count > limit) {
                return;
            }
            let gone: Vec<Labels> = previous.keys().filter(|labels| !rows.contains_key(*labels)).cloned().collect();
            previous = rows.keys().map(|labels| (labels.clone(), ())).collect();
            let row = |(labels, value)| SampleRow { labels, timestamp: at, value };
            self.history.memory.add(rows.into_iter().map(row));
            self.history.memory.add(gone.into_iter().map(|labels| row((labels, stale_nan()))));
        });
    }

    fn renamed(&self, labels: &Labels) -> Labels {
        let mut builder = labels.to_builder();
        builder.set(METRIC_NAME, self.rule.name.as_str());
        for (name, text) in &self.rule.labels {
            builder.set(name.as_str(), text.as_str());
        }
        builder.build()
    }

    fn alert(&self, alerting: &Alerting) -> RuleReport {
        let mut track = Track::new(self.group, self.rule, self.steps.interval_ms, Mode::OneQuery);
        let mut alerts = Alerts::default();
        let durations = Durations { for_ms: alerting.for_ms, keep_firing_for_ms: alerting.keep_firing_for_ms };
        let is_fixed = self.rule.labels.iter().all(|(_, text)| text.is_plain());
        let mut names: HashMap<Labels, Labels> = HashMap::new();
        self.each(|step, result| {
            let at = TimestampMs(self.steps.at(step));
            let updated = result.and_then(|samples| {
                let found = samples.into_iter().map(|(labels, value)| {
                    let named = match names.get(&labels) {
                        Some(known) => known.clone(),
                        None => {
                            let made = self.labelled(&labels, value, at);
                            if is_fixed {
                                names.insert(labels, made.clone());
                            }
                            made
                        }
                    };
                    Found { labels: named, annotations: Labels::empty(), value }
                });
                alerts.update(found.collect(), at, durations, self.group.limit)
            });
            if let Err(error) = updated {
                track.fail(error);
            }
            track.observe(alerts.iter(), at);
        });
        track.finish(self.history.options.flap_ms)
    }

    fn labelled(&self, labels: &Labels, value: f64, at: TimestampMs) -> Labels {
        let options = self.history.options;
        let asks =
            Asks { engine: self.history.sources.engine.clone(), source: Arc::clone(&self.history.sources.metrics), at };
        let query: Arc<dyn QueryFunction> = Arc::new(asks);
        let moment = Moment {
            labels,
            value,
            at,
            surroundings: Surroundings {
                external_labels: &options.external_labels,
                external_url: &options.external_url,
            },
            query: &query,
        };
        let mut builder = labels.to_builder();
        builder.remove(METRIC_NAME);
        for (name, text) in &self.rule.labels {
            let expanded = text.expand(&moment);
            builder.set(name.as_str(), expanded.unwrap_or_else(|error| format!("<error expanding template: {error}>")));
        }
        builder.set("alertname", self.rule.name.as_str());
        builder.build()
    }
}
