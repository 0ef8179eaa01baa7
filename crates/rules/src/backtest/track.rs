//! Follows the alerts of one rule from step to step, and remembers when they fired.

use super::report::{Firing, Mode, RuleReport};
use crate::alert::{ActiveAlert, AlertState};
use crate::rule::{Group, Rule};
use lgtm_model::{Labels, TimestampMs};
use std::collections::HashMap;

/// Firings that are remembered of one rule; more are only counted.
const FIRINGS_MAX: usize = 100_000;

/// One alert as it was at the step before.
#[derive(Clone, Copy)]
struct Seen {
    state: AlertState,
    active_at: TimestampMs,
    /// Its place among the firings.
    firing: Option<usize>,
    step: usize,
}

/// The alerts of one rule.
pub(super) struct Track {
    seen: HashMap<Labels, Seen>,
    report: RuleReport,
    step: usize,
}

impl Track {
    pub fn new(group: &Group, rule: &Rule, interval_ms: i64, mode: Mode) -> Self {
        let report = RuleReport {
            file: group.file.clone(),
            group: group.name.clone(),
            name: rule.name.clone(),
            interval_ms,
            for_ms: rule.alerting().map_or(0, |alerting| alerting.for_ms),
            mode,
            evaluations: 0,
            firings: Vec::new(),
            firings_left_out: 0,
            pending_only: 0,
            flaps: 0,
            errors: 0,
            first_error: None,
        };
        Self { seen: HashMap::new(), report, step: 0 }
    }

    /// An evaluation that failed; the alerts are as they were, unless they are told too.
    pub fn fail(&mut self, error: String) {
        self.report.errors += 1;
        self.report.first_error.get_or_insert(error);
    }

    /// All alerts after the evaluation at `at`.
    pub fn observe<'a>(&mut self, alerts: impl Iterator<Item = &'a ActiveAlert>, at: TimestampMs) {
        self.step += 1;
        self.report.evaluations += 1;
        for alert in alerts {
            let before = self.seen.get(&alert.labels).copied();
            let mut now = Seen { state: alert.state, active_at: alert.active_at, firing: None, step: self.step };
            match before {
                Some(before) if before.active_at == alert.active_at => now.firing = before.firing,
                Some(before) => self.end(before, at),
                None => {}
            }
            match (alert.state, now.firing) {
                (AlertState::Firing, None) => now.firing = self.begin(alert, at),
                (AlertState::Inactive, Some(firing)) => {
                    self.report.firings[firing].end = Some(at);
                    now.firing = None;
                }
                _ => {}
            }
            self.seen.insert(alert.labels.clone(), now);
        }
        let step = self.step;
        let gone: Vec<Labels> =
            self.seen.iter().filter(|(_, seen)| seen.step != step).map(|(labels, _)| labels.clone()).collect();
        for labels in gone {
            if let Some(before) = self.seen.remove(&labels) {
                self.end(before, at);
            }
        }
    }

    fn begin(&mut self, alert: &ActiveAlert, at: TimestampMs) -> Option<usize> {
        if self.report.firings.len() >= FIRINGS_MAX {
            self.report.firings_left_out += 1;
            return None;
        }
        self.report.firings.push(Firing {
            labels: alert.labels.clone(),
            pending_since: alert.active_at,
            start: at,
            end: None,
            value: alert.value,
        });
        Some(self.report.firings.len() - 1)
    }

    /// An alert is gone, or has begun anew.
    fn end(&mut self, before: Seen, at: TimestampMs) {
        if let Some(firing) = before.firing {
            self.report.firings[firing].end = Some(at);
        }
        self.report.pending_only += usize::from(before.state == AlertState::Pending);
    }

    /// The report, with flaps counted. What still lasts at the end has no end.
    pub fn finish(mut self, flap_ms: i64) -> RuleReport {
        let mut last_end: HashMap<&Labels, TimestampMs> = HashMap::new();
        for firing in &self.report.firings {
            let previous = last_end.get(&firing.labels);
            self.report.flaps += usize::from(previous.is_some_and(|end| firing.start.0 - end.0 <= flap_ms));
            if let Some(end) = firing.end {
                last_end.insert(&firing.labels, end);
            }
        }
        drop(last_end);
        self.report
    }
}
