//! One notifier with its queue.

use lgtm_client::HttpClient;
use lgtm_flow::AlertSink;
use lgtm_model::{Alert, RelabelRule};
use lgtm_runtime::metrics::{Counter, Gauge, Histogram, Registry};
use lgtm_runtime::{SharedClock, Shutdown};
use parking_lot::Mutex;
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Notify;

/// Bounds of the latency's buckets, in seconds.
const LATENCY_BOUNDS: &[f64] = &[0.01, 0.05, 0.1, 0.5, 1.0, 2.5, 5.0, 10.0];

/// What one notifier's messages come to.
#[derive(Clone)]
pub(crate) struct Counters {
    pub sent: Counter,
    pub errors: Counter,
    pub dropped: Counter,
    pub latency: Histogram,
    pub length: Gauge,
}

impl Counters {
    pub fn new(registry: &Registry, name: &str) -> Self {
        let labels = [("alertmanager", name)];
        Self {
            sent: registry.counter("prometheus_notifications_sent_total", "Alerts sent.", &labels),
            errors: registry.counter(
                "prometheus_notifications_errors_total",
                "Alerts in messages that a notifier did not take.",
                &labels,
            ),
            dropped: registry.counter(
                "prometheus_notifications_dropped_total",
                "Alerts that were not told: the queue was full, or the notifier did not take them.",
                &labels,
            ),
            latency: registry.histogram(
                "prometheus_notifications_latency_seconds",
                "How long a message to a notifier took.",
                &labels,
                LATENCY_BOUNDS,
            ),
            length: registry.gauge("prometheus_notifications_queue_length", "Alerts that wait to be told.", &labels),
        }
    }
}

/// A notifier with its queue.
pub(crate) struct Target {
    /// Its URL, or a name.
    pub name: String,
    pub sink: Arc<dyn AlertSink>,
    /// Rules for the labels of alerts that it alone has.
    pub relabel: Vec<RelabelRule>,
    /// How it is spoken to; nothing to say for those in this process.
    pub http: HttpClient,
    /// How long one message may take.
    pub timeout: Duration,
    pub counters: Counters,
    pub queue: Mutex<VecDeque<Alert>>,
    pub wake: Notify,
    /// Set when it is told no more.
    pub gone: Notify,
    pub queued_max: usize,
    pub batch_max: usize,
}

impl Target {
    /// Adds alerts behind those that wait; the oldest give way.
    pub fn push(&self, alerts: Vec<Alert>) {
        let mut queue = self.queue.lock();
        queue.extend(alerts);
        let excess = queue.len().saturating_sub(self.queued_max.max(1));
        if excess > 0 {
            queue.drain(..excess);
            self.counters.dropped.add(excess as u64);
            tracing::warn!(
                notifier = self.name,
                excess,
                limit = self.queued_max,
                "alert queue is full, the oldest are dropped"
            );
        }
        self.counters.length.set(queue.len() as f64);
        drop(queue);
        self.wake.notify_one();
    }

    fn take(&self) -> Vec<Alert> {
        let mut queue = self.queue.lock();
        let count = queue.len().min(self.batch_max.max(1));
        let batch = queue.drain(..count).collect();
        self.counters.length.set(queue.len() as f64);
        batch
    }

    /// Tells until it is told to stop; what waits then is told first, as far as the notifier takes it.
    pub async fn run(self: Arc<Self>, clock: SharedClock, shutdown: Shutdown) {
        loop {
            let batch = self.take();
            if !batch.is_empty() {
                self.tell(batch, &clock).await;
                continue;
            }
            tokio::select! {
                () = shutdown.requested() => return,
                () = self.gone.notified() => return,
                () = self.wake.notified() => {}
            }
        }
    }

    async fn tell(&self, batch: Vec<Alert>, clock: &SharedClock) {
        let count = batch.len() as u64;
        let begun = clock.elapsed();
        let outcome = tokio::select! {
            outcome = self.sink.send_alerts(batch) => outcome.map_err(|error| error.to_string()),
            () = clock.sleep(self.timeout) => Err(format!("no answer within {} s", self.timeout.as_secs_f64())),
        };
        self.counters.latency.observe(clock.elapsed().saturating_sub(begun).as_secs_f64());
        match outcome {
            Ok(()) => self.counters.sent.add(count),
            Err(error) => {
                self.counters.errors.add(count);
                self.counters.dropped.add(count);
                tracing::error!(notifier = self.name, count, "alerts were not taken: {error}");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use lgtm_flow::SinkError;
    use lgtm_model::{Labels, TimestampNs};
    use lgtm_runtime::{ManualClock, ShutdownTrigger};

    #[derive(Default)]
    struct Taken(Mutex<Vec<usize>>);

    #[async_trait::async_trait]
    impl AlertSink for Taken {
        async fn send_alerts(&self, alerts: Vec<Alert>) -> Result<(), SinkError> {
            self.0.lock().push(alerts.len());
            Ok(())
        }
    }

    #[tokio::test]
    async fn a_full_queue_drops_the_oldest_and_batches_are_bounded() {
        let (taken, registry) = (Arc::new(Taken::default()), Registry::default());
        let target = Arc::new(Target {
            name: "x".to_owned(),
            sink: Arc::clone(&taken) as Arc<dyn AlertSink>,
            relabel: Vec::new(),
            http: HttpClient::default(),
            timeout: Duration::from_secs(1),
            counters: Counters::new(&registry, "x"),
            queue: Mutex::default(),
            wake: Notify::new(),
            gone: Notify::new(),
            queued_max: 5,
            batch_max: 3,
        });
        let alert = |number: usize| Alert {
            labels: Labels::from_pairs([("n", number.to_string())]),
            annotations: Labels::empty(),
            starts_at: TimestampNs(0),
            ends_at: TimestampNs(0),
            generator_url: String::new(),
        };
        target.push((0..8).map(alert).collect());
        assert_eq!(
            target.queue.lock().front().and_then(|alert| alert.labels.get("n").map(str::to_owned)).unwrap(),
            "3"
        );
        let (trigger, shutdown) = ShutdownTrigger::new();
        trigger.fire();
        let counters = target.counters.clone();
        target.run(ManualClock::starting_at(TimestampNs(0)), shutdown).await;
        assert_eq!(*taken.0.lock(), [3, 2]);
        assert_eq!((counters.sent.value(), counters.dropped.value()), (5, 3));
    }
}
