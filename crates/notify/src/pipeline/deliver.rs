//! One way to tell about one group: decide, claim, send, record. The order and its reasons are told in `crate::log`.

use super::decide::{Present, reason};
use super::retry::{Failure, Sent, send};
use crate::group::Flush;
use crate::integration::Integration;
use crate::log::{self, Claim, Entry};
use crate::notifier::Notifier;
use crate::route::RouteOptions;
use crate::{AlertStatus, Notification, NotificationReason, NotifiedAlert};
use lgtm_model::TimestampNs;
use lgtm_state::{Condition, Revision, Write};
use std::sync::Arc;

/// Times that a claim is tried for when others change the entry meanwhile.
const CLAIMS_MAX: usize = 3;

/// One way to tell about one group now.
pub(crate) struct Delivery<'a> {
    pub notifier: &'a Arc<Notifier>,
    pub flush: &'a Flush,
    pub options: &'a RouteOptions,
    pub alerts: &'a [NotifiedAlert],
    pub index: usize,
    pub integration: &'a dyn Integration,
}

/// What became of it.
pub(super) enum Outcome {
    /// It was told, or need not be.
    Done,
    /// It was not told; the next interval tries again.
    Failed,
    /// Someone else is telling it, at most until then.
    Claimed(TimestampNs),
}

/// An entry as it was read.
struct Read {
    entry: Option<Entry>,
    /// `None` when it is not there.
    version: Option<Revision>,
    /// Whether the state cannot be read.
    blind: bool,
}

/// The right to tell.
pub(super) struct Held {
    pub before: Entry,
    pub reason: NotificationReason,
    /// `None` when the state cannot be written: it is told all the same.
    pub version: Option<Revision>,
}

