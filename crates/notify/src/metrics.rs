//! The notifier's own metrics, under the names that Alertmanager gave them.

use crate::silence::{SilenceState, Silences};
use lgtm_model::TimestampNs;
use lgtm_runtime::metrics::{Counter, Gauge, Histogram, Registry};

const LATENCY_BOUNDS: &[f64] = &[1.0, 5.0, 10.0, 15.0, 20.0];

/// The instruments; those that depend on a kind are found by it.
pub(crate) struct Metrics {
    registry: Registry,
    pub received_firing: Counter,
    pub received_resolved: Counter,
    pub invalid: Counter,
    pub limited: Counter,
    pub groups: Gauge,
    pub groups_refused: Counter,
    pub log_queries: Counter,
    pub log_query_errors: Counter,
    pub reload_success: Gauge,
    pub reload_success_time: Gauge,
    pub config_hash: Gauge,
    pub alerts_written: Counter,
    pub write_errors: Counter,
    active: Gauge,
    suppressed: Gauge,
    unprocessed: Gauge,
}

/// Alerts that fire, by what was last done with them.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct AlertCounts {
    pub active: usize,
    pub suppressed: usize,
    pub unprocessed: usize,
}

impl Metrics {
    pub fn new(registry: &Registry) -> Self {
        let counter = |name: &str, help: &str, labels: &[(&str, &str)]| registry.counter(name, help, labels);
        let gauge = |name: &str, help: &str, labels: &[(&str, &str)]| registry.gauge(name, help, labels);
        let received = |status| {
            let help = "The total number of received alerts.";
            counter("alertmanager_alerts_received_total", help, &[("status", status), ("version", "v2")])
        };
        let alerts = |state| gauge("alertmanager_alerts", "How many alerts by state.", &[("state", state)]);
        Self {
            received_firing: received("firing"),
            received_resolved: received("resolved"),
            invalid: counter(
                "alertmanager_alerts_invalid_total",
                "The total number of received alerts that were invalid.",
                &[("version", "v2")],
            ),
            limited: counter(
                "alertmanager_alerts_limited_total",
                "Alerts that were refused because there are too many.",
                &[],
            ),
            groups: gauge("alertmanager_dispatcher_aggregation_groups", "Number of active aggregation groups.", &[]),
            groups_refused: counter(
                "alertmanager_dispatcher_aggregation_group_limit_reached_total",
                "Alerts that are not told because there are too many groups.",
                &[],
            ),
            log_queries: counter("alertmanager_nflog_queries_total", "Number of notification log queries.", &[]),
            log_query_errors: counter(
                "alertmanager_nflog_query_errors_total",
                "Number of notification log queries that failed.",
                &[],
            ),
            reload_success: gauge(
                "alertmanager_config_last_reload_successful",
                "Whether the last configuration reload attempt was successful.",
                &[],
            ),
            reload_success_time: gauge(
                "alertmanager_config_last_reload_success_timestamp_seconds",
                "Timestamp of the last successful configuration reload.",
                &[],
            ),
            config_hash: gauge("alertmanager_config_hash", "Hash of the currently loaded configuration.", &[]),
            alerts_written: counter("lgtm_notify_alerts_written_total", "Alerts written down.", &[]),
            write_errors: counter("lgtm_notify_write_errors_total", "Writes to the shared state that failed.", &[]),
            active: alerts("active"),
            suppressed: alerts("suppressed"),
            unprocessed: alerts("unprocessed"),
            registry: registry.clone(),
        }
    }

    pub fn notifications(&self, kind: &str) -> Counter {
        let help = "The total number of attempted notifications.";
        self.registry.counter("alertmanager_notifications_total", help, &[("integration", kind)])
    }

    pub fn failed(&self, kind: &str, reason: &str) {
        self.failures(kind, reason).increment();
    }

    fn failures(&self, kind: &str, reason: &str) -> Counter {
        let labels = [("integration", kind), ("reason", reason)];
        let help = "The total number of failed notifications.";
        self.registry.counter("alertmanager_notifications_failed_total", help, &labels)
    }

    pub fn requests(&self, kind: &str) -> Counter {
        let help = "The total number of attempted notification requests.";
        self.registry.counter("alertmanager_notification_requests_total", help, &[("integration", kind)])
    }

    pub fn requests_failed(&self, kind: &str) -> Counter {
        let help = "The total number of failed notification requests.";
        self.registry.counter("alertmanager_notification_requests_failed_total", help, &[("integration", kind)])
    }

    pub fn latency(&self, kind: &str) -> Histogram {
        let help = "The latency of notifications in seconds.";
        let labels = [("integration", kind)];
        self.registry.histogram("alertmanager_notification_latency_seconds", help, &labels, LATENCY_BOUNDS)
    }

    pub fn suppressed(&self, reason: &str, alerts: usize) {
        let help = "The total number of notifications suppressed for being silenced, inhibited, outside of active \
                    time intervals or within muted time intervals.";
        let counter = self.registry.counter("alertmanager_notifications_suppressed_total", help, &[("reason", reason)]);
        counter.add(alerts as u64);
    }

    /// Makes the series of a kind exist before anything happens, so that a rate over them is never without data.
    pub fn prepare(&self, kind: &str) {
        self.notifications(kind);
        self.requests(kind);
        self.requests_failed(kind);
        self.latency(kind);
        for reason in ["clientError", "serverError", "contextCanceled"] {
            self.failures(kind, reason);
        }
    }

    pub fn set_alerts(&self, counts: AlertCounts) {
        self.active.set(counts.active as f64);
        self.suppressed.set(counts.suppressed as f64);
        self.unprocessed.set(counts.unprocessed as f64);
    }

    pub fn set_silences(&self, silences: &Silences, now: TimestampNs) {
        let all = silences.all();
        for state in [SilenceState::Active, SilenceState::Pending, SilenceState::Expired] {
            let count = all.iter().filter(|silence| silence.state_at(now) == state).count();
            let labels = [("state", state.as_str())];
            self.registry.gauge("alertmanager_silences", "How many silences by state.", &labels).set(count as f64);
        }
    }
}
