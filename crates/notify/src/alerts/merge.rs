//! One alert as it is kept, and the merging of what several reports say about it.

use crate::fingerprint::fingerprint;
use lgtm_model::{Alert, TimestampNs};
use std::sync::Arc;

/// An alert with what only the notifier knows of it. Never changed in place: a new report makes a new one.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredAlert {
    /// The alert itself.
    pub alert: Arc<Alert>,
    /// Its short name.
    pub fingerprint: u64,
    /// When it was last reported.
    pub updated_at: TimestampNs,
    /// Whether its end is only a guess (`resolve_timeout`), which the next report may correct in both directions.
    pub timeout: bool,
}

impl StoredAlert {
    /// An alert as a report gives it.
    pub fn new(alert: Alert, updated_at: TimestampNs, timeout: bool) -> Self {
        Self { fingerprint: fingerprint(&alert.labels), alert: Arc::new(alert), updated_at, timeout }
    }

    /// What both reports say together at `now`: the earliest beginning, the younger one's annotations, and the end that
    /// is known best.
    pub fn merge(&self, other: &Self, now: TimestampNs) -> Self {
        if other.updated_at < self.updated_at {
            return other.merge(self, now);
        }
        let (older, younger) = (&self.alert, &other.alert);
        let starts_at = older.starts_at.min(younger.starts_at);
        let older_counts = match younger.is_resolved_at(now) {
            // Of two ends in the past the later one is when it really was over.
            true => older.is_resolved_at(now) && older.ends_at > younger.ends_at,
            // An end that a sender set is better than a guess.
            false => older.ends_at > younger.ends_at && !self.timeout,
        };
        let ends_at = if older_counts { older.ends_at } else { younger.ends_at };
        if (starts_at, ends_at) == (younger.starts_at, younger.ends_at) {
            return other.clone();
        }
        Self { alert: Arc::new(Alert { starts_at, ends_at, ..(**younger).clone() }), ..other.clone() }
    }

    /// What is known after `report` came in: merged when the two overlap in time, else the report alone.
    pub(crate) fn followed_by(&self, report: Self, now: TimestampNs) -> Self {
        let (old, new) = (&self.alert, &report.alert);
        let ends_within = new.ends_at > old.starts_at && new.ends_at < old.ends_at;
        let starts_within = new.starts_at > old.starts_at && new.starts_at < old.ends_at;
        if ends_within || starts_within { self.merge(&report, now) } else { report }
    }
}