impl Delivery<'_> {
    /// Tells, trying again until `deadline`.
    pub(super) async fn run(&self, deadline: TimestampNs) -> Outcome {
        let present = self.present();
        let mut held = match self.claim(&present).await {
            Ok(held) => held,
            Err(outcome) => return outcome,
        };
        if present.firing.is_empty() && !self.integration.sends_resolved() {
            // Nobody is told, but the log must know that nothing fires any more.
            self.record(&held, present, Sent { receipt: held.before.receipt.clone(), at: self.flush.at }).await;
            return Outcome::Done;
        }
        let notification = self.notification(held.reason);
        match send(self, &mut held, &notification, deadline).await {
            Ok(sent) => {
                self.record(&held, present, sent).await;
                Outcome::Done
            }
            Err(Failure { reason, text }) => {
                let (receiver, kind) = (&self.options.receiver, self.integration.kind());
                tracing::error!(receiver, kind, group = %self.flush.key, reason, error = text, "notification failed");
                self.notifier.metrics.failed(kind, reason);
                self.release(held).await;
                Outcome::Failed
            }
        }
    }

    fn present(&self) -> Present {
        let with = |status| {
            let alerts = self.alerts.iter().filter(|alert| alert.status == status);
            let mut fingerprints: Vec<u64> = alerts.map(|alert| alert.fingerprint).collect();
            fingerprints.sort_unstable();
            fingerprints
        };
        Present { firing: with(AlertStatus::Firing), resolved: with(AlertStatus::Resolved) }
    }

    fn notification(&self, reason: NotificationReason) -> Notification {
        let told = |alert: &&NotifiedAlert| self.integration.sends_resolved() || alert.status == AlertStatus::Firing;
        Notification {
            group_key: self.flush.key.to_string(),
            receiver: self.options.receiver.clone(),
            group_labels: self.flush.labels.clone(),
            route_labels: self.options.labels.clone().into_iter().collect(),
            reason,
            alerts: self.alerts.iter().filter(told).cloned().collect(),
            at: self.flush.at,
        }
    }

    fn key(&self) -> String {
        log::key(&self.flush.key, &self.options.receiver, self.integration.kind(), self.index)
    }

    async fn read(&self) -> Read {
        let key = self.key();
        // What could not be written down is known to this process at least.
        let unrecorded = self.notifier.unrecorded.lock().get(&key).cloned();
        match self.notifier.shared.state.get(log::TABLE, &key).await {
            Ok(Some(document)) => {
                let counts = document.expires_at.is_none_or(|at| at >= self.notifier.clock.now());
                let written = counts.then(|| Entry::decode(&document.value)).flatten();
                Read { entry: unrecorded.or(written), version: Some(document.version), blind: false }
            }
            Ok(None) => Read { entry: unrecorded, version: None, blind: false },
            Err(error) => {
                tracing::error!(%error, "the notification log cannot be read; telling without it");
                self.notifier.metrics.log_query_errors.increment();
                Read { entry: unrecorded, version: None, blind: true }
            }
        }
    }

    /// Finds out whether to tell, and takes the right to.
    async fn claim(&self, present: &Present) -> Result<Held, Outcome> {
        let notifier = self.notifier;
        for _ in 0..CLAIMS_MAX {
            notifier.metrics.log_queries.increment();
            let read = self.read().await;
            let repeat_ns = self.options.repeat_interval_ns;
            let sends_resolved = self.integration.sends_resolved();
            let Some(reason) = reason(read.entry.as_ref(), present, sends_resolved, repeat_ns, self.flush.at) else {
                return Err(Outcome::Done);
            };
            let mut before = read.entry.unwrap_or_default();
            let now = notifier.clock.now();
            if let Some(claim) = before.claim.take().filter(|claim| claim.holds_against(&notifier.teller, now)) {
                return Err(Outcome::Claimed(claim.until));
            }
            if read.blind {
                return Ok(Held { before, reason, version: None });
            }
            let claimed = Entry { claim: Some(Claim::new(&notifier.teller, now)), ..before.clone() };
            match self.put(&claimed, read.version).await {
                Ok(Some(version)) => return Ok(Held { before, reason, version: Some(version) }),
                Ok(None) => {}
                Err(error) => {
                    tracing::error!(%error, "the notification log cannot be written; telling without it");
                    return Ok(Held { before, reason, version: None });
                }
            }
        }
        Err(Outcome::Claimed(notifier.clock.now().add_ns(crate::limit::LEASE_NS)))
    }

    /// Writes the entry if it still has the version that was read.
    async fn put(&self, entry: &Entry, version: Option<Revision>) -> Result<Option<Revision>, lgtm_state::StateError> {
        let expires_at = entry.expires_at(self.options.repeat_interval_ns, self.notifier.clock.now());
        let condition = version.map_or(Condition::Absent, Condition::Version);
        let write = Write { condition, ..Write::put(log::TABLE, self.key(), entry.encode(), Some(expires_at)) };
        self.notifier.shared.write(vec![write]).await
    }

    /// Makes the claim last longer; `false` when it was lost.
    pub(super) async fn renew(&self, held: &mut Held) -> bool {
        let Some(version) = held.version else { return true };
        let claim = Some(Claim::new(&self.notifier.teller, self.notifier.clock.now()));
        match self.put(&Entry { claim, ..held.before.clone() }, Some(version)).await {
            Ok(Some(version)) => held.version = Some(version),
            Ok(None) => return false,
            Err(_it_is_told_all_the_same) => held.version = None,
        }
        true
    }

    /// Gives the right back after a failure, so that others may try at once.
    async fn release(&self, held: Held) {
        let Some(version) = held.version else { return };
        if let Err(error) = self.put(&held.before, Some(version)).await {
            tracing::warn!(%error, "a claim could not be given back and ends with its lease");
        }
    }

    async fn record(&self, held: &Held, present: Present, sent: Sent) {
        let Present { firing, resolved } = present;
        let entry = Entry { sent_at: sent.at, firing, resolved, receipt: sent.receipt, claim: None };
        let key = self.key();
        match self.put(&entry, held.version).await {
            Ok(Some(_)) => drop(self.notifier.unrecorded.lock().remove(&key)),
            // Without a version the entry may be there in spite of everything: what is true now replaces it.
            Ok(None) if held.version.is_none() => {
                let expires_at = entry.expires_at(self.options.repeat_interval_ns, sent.at);
                let write = Write::put(log::TABLE, key.as_str(), entry.encode(), Some(expires_at));
                if self.notifier.shared.write(vec![write]).await.is_err() {
                    self.notifier.unrecorded.lock().insert(key, entry);
                } else {
                    self.notifier.unrecorded.lock().remove(&key);
                }
            }
            Ok(None) => {
                tracing::warn!(group = %self.flush.key, "another notifier took over while this one was telling")
            }
            Err(error) => {
                tracing::error!(%error, "a notification could not be recorded; only this process knows of it");
                self.notifier.unrecorded.lock().insert(key, entry);
            }
        }
    }
}
