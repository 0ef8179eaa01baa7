//! Reports of alerts coming in.

use super::Notifier;
use crate::alerts::{StoredAlert, TABLE, encode, key};
use crate::limit::{ALERT_KEPT_NS, ALERT_SIZE_BYTES_MAX, ALERTS_MAX};
use lgtm_model::{Alert, Labels, TimestampNs};
use lgtm_state::{WRITES_MAX, Write};
use thiserror::Error;

/// What a sender says about an alert; what it leaves out is filled in.
#[derive(Clone, Debug, PartialEq)]
pub struct Report {
    /// Its identity.
    pub labels: Labels,
    /// What is told about it.
    pub annotations: Labels,
    /// When it began; now if nothing is said.
    pub starts_at: Option<TimestampNs>,
    /// When it ended or will; after `resolve_timeout` if nothing is said.
    pub ends_at: Option<TimestampNs>,
    /// Where its cause can be looked at.
    pub generator_url: String,
}

/// Reports that were not taken as they are. Others of the same call may have been.
#[derive(Clone, Debug, Error)]
pub enum PostError {
    /// Some make no sense; the rest was taken.
    #[error("{0}")]
    Invalid(String),
    /// There are too many alerts.
    #[error("more than {ALERTS_MAX} alerts; {0} were refused")]
    TooMany(usize),
    /// They are taken and will be told, but would not survive a crash: send them again.
    #[error("alerts could not be written down: {0}")]
    NotWritten(String),
}

impl Notifier {
    /// Takes reports: into memory and the groups at once, and back to the caller once they are written down.
    pub async fn post(&self, reports: Vec<Report>) -> Result<(), PostError> {
        let now = self.clock.now();
        let resolve_timeout_ns = self.setup().config.global.resolve_timeout_ms.saturating_mul(1_000_000);
        let mut invalid = Vec::new();
        let mut alerts = Vec::with_capacity(reports.len());
        for report in reports {
            let alert = complete(report, now, resolve_timeout_ns);
            match alert.alert.is_resolved_at(now) {
                true => self.metrics.received_resolved.increment(),
                false => self.metrics.received_firing.increment(),
            }
            match check(&alert.alert) {
                Ok(()) => alerts.push(alert),
                Err(reason) => invalid.push(reason),
            }
        }
        self.metrics.invalid.add(invalid.len() as u64);
        let refused = self.take(alerts, now).await?;
        if refused > 0 {
            self.metrics.limited.add(refused as u64);
            return Err(PostError::TooMany(refused));
        }
        match invalid.is_empty() {
            true => Ok(()),
            false => Err(PostError::Invalid(invalid.join("\n"))),
        }
    }

    /// Returns how many were refused.
    async fn take(&self, alerts: Vec<StoredAlert>, now: TimestampNs) -> Result<usize, PostError> {
        let _in_order = self.ingest.lock().await;
        let mut refused = 0;
        let mut writes = Vec::new();
        {
            let mut book = self.book.lock();
            for alert in alerts {
                let Some(stored) = book.alerts.put(alert, now) else {
                    refused += 1;
                    continue;
                };
                book.inhibitor.put(&stored.alert);
                book.groups.put(&stored.alert, now);
                if stored.write {
                    let expires_at = stored.alert.alert.ends_at.add_ns(ALERT_KEPT_NS);
                    writes.push(Write::put(
                        TABLE,
                        key(stored.alert.fingerprint),
                        encode(&stored.alert),
                        Some(expires_at),
                    ));
                }
            }
        }
        self.wake.notify_one();
        self.metrics.alerts_written.add(writes.len() as u64);
        self.write_all(writes).await.map_err(|error| PostError::NotWritten(error.to_string()))?;
        Ok(refused)
    }

    /// Forgets the documents of alerts that are over and told.
    pub(super) async fn forget(&self, gone: &[u64]) {
        let _in_order = self.ingest.lock().await;
        let back: Vec<bool> = {
            let book = self.book.lock();
            gone.iter().map(|fingerprint| book.alerts.get(*fingerprint).is_some()).collect()
        };
        let gone = gone.iter().zip(back).filter(|(_, back)| !back);
        let deletes = gone.map(|(fingerprint, _)| Write::delete(TABLE, key(*fingerprint))).collect();
        if let Err(error) = self.write_all(deletes).await {
            tracing::warn!(%error, "alerts that are over could not be deleted and will expire");
        }
    }

    async fn write_all(&self, mut writes: Vec<Write>) -> Result<(), lgtm_state::StateError> {
        while !writes.is_empty() {
            let rest = writes.split_off(writes.len().min(WRITES_MAX));
            if let Err(error) = self.shared.write(std::mem::replace(&mut writes, rest)).await {
                self.metrics.write_errors.increment();
                return Err(error);
            }
        }
        Ok(())
    }
}

fn complete(report: Report, now: TimestampNs, resolve_timeout_ns: i64) -> StoredAlert {
    let starts_at = report.starts_at.or(report.ends_at).unwrap_or(now);
    let timeout = report.ends_at.is_none();
    let ends_at = report.ends_at.unwrap_or_else(|| now.add_ns(resolve_timeout_ns));
    let Report { labels, annotations, generator_url, .. } = report;
    StoredAlert::new(Alert { labels, annotations, starts_at, ends_at, generator_url }, now, timeout)
}

fn check(alert: &Alert) -> Result<(), String> {
    if alert.ends_at < alert.starts_at {
        return Err("start time must be before end time".to_owned());
    }
    if alert.labels.is_empty() {
        return Err("at least one label pair required".to_owned());
    }
    for (what, labels) in [("label set", &alert.labels), ("annotations", &alert.annotations)] {
        if labels.iter().any(|(name, _)| name.is_empty()) {
            return Err(format!("invalid {what}: invalid name \"\""));
        }
    }
    let size = alert.labels.size_bytes() + alert.annotations.size_bytes() + alert.generator_url.len();
    if size > ALERT_SIZE_BYTES_MAX {
        return Err(format!("alert of {size} bytes, at most {ALERT_SIZE_BYTES_MAX} are allowed"));
    }
    Ok(())
}
