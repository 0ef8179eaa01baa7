//! What evaluation counts, under upstream's names, so that its dashboards and alerts about rules work.

use lgtm_runtime::metrics::{Counter, Gauge, Histogram, Registry};

/// Bounds of the buckets of durations, in seconds.
const DURATION_BOUNDS: &[f64] = &[0.001, 0.01, 0.1, 0.5, 1.0, 5.0, 10.0, 30.0, 60.0];

/// What one group counts.
#[derive(Clone, Debug)]
pub(crate) struct GroupMetrics {
    pub iterations: Counter,
    pub missed: Counter,
    pub evaluations: Counter,
    pub failures: Counter,
    pub interval: Gauge,
    pub last_duration: Gauge,
    pub last_rule_duration_sum: Gauge,
    pub last_evaluation: Gauge,
    pub last_samples: Gauge,
    pub last_restore_duration: Gauge,
    pub rules: Gauge,
    pub rule_duration: Histogram,
    pub group_duration: Histogram,
}

impl GroupMetrics {
    /// Those of the group `key`; the durations are those of all groups.
    pub fn new(registry: &Registry, key: &str) -> Self {
        let labels = [("rule_group", key)];
        let counter = |name: &str, help: &str| registry.counter(name, help, &labels);
        let gauge = |name: &str, help: &str| registry.gauge(name, help, &labels);
        let histogram = |name: &str, help: &str| registry.histogram(name, help, &[], DURATION_BOUNDS);
        Self {
            iterations: counter(
                "prometheus_rule_group_iterations_total",
                "Evaluations of a rule group that were due, whether carried out or missed.",
            ),
            missed: counter(
                "prometheus_rule_group_iterations_missed_total",
                "Evaluations of a rule group that were left out because the one before took too long.",
            ),
            evaluations: counter("prometheus_rule_evaluations_total", "Evaluations of rules."),
            failures: counter("prometheus_rule_evaluation_failures_total", "Evaluations of rules that failed."),
            interval: gauge("prometheus_rule_group_interval_seconds", "How often a rule group is evaluated."),
            last_duration: gauge(
                "prometheus_rule_group_last_duration_seconds",
                "How long the last evaluation of a rule group took.",
            ),
            last_rule_duration_sum: gauge(
                "prometheus_rule_group_last_rule_duration_sum_seconds",
                "How long the rules of a group took at the last evaluation, added up.",
            ),
            last_evaluation: gauge(
                "prometheus_rule_group_last_evaluation_timestamp_seconds",
                "The time stamp of the last evaluation of a rule group.",
            ),
            last_samples: gauge(
                "prometheus_rule_group_last_evaluation_samples",
                "Samples that the last evaluation of a rule group gave.",
            ),
            last_restore_duration: gauge(
                "prometheus_rule_group_last_restore_duration_seconds",
                "How long it took to restore the alerts of a rule group after a start.",
            ),
            rules: gauge("prometheus_rule_group_rules", "Rules in a group."),
            rule_duration: histogram(
                "prometheus_rule_evaluation_duration_seconds",
                "How long a rule's evaluation took.",
            ),
            group_duration: histogram("prometheus_rule_group_duration_seconds", "How long a group's evaluation took."),
        }
    }

    /// A group that is evaluated no more.
    pub fn end(&self) {
        for gauge in
            [&self.interval, &self.rules, &self.last_duration, &self.last_rule_duration_sum, &self.last_samples]
        {
            gauge.set(0.0);
        }
    }
}
