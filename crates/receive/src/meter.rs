//! Counts of what came in and what was refused.

use lgtm_runtime::metrics::{Counter, Registry};
use lgtm_wire::otlp::Signal;

/// How a request ended, in the words of the label `outcome`.
const OUTCOMES: [&str; 7] =
    ["accepted", "malformed", "too_large", "unsupported", "overloaded", "refused", "unavailable"];

/// The instruments of one signal.
#[derive(Clone, Debug)]
pub(crate) struct Meter {
    requests: Vec<(&'static str, Counter)>,
    /// Records, spans or samples that were stored.
    pub accepted_items: Counter,
    /// Records, spans or points that could not be translated while the rest of their request could.
    pub rejected_items: Counter,
}

impl Meter {
    pub(crate) fn new(registry: &Registry, signal: Signal) -> Self {
        let signal = signal.as_str();
        let counter = |name, help| registry.counter(name, help, &[("signal", signal)]);
        let request = |outcome| {
            let help = "OTLP requests, by how they ended.";
            let labels = [("signal", signal), ("outcome", outcome)];
            (outcome, registry.counter("lgtm_receive_requests_total", help, &labels))
        };
        Self {
            requests: OUTCOMES.into_iter().map(request).collect(),
            accepted_items: counter(
                "lgtm_receive_items_accepted_total",
                "Log records, spans and samples received over OTLP and acknowledged by their sink.",
            ),
            rejected_items: counter(
                "lgtm_receive_items_rejected_total",
                "Log records, spans and points left out of accepted requests because they cannot be stored.",
            ),
        }
    }

    pub(crate) fn request(&self, outcome: &str) {
        if let Some((_, counter)) = self.requests.iter().find(|(known, _)| *known == outcome) {
            counter.increment();
        }
    }
}
