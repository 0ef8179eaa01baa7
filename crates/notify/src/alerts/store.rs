//! All alerts by fingerprint, and which of them must be written down.

use super::merge::StoredAlert;
use crate::limit::ALERTS_MAX;
use lgtm_model::TimestampNs;
use std::collections::HashMap;
use std::sync::Arc;

#[derive(Debug)]
struct Kept {
    alert: Arc<StoredAlert>,
    /// The end that is written down; alerts that are merely repeated are written again when half of it has passed.
    written_end: TimestampNs,
}

/// The alerts that are known now.
#[derive(Debug, Default)]
pub(crate) struct Alerts {
    kept: HashMap<u64, Kept>,
}

/// What became of a report.
pub(crate) struct Stored {
    /// The alert as it is now.
    pub alert: Arc<StoredAlert>,
    /// Whether it must be written down before the report is acknowledged.
    pub write: bool,
}

impl Alerts {
    /// Takes a report; `None` when there are too many alerts to take a new one.
    pub fn put(&mut self, report: StoredAlert, now: TimestampNs) -> Option<Stored> {
        let Some(kept) = self.kept.get_mut(&report.fingerprint) else {
            if self.kept.len() >= ALERTS_MAX {
                return None;
            }
            let alert = Arc::new(report);
            let kept = Kept { alert: Arc::clone(&alert), written_end: alert.alert.ends_at };
            self.kept.insert(alert.fingerprint, kept);
            return Some(Stored { alert, write: true });
        };
        let alert = Arc::new(kept.alert.followed_by(report, now));
        let write = must_be_written(&kept.alert, &alert, kept.written_end, now);
        if write {
            kept.written_end = alert.alert.ends_at;
        }
        kept.alert = Arc::clone(&alert);
        Some(Stored { alert, write })
    }

    /// Takes over an alert that is written down already.
    pub fn restore(&mut self, alert: Arc<StoredAlert>) {
        let written_end = alert.alert.ends_at;
        self.kept.insert(alert.fingerprint, Kept { alert, written_end });
    }

    /// One alert.
    pub fn get(&self, fingerprint: u64) -> Option<&Arc<StoredAlert>> {
        self.kept.get(&fingerprint).map(|kept| &kept.alert)
    }

    /// All alerts, in no particular order.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<StoredAlert>> {
        self.kept.values().map(|kept| &kept.alert)
    }

    /// Forgets alerts that are over; groups that have yet to tell of them hold them themselves.
    pub fn collect(&mut self, now: TimestampNs, in_use: impl Fn(u64) -> bool) -> Vec<u64> {
        let over = |kept: &Kept| kept.alert.alert.is_resolved_at(now) && !in_use(kept.alert.fingerprint);
        let gone: Vec<u64> = self.kept.values().filter(|kept| over(kept)).map(|kept| kept.alert.fingerprint).collect();
        for fingerprint in &gone {
            self.kept.remove(fingerprint);
        }
        gone
    }
}

fn must_be_written(old: &StoredAlert, new: &StoredAlert, written_end: TimestampNs, now: TimestampNs) -> bool {
    let (before, after) = (&old.alert, &new.alert);
    let said_the_same = before.annotations == after.annotations
        && before.generator_url == after.generator_url
        && before.starts_at == after.starts_at
        && old.timeout == new.timeout
        && before.is_resolved_at(now) == after.is_resolved_at(now);
    if !said_the_same {
        return true;
    }
    let (written, wanted) = (written_end.since_ns(now), after.ends_at.since_ns(now));
    // An end that comes sooner than what is written is news; one that is later can wait.
    wanted < written || (wanted > 0 && written < wanted / 2)
}
