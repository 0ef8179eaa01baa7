//! Publishes a signal's compacted Parquet files as a Delta Lake table, without rewriting a byte.
//!
//! The table's root is the signal's folder, so that its log (`<signal>/_delta_log`) names the very files that the
//! catalog lists. The table is derived: a publication compares what the table lists with what the catalog lists and
//! commits the difference. After an error, a kill, or the loss of the whole log, the next one does what is missing.
//!
//! The table is opened anew each time and dropped afterwards: a few times an hour that costs less than keeping its state
//! in memory. Every `commits_per_checkpoint` commits a checkpoint is written and log entries older than
//! `log_retention_ms` are deleted. Both the listing of the whole log and the clean-up are left out of ordinary commits.

mod actions;
mod table;

use crate::StoreDeps;
use crate::catalog::{Catalog, Change, FileEntry, Snapshot};
use crate::error::StoreError;
use crate::publish::{Publish, PublishedMark};
use crate::signal::Signal;
use async_trait::async_trait;
use deltalake_core::DeltaTableError;
use deltalake_core::arrow::datatypes::SchemaRef;
use lgtm_runtime::metrics::{Counter, Gauge, Histogram};
use std::sync::Arc;

/// When and what is published.
#[derive(Clone, Debug)]
pub struct DeltaSettings {
    /// Files of this level and above are published; 0 publishes fresh files as well.
    pub level_min: u8,
    /// Commits of the table between two checkpoints of it.
    pub commits_per_checkpoint: u64,
    /// How long entries of the table's log are kept for readers of older versions.
    pub log_retention_ms: u64,
}

impl Default for DeltaSettings {
    fn default() -> Self {
        Self { level_min: 1, commits_per_checkpoint: 100, log_retention_ms: 24 * 3_600_000 }
    }
}

/// What one publication did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Published {
    /// The table's version now.
    pub version: u64,
    /// Files added to the table.
    pub added: usize,
    /// Files removed from it.
    pub removed: usize,
}

/// Publishes one signal.
pub struct DeltaPublisher {
    catalog: Arc<Catalog>,
    deps: StoreDeps,
    signal: Signal,
    /// The columns of the files, without the partition column `date`.
    schema: SchemaRef,
    settings: DeltaSettings,
    one_at_a_time: tokio::sync::Mutex<()>,
    commits: Counter,
    version: Gauge,
    seconds: Histogram,
}

impl DeltaPublisher {
    /// A publisher of `signal`'s files, whose columns are `schema`; the partition column `date` is added.
    pub fn new(
        catalog: Arc<Catalog>,
        signal: Signal,
        schema: SchemaRef,
        settings: DeltaSettings,
        deps: &StoreDeps,
    ) -> Self {
        const SECONDS: &[f64] = &[0.01, 0.05, 0.1, 0.5, 1.0, 5.0, 30.0];
        let label = &[("signal", signal.as_str())][..];
        let registry = &deps.registry;
        Self {
            commits: registry.counter("lgtm_delta_commits_total", "Commits to the published table.", label),
            version: registry.gauge("lgtm_delta_version", "Version of the published table.", label),
            seconds: registry.histogram("lgtm_delta_publish_seconds", "Time of one publication.", label, SECONDS),
            catalog,
            deps: deps.clone(),
            signal,
            schema,
            settings,
            one_at_a_time: tokio::sync::Mutex::default(),
        }
    }

    /// Makes the table list the compacted files of this moment.
    pub async fn publish_compacted(&self) -> Result<Published, StoreError> {
        self.publish_from(self.settings.level_min).await
    }

    /// Makes the table list all files of this moment, the fresh ones too: up to the last flush.
    pub async fn publish_all(&self) -> Result<Published, StoreError> {
        self.publish_from(0).await
    }

    /// Deletes the table's log and publishes anew: for a log that is damaged. Readers see no table meanwhile.
    pub async fn rebuild(&self) -> Result<Published, StoreError> {
        {
            let _alone = self.one_at_a_time.lock().await;
            let files = self.catalog.files();
            for listed in files.list(&table::log_folder(self.signal), None).await? {
                files.delete(&listed.path).await?;
            }
        }
        self.publish_compacted().await
    }

    async fn publish_from(&self, level_min: u8) -> Result<Published, StoreError> {
        let _alone = self.one_at_a_time.lock().await;
        let started = self.deps.clock.elapsed();
        // The time first: what is removed behind it is held until the next publication.
        let time = self.deps.clock.now();
        let snapshot = self.catalog.snapshot();
        let failed = |error: DeltaTableError| StoreError::Published { signal: self.signal, reason: error.to_string() };
        let table = table::open_or_create(&self.catalog, self.signal, &self.schema, &self.settings).await;
        let table = table.map_err(failed)?;
        let listed = actions::listed(&table).map_err(failed)?;
        let wanted = wanted(&snapshot, self.signal, level_min, &listed);
        let difference = actions::difference(self.signal, &listed, &wanted, time);
        let (added, removed) = (difference.added, difference.removed);
        let version = if added + removed == 0 {
            table.version().unwrap_or(0)
        } else {
            self.commits.increment();
            table::commit(table, difference.actions, &self.settings).await.map_err(failed)?
        };
        table::sync(&self.catalog, self.signal, version).await?;
        self.remember(&snapshot, version, time).await?;
        self.version.set(version as f64);
        self.seconds.observe(self.deps.clock.elapsed().saturating_sub(started).as_secs_f64());
        Ok(Published { version, added, removed })
    }

    async fn remember(
        &self,
        snapshot: &Snapshot,
        version: u64,
        time: lgtm_model::TimestampNs,
    ) -> Result<(), StoreError> {
        let before = PublishedMark::read(snapshot, self.signal);
        let mark = PublishedMark { version, last: time, previous: before.map_or(time, |before| before.last) };
        let change = Change { marks: vec![mark.to_mark(self.signal)], ..Change::default() };
        self.catalog.commit(change).await.map(drop)
    }
}

/// The files that the table should list: those of the level, and fresher ones that it lists already.
fn wanted<'a>(
    snapshot: &'a Snapshot,
    signal: Signal,
    level_min: u8,
    listed: &actions::Listed,
) -> Vec<&'a Arc<FileEntry>> {
    let is_wanted = |entry: &&Arc<FileEntry>| {
        entry.level >= level_min || listed.contains_key(actions::relative(signal, &entry.path))
    };
    snapshot.files(signal).filter(is_wanted).collect()
}

#[async_trait]
impl Publish for DeltaPublisher {
    async fn publish(&self) -> Result<(), StoreError> {
        self.publish_compacted().await.map(drop)
    }
}
