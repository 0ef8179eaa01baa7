//! Collecting in regular intervals.

use crate::{Config, Host};
use lgtm_flow::SampleSink;
use lgtm_runtime::metrics::{Counter, Registry};
use lgtm_runtime::{SharedClock, Shutdown, Tasks};
use std::sync::Arc;
use std::time::Duration;

/// What this component works with.
#[derive(Clone)]
pub struct Deps {
    /// Where the samples go.
    pub sink: Arc<dyn SampleSink>,
    /// The time.
    pub clock: SharedClock,
    /// Where collections are counted.
    pub registry: Registry,
}

/// Running host metrics.
#[derive(Debug)]
pub struct Handle {
    tasks: Tasks,
}

impl Handle {
    /// Waits for the collection under way, at most `grace`; returns how many tasks had to be cut off.
    pub async fn drain(&self, clock: &SharedClock, grace: Duration) -> usize {
        self.tasks.drain(clock, grace).await
    }
}

/// Collects at once and then every `config.interval` until `shutdown`.
///
/// A batch that the sink does not take is lost and counted: the next one is fresher. A collection that hangs, as a
/// dead network file system makes it, holds up the following ones.
pub fn start(config: &Config, deps: Deps, shutdown: Shutdown) -> Handle {
    let host = Host::new(config, deps.clock.clone());
    let meters = Meters::new(&deps.registry);
    let (tasks, interval) = (Tasks::default(), config.interval);
    tasks.spawn(async move {
        while !shutdown.is_requested() {
            collect(&host, &deps, &meters).await;
            tokio::select! {
                () = deps.clock.sleep(interval) => {}
                () = shutdown.requested() => {}
            }
        }
    });
    Handle { tasks }
}

struct Meters {
    samples: Counter,
    lost: Counter,
}

impl Meters {
    fn new(registry: &Registry) -> Self {
        Self {
            samples: registry.counter("lgtm_host_samples_total", "Host metric samples taken and stored.", &[]),
            lost: registry.counter("lgtm_host_samples_lost_total", "Host metric samples that no sink took.", &[]),
        }
    }
}

async fn collect(host: &Host, deps: &Deps, meters: &Meters) {
    let worker = host.clone();
    let Ok(batch) = tokio::task::spawn_blocking(move || worker.batch()).await else {
        tracing::error!("a collector of host metrics panicked");
        return;
    };
    let count = batch.rows.len() as u64;
    match deps.sink.write_samples(batch).await {
        Ok(()) => meters.samples.add(count),
        Err(error) => {
            meters.lost.add(count);
            tracing::warn!(%error, "host metrics were not stored");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use async_trait::async_trait;
    use lgtm_flow::{SampleBatch, SinkError};
    use lgtm_model::TimestampNs;
    use lgtm_runtime::{ManualClock, ShutdownTrigger, SystemClock};
    use tokio::sync::mpsc;

    struct Remembering(mpsc::UnboundedSender<SampleBatch>);

    #[async_trait]
    impl SampleSink for Remembering {
        async fn write_samples(&self, batch: SampleBatch) -> Result<(), SinkError> {
            self.0.send(batch).map_err(|_| SinkError::Unavailable("gone".to_owned()))
        }
    }

    #[tokio::test]
    async fn a_batch_comes_at_once_and_then_every_interval() {
        let (sender, mut batches) = mpsc::unbounded_channel();
        let clock = ManualClock::starting_at(TimestampNs(1_000_000_000));
        let deps = Deps { sink: Arc::new(Remembering(sender)), clock: clock.clone(), registry: Registry::default() };
        let (trigger, shutdown) = ShutdownTrigger::new();
        let config = Config { instance: "here".to_owned(), ..Config::default() };
        let handle = start(&config, deps, shutdown);
        let first = batches.recv().await.unwrap();
        let load = first.rows.iter().find(|row| row.labels.metric_name() == Some("node_load1")).unwrap();
        assert_eq!(load.labels.to_string(), r#"node_load1{instance="here", job="node"}"#);
        assert!(first.rows.iter().all(|row| row.timestamp.0 == 1_000));
        // The task may not have begun to wait yet: move on until the next batch is there.
        let second = loop {
            clock.advance(Duration::from_secs(15));
            tokio::select! {
                batch = batches.recv() => break batch.unwrap(),
                () = tokio::task::yield_now() => {}
            }
        };
        assert!(second.rows[0].timestamp > first.rows[0].timestamp);
        trigger.fire();
        assert_eq!(handle.drain(&SystemClock::shared(), Duration::from_secs(10)).await, 0);
    }
}
