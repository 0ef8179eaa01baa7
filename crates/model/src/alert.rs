//! Alerts: what a rule says is wrong, and what a notifier tells people.

use crate::{Labels, TimestampNs};

/// One alert as a rule sends it. Its labels are its identity; everything else may change while it lasts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alert {
    /// Identity, `alertname` among them.
    pub labels: Labels,
    /// What is told about it: summary, description, links.
    pub annotations: Labels,
    /// When it began.
    pub starts_at: TimestampNs,
    /// When it ended, or until when it is to be believed if nobody speaks of it again.
    pub ends_at: TimestampNs,
    /// Where its cause can be looked at.
    pub generator_url: String,
}

impl Alert {
    /// The rule's name; empty when the sender gave none.
    pub fn name(&self) -> &str {
        self.labels.get("alertname").unwrap_or_default()
    }

    /// Whether it is over at `now`.
    pub fn is_resolved_at(&self, now: TimestampNs) -> bool {
        self.ends_at <= now
    }
}
