//! From the queue to the server, in order, until it is taken.

use crate::Backoff;
use lgtm_flow::SinkError;
use lgtm_flow::queue::{Delivery, Queue};
use lgtm_peer::OtlpPeer;
use lgtm_runtime::metrics::{Counter, Registry};
use lgtm_runtime::{Random, SharedClock, Shutdown};
use lgtm_wire::otlp::Signal;

/// What a sender works with.
pub(crate) struct Sender {
    pub signal: Signal,
    pub queue: Queue,
    pub peer: OtlpPeer,
    pub backoff: Backoff,
    pub clock: SharedClock,
    pub random: Random,
    pub meters: Meters,
}

/// How sending went.
pub(crate) struct Meters {
    sent: Counter,
    failed: Counter,
    dropped: Counter,
}

impl Meters {
    pub(crate) fn new(registry: &Registry, signal: Signal) -> Self {
        let labels = [("signal", signal.as_str())];
        Self {
            sent: registry.counter(
                "lgtm_agent_requests_sent_total",
                "Export requests that the server acknowledged.",
                &labels,
            ),
            failed: registry.counter(
                "lgtm_agent_attempts_failed_total",
                "Attempts to send an export request that are repeated.",
                &labels,
            ),
            dropped: registry.counter(
                "lgtm_agent_requests_dropped_total",
                "Export requests that the server refused for good.",
                &labels,
            ),
        }
    }
}

impl Sender {
    /// Sends until `shutdown`. After it, what is left in the queue is sent for as long as every attempt succeeds; the
    /// rest stays on disk for the next start.
    pub(crate) async fn run(self, shutdown: Shutdown) {
        let mut failures = 0_u32;
        loop {
            let delivery = if shutdown.is_requested() {
                // The batchers have ended before, so that nothing comes in any more.
                if self.queue.is_empty() {
                    return;
                }
                self.queue.next().await
            } else {
                tokio::select! {
                    delivery = self.queue.next() => delivery,
                    () = shutdown.requested() => continue,
                }
            };
            let taken = match delivery {
                Ok(delivery) => self.deliver(&delivery, &shutdown).await,
                Err(error) => {
                    tracing::error!(signal = self.signal.as_str(), %error, "cannot read the queue");
                    failures += 1;
                    self.wait(self.backoff.wait(failures, &self.random), &shutdown).await
                }
            };
            if !taken {
                return;
            }
        }
    }

    /// Sends one request until the server has taken or refused it; `false` when the agent stops before that.
    async fn deliver(&self, delivery: &Delivery, shutdown: &Shutdown) -> bool {
        let mut failures = 0_u32;
        loop {
            let error = match self.peer.export(self.signal, delivery.payload.clone()).await {
                Ok(()) => {
                    self.meters.sent.increment();
                    return self.acknowledge(delivery).await;
                }
                Err(SinkError::Refused(reason)) => {
                    self.meters.dropped.increment();
                    tracing::warn!(signal = self.signal.as_str(), reason, "the server refused a request for good");
                    return self.acknowledge(delivery).await;
                }
                Err(error) => error,
            };
            self.meters.failed.increment();
            failures += 1;
            // The first failure and then every doubling: a server that is down for hours does not fill the log.
            if failures.is_power_of_two() {
                let signal = self.signal.as_str();
                tracing::warn!(signal, %error, failures, "cannot send; the data waits on disk");
            }
            let mut wait = self.backoff.wait(failures, &self.random);
            if let SinkError::Overloaded { retry_after, .. } = error {
                wait = wait.max(retry_after);
            }
            if !self.wait(wait, shutdown).await {
                return false;
            }
        }
    }

    async fn acknowledge(&self, delivery: &Delivery) -> bool {
        if let Err(error) = self.queue.ack(delivery).await {
            // The request will be sent again after the next start: at least once.
            tracing::error!(signal = self.signal.as_str(), %error, "cannot move the queue's cursor");
        }
        true
    }

    /// Waits; `false` when the agent stops meanwhile.
    async fn wait(&self, duration: std::time::Duration, shutdown: &Shutdown) -> bool {
        if shutdown.is_requested() {
            return false;
        }
        tokio::select! {
            () = self.clock.sleep(duration) => true,
            () = shutdown.requested() => false,
        }
    }
}
