//! What the Pushgateway counts: under upstream's names at its own `/metrics`, and under ours in the program's registry.

use super::error::REASONS;
use lgtm_runtime::metrics::{Counter, Gauge, Histogram, Registry};
use std::time::Duration;

const SECONDS: &[f64] = &[0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0];
const BYTES: &[f64] = &[100.0, 1_000.0, 10_000.0, 100_000.0, 1_000_000.0, 10_000_000.0];

/// Instruments of one Pushgateway.
#[derive(Clone, Debug)]
pub(super) struct Meter {
    /// Upstream's names. A registry of its own, since these are exposed at the Pushgateway's `/metrics`, which the
    /// server scrapes; in the program's registry each would be there twice.
    pub own: Registry,
    pub groups: Gauge,
    pub series: Gauge,
    pub journal_bytes: Gauge,
    pub journal_failures: Counter,
    pub journal_corrupt_bytes: Counter,
    refused: Vec<(&'static str, Counter)>,
}

impl Meter {
    pub(super) fn new(registry: &Registry) -> Self {
        let own = Registry::default();
        let help = "A metric with a constant '1' value labeled by the version of the program.";
        own.gauge("pushgateway_build_info", help, &[("version", env!("CARGO_PKG_VERSION"))]).set(1.0);
        let gauge = |name, help| registry.gauge(name, help, &[]);
        let counter = |name, help| registry.counter(name, help, &[]);
        let refused = |reason| {
            let help = "Pushes and deletions that were not taken, by the reason.";
            (reason, registry.counter("lgtm_pushgateway_refused_total", help, &[("reason", reason)]))
        };
        Self {
            own,
            groups: gauge("lgtm_pushgateway_groups", "Groups of pushed metrics that are kept."),
            series: gauge("lgtm_pushgateway_series", "Series of all pushed groups."),
            journal_bytes: gauge("lgtm_pushgateway_journal_bytes", "Length of the file that pushes are kept in."),
            journal_failures: counter(
                "lgtm_pushgateway_journal_failures_total",
                "Changes that could not be written to the Pushgateway's journal and were refused.",
            ),
            journal_corrupt_bytes: counter(
                "lgtm_pushgateway_journal_corrupt_bytes_total",
                "Bytes cut off the end of the Pushgateway's journal at a start because they were damaged.",
            ),
            refused: REASONS.into_iter().map(refused).collect(),
        }
    }

    pub(super) fn refuse(&self, reason: &str) {
        if let Some((_, counter)) = self.refused.iter().find(|(known, _)| *known == reason) {
            counter.increment();
        }
    }

    /// Counts an answer. `handler` and `method` are words of the router's, so that their number is bounded.
    pub(super) fn request(&self, handler: &str, method: &str, status: u16) {
        let help = "Total HTTP requests processed by the Pushgateway, excluding scrapes.";
        let labels = [("code", &*status.to_string()), ("handler", handler), ("method", method)];
        self.own.counter("pushgateway_http_requests_total", help, &labels).increment();
    }

    pub(super) fn push(&self, method: &str, took: Duration, bytes: usize) {
        let labels = [("method", method)];
        let histogram = |name, help, bounds| -> Histogram { self.own.histogram(name, help, &labels, bounds) };
        histogram(
            "pushgateway_http_push_duration_seconds",
            "HTTP request duration for pushes to the Pushgateway.",
            SECONDS,
        )
        .observe(took.as_secs_f64());
        histogram("pushgateway_http_push_size_bytes", "HTTP request size for pushes to the Pushgateway.", BYTES)
            .observe(bytes as f64);
    }
}
