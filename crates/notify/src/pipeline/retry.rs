//! Sending until it succeeds, is refused for good, or the time is over.

use super::deliver::{Delivery, Held};
use crate::integration::{NotifyError, Receipt};
use crate::limit::{ATTEMPT_TIMEOUT, BACKOFF_FACTOR, BACKOFF_MAX_MS, BACKOFF_MIN_MS};
use crate::{Notification, NotificationReason};
use lgtm_model::TimestampNs;
use std::time::Duration;

/// A notification that was taken.
pub(super) struct Sent {
    pub receipt: Receipt,
    /// When the group was as it was told, for the repeat interval.
    pub at: TimestampNs,
}

/// A notification that was not taken.
pub(super) struct Failure {
    /// As Alertmanager's metrics name it.
    pub reason: &'static str,
    pub text: String,
}

/// Sends, again after waits that grow, until `deadline`.
pub(super) async fn send(
    delivery: &Delivery<'_>,
    held: &mut Held,
    notification: &Notification,
    deadline: TimestampNs,
) -> Result<Sent, Failure> {
    let (notifier, kind) = (delivery.notifier, delivery.integration.kind());
    let metrics = &notifier.metrics;
    metrics.notifications(kind).increment();
    let first = held.reason == NotificationReason::FirstNotification;
    let previous = Some(held.before.receipt.clone()).filter(|_| held.before.was_sent() && !first);
    let mut wait_ms = BACKOFF_MIN_MS;
    let mut at = delivery.flush.at;
    loop {
        let began = notifier.clock.elapsed();
        metrics.requests(kind).increment();
        let answer = tokio::select! {
            answer = delivery.integration.notify(notification, previous.as_ref()) => answer,
            () = notifier.clock.sleep(ATTEMPT_TIMEOUT) => {
                Err(NotifyError::Temporary(format!("no answer within {} s", ATTEMPT_TIMEOUT.as_secs())))
            }
        };
        let took = notifier.clock.elapsed().saturating_sub(began);
        metrics.latency(kind).observe(took.as_secs_f64());
        let text = match answer {
            Ok(receipt) => return Ok(Sent { receipt, at }),
            Err(NotifyError::Permanent(text)) => {
                metrics.requests_failed(kind).increment();
                return Err(Failure { reason: "clientError", text });
            }
            Err(NotifyError::Temporary(text)) => {
                metrics.requests_failed(kind).increment();
                text
            }
        };
        tracing::warn!(
            kind,
            receiver = notification.receiver,
            error = text,
            "notification failed, will be tried again"
        );
        // Between half and one and a half of the wait, so that many groups do not come back at once; counted from when the
        // attempt began, so that one which took long is followed at once.
        let wait = Duration::from_secs_f64(wait_ms * (0.5 + notifier.random.fraction()) / 1000.0);
        let wait = wait.saturating_sub(took);
        wait_ms = (wait_ms * BACKOFF_FACTOR).min(BACKOFF_MAX_MS);
        let wait_ns = i64::try_from(wait.as_nanos()).unwrap_or(i64::MAX);
        if notifier.clock.now().add_ns(wait_ns) >= deadline {
            return Err(Failure { reason: "serverError", text });
        }
        notifier.clock.sleep(wait).await;
        if !delivery.renew(held).await {
            return Err(Failure { reason: "contextCanceled", text: "another notifier took over".to_owned() });
        }
        at = notifier.clock.now();
    }
}
