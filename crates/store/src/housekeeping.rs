//! The task behind: compaction, retention, publishing, checkpoints and deletion, one after the other.
//!
//! One task for all of it, so that what runs behind never takes more than one core from queries and ingest. An error
//! is logged and counted; the next round tries again.

use crate::StoreDeps;
use crate::catalog::Catalog;
use crate::compaction::{self, CompactionSettings, Compactor};
use crate::error::StoreError;
use crate::publish::Publish;
use crate::retention::{self, RetentionDays};
use lgtm_runtime::metrics::Counter;
use lgtm_runtime::{Shutdown, Tasks};
use std::sync::Arc;
use std::time::Duration;

/// How often each thing is done.
#[derive(Clone, Debug)]
pub struct HousekeepingSettings {
    /// Between two rounds of compaction and maintenance.
    pub round_interval_ms: u64,
    /// Between two publications.
    pub publish_interval_ms: u64,
    /// When files are merged.
    pub compaction: CompactionSettings,
    /// How long each signal is kept.
    pub retention: RetentionDays,
}

impl Default for HousekeepingSettings {
    fn default() -> Self {
        Self {
            round_interval_ms: 10_000,
            publish_interval_ms: 10 * 60_000,
            compaction: CompactionSettings::default(),
            retention: RetentionDays::new(),
        }
    }
}

/// Everything that runs behind for one store.
pub struct Housekeeping {
    /// The store's catalog.
    pub catalog: Arc<Catalog>,
    /// One for each signal whose files are merged.
    pub compactors: Vec<Arc<dyn Compactor>>,
    /// One for each published table.
    pub publishers: Vec<Arc<dyn Publish>>,
    /// How often, how much, how long.
    pub settings: HousekeepingSettings,
    /// Time and metrics.
    pub deps: StoreDeps,
}

impl Housekeeping {
    /// Starts the task; it ends at the next await after `shutdown`, whatever it is doing.
    pub fn spawn(self, tasks: &Tasks, shutdown: Shutdown) {
        tasks.spawn(async move {
            tokio::select! {
                () = shutdown.requested() => {}
                () = self.run() => {}
            }
        });
    }

    async fn run(self) {
        let failures = |chore: &'static str| {
            let help = "Chores behind that failed and are tried again.";
            self.deps.registry.counter("lgtm_store_housekeeping_failures_total", help, &[("chore", chore)])
        };
        let (failed_round, failed_publish) = (failures("round"), failures("publish"));
        note("orphans", &failed_round, self.catalog.remove_orphans().await);
        let mut published = self.deps.clock.elapsed();
        loop {
            self.deps.clock.sleep(Duration::from_millis(self.settings.round_interval_ms)).await;
            note("round", &failed_round, self.round().await);
            if self.deps.clock.elapsed().saturating_sub(published).as_millis() as u64
                >= self.settings.publish_interval_ms
            {
                published = self.deps.clock.elapsed();
                for publisher in &self.publishers {
                    note("publish", &failed_publish, publisher.publish().await);
                }
            }
        }
    }

    /// One round of everything but publishing: retention, compaction until nothing is due, maintenance.
    pub async fn round(&self) -> Result<(), StoreError> {
        let today = self.deps.clock.now().day();
        retention::drop_expired(&self.catalog, today, &self.settings.retention).await?;
        for compactor in &self.compactors {
            while compaction::compact_round(&self.catalog, &**compactor, today, &self.settings.compaction).await? > 0 {}
        }
        self.catalog.maintain().await.map(drop)
    }
}

fn note<T>(chore: &str, failures: &Counter, result: Result<T, StoreError>) {
    if let Err(error) = result {
        failures.increment();
        tracing::error!(chore, %error, "housekeeping failed and tries again");
    }
}
