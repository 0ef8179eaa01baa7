//! The catalog: which files exist, and up to where each signal's journal is in them. One for all signals.
//!
//! The truth is a chain of small objects, `catalog/commits/<version>`, each created with put-if-absent: whoever
//! creates `version + 1` has committed, everyone else reads it, checks whether his own change still fits, and takes the
//! next number. A commit therefore costs one small object, be there ten files or a hundred thousand. Every
//! `commits_per_checkpoint` commits the whole state is written beside the chain, so that opening reads one checkpoint
//! and a few commits; older objects are deleted in ascending order.
//!
//! A writer that slept while others committed and deleted could create a number that had existed and is gone. Since
//! deletion ascends, the object it built on is then gone too: after each creation, and after each object read while
//! catching up, the predecessor is looked for once more ([`Catalog::commit`], `catch_up`).

mod codec;
mod garbage;
mod manifest;
mod open;
mod snapshot;

pub use garbage::Maintenance;
pub use snapshot::{Change, Damaged, Day, FileEntry, FileKey, Removed, Snapshot};

use crate::StoreDeps;
use crate::error::StoreError;
use crate::files::Files;
use crate::signal::Signal;
use lgtm_runtime::metrics::{Counter, Gauge, Histogram};
use manifest::Commit;
use parking_lot::RwLock;
use std::collections::BTreeSet;
use std::sync::Arc;

/// How often a commit starts again because another writer was faster, before it gives up.
const CONFLICTS_MAX: usize = 64;

/// The catalog's limits and periods.
#[derive(Clone, Debug)]
pub struct CatalogSettings {
    /// Commits between two checkpoints.
    pub commits_per_checkpoint: u64,
    /// How long a removed file stays, so that queries that began before can finish.
    pub removed_grace_ms: u64,
    /// How old a file must be that no commit lists before it is deleted as an orphan; longer than any flush takes.
    pub orphan_grace_ms: u64,
}

impl Default for CatalogSettings {
    fn default() -> Self {
        Self { commits_per_checkpoint: 256, removed_grace_ms: 5 * 60_000, orphan_grace_ms: 60 * 60_000 }
    }
}

/// What the one committing task of this process keeps.
struct WriterState {
    /// The newest checkpoint known to exist.
    checkpoint: u64,
    /// The lowest commit object that may still exist.
    oldest_commit: u64,
    /// A put whose outcome is unknown: read before the next commit.
    in_doubt: bool,
    /// Signals whose offset was moved by another process since this one opened.
    fenced: BTreeSet<Signal>,
}

struct Instruments {
    commits: Counter,
    conflicts: Counter,
    seconds: Histogram,
    version: Gauge,
    files: Vec<(Signal, Gauge)>,
    deleted: Counter,
    orphans: Counter,
    damaged: Counter,
}

/// The catalog. Share it in an `Arc`; all methods may be called at once, commits take turns.
pub struct Catalog {
    files: Arc<Files>,
    deps: StoreDeps,
    settings: CatalogSettings,
    /// Tells this writer's commits from those of others; random.
    writer_id: u64,
    current: RwLock<Arc<Snapshot>>,
    writer: tokio::sync::Mutex<WriterState>,
    /// Held while checkpoints are written and files deleted.
    maintenance: tokio::sync::Mutex<()>,
    instruments: Instruments,
}

impl Catalog {
    /// Opens the catalog among `files`, creating it when there is none.
    pub async fn open(files: Arc<Files>, settings: CatalogSettings, deps: &StoreDeps) -> Result<Arc<Self>, StoreError> {
        let opened = open::open(&files, deps.clock.now()).await?;
        let mut id = [0; 8];
        deps.random.fill(&mut id);
        let catalog = Self {
            instruments: instruments(deps),
            files,
            deps: deps.clone(),
            settings,
            writer_id: u64::from_le_bytes(id),
            current: RwLock::new(Arc::new(opened.snapshot)),
            writer: tokio::sync::Mutex::new(WriterState {
                checkpoint: opened.checkpoint,
                oldest_commit: opened.oldest_commit,
                in_doubt: false,
                fenced: BTreeSet::new(),
            }),
            maintenance: tokio::sync::Mutex::new(()),
        };
        catalog.measure(&catalog.snapshot());
        Ok(Arc::new(catalog))
    }

    /// The state after the last commit that this process made or read. Cheap: one pointer.
    pub fn snapshot(&self) -> Arc<Snapshot> {
        Arc::clone(&self.current.read())
    }

    /// The files that the catalog lists.
    pub fn files(&self) -> &Arc<Files> {
        &self.files
    }

    /// Commits a change, durably; readers see all of it at once. Returns the state with it.
    ///
    /// Repeating a change that is already in place is no error and commits nothing, so that a caller may retry after
    /// any error. [`StoreError::Contradiction`] when the change does not fit what is there,
    /// [`StoreError::Fenced`] when it moves the offset of a signal that another process writes as well.
    pub async fn commit(&self, change: Change) -> Result<Arc<Snapshot>, StoreError> {
        let started = self.deps.clock.elapsed();
        let mut writer = self.writer.lock().await;
        if writer.in_doubt {
            self.catch_up(&mut writer).await?;
        }
        for _attempt in 0..CONFLICTS_MAX {
            let current = self.snapshot();
            if current.has(&change) {
                return Ok(current);
            }
            if let Some((signal, _)) = change.offsets.iter().find(|(signal, _)| writer.fenced.contains(signal)) {
                return Err(StoreError::Fenced { what: format!("the offset of {signal}") });
            }
            let time = self.deps.clock.now();
            let next = current.apply(&change, time)?;
            let commit = Commit { version: next.version(), writer: self.writer_id, time, change: change.clone() };
            // Set before the wait: the future may be dropped during the put, and the object appear all the same.
            writer.in_doubt = true;
            match self.files.put_new(&manifest::commit_path(commit.version), manifest::encode_commit(&commit)).await {
                Ok(()) if self.predecessor_exists(commit.version).await? => {
                    writer.in_doubt = false;
                    self.instruments.commits.increment();
                    let elapsed = self.deps.clock.elapsed().saturating_sub(started);
                    self.instruments.seconds.observe(elapsed.as_secs_f64());
                    return Ok(self.publish(next));
                }
                Ok(()) => self.reload(&mut writer).await?,
                Err(StoreError::Exists { .. }) => {
                    self.instruments.conflicts.increment();
                    self.catch_up(&mut writer).await?;
                }
                Err(error) => return Err(error),
            }
        }
        Err(StoreError::Fenced { what: "the catalog, faster than this process can follow,".to_owned() })
    }

    /// Reads what other processes have committed.
    pub async fn refresh(&self) -> Result<Arc<Snapshot>, StoreError> {
        let mut writer = self.writer.lock().await;
        self.catch_up(&mut writer).await?;
        Ok(self.snapshot())
    }

    async fn predecessor_exists(&self, version: u64) -> Result<bool, StoreError> {
        self.files.exists(&manifest::commit_path(version - 1)).await
    }

    /// Applies the commits behind the current version, one by one.
    async fn catch_up(&self, writer: &mut WriterState) -> Result<(), StoreError> {
        loop {
            let current = self.snapshot();
            let version = current.version() + 1;
            let path = manifest::commit_path(version);
            let read = match self.files.get(&path).await {
                Ok(bytes) => Some(manifest::decode_commit(&path, &bytes)?),
                Err(StoreError::Missing { .. }) => None,
                Err(error) => return Err(error),
            };
            if !self.predecessor_exists(version).await? {
                return self.reload(writer).await;
            }
            let Some(commit) = read else {
                writer.in_doubt = false;
                return Ok(());
            };
            if commit.writer != self.writer_id {
                writer.fenced.extend(commit.change.offsets.iter().map(|(signal, _)| *signal));
            }
            let next = current.apply(&commit.change, commit.time)?;
            self.publish(next);
        }
    }

    /// Starts again from the newest checkpoint: the chain was cut behind this writer's back.
    async fn reload(&self, writer: &mut WriterState) -> Result<(), StoreError> {
        let before = self.snapshot();
        let opened = open::open(&self.files, self.deps.clock.now()).await?;
        let moved = |signal: &Signal| opened.snapshot.offset(*signal) != before.offset(*signal);
        writer.fenced.extend(Signal::ALL.into_iter().filter(moved));
        writer.checkpoint = opened.checkpoint;
        writer.oldest_commit = opened.oldest_commit;
        writer.in_doubt = false;
        self.publish(opened.snapshot);
        Ok(())
    }

    fn publish(&self, next: Snapshot) -> Arc<Snapshot> {
        let next = Arc::new(next);
        self.measure(&next);
        *self.current.write() = Arc::clone(&next);
        next
    }

    fn measure(&self, snapshot: &Snapshot) {
        self.instruments.version.set(snapshot.version() as f64);
        for (signal, gauge) in &self.instruments.files {
            gauge.set(snapshot.file_count(*signal) as f64);
        }
    }
}

fn instruments(deps: &StoreDeps) -> Instruments {
    const SECONDS: &[f64] = &[0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 1.0];
    let registry = &deps.registry;
    let gauge = |signal: Signal| {
        let label = &[("signal", signal.as_str())];
        (signal, registry.gauge("lgtm_catalog_files", "Files listed in the catalog.", label))
    };
    Instruments {
        commits: registry.counter("lgtm_catalog_commits_total", "Commits made.", &[]),
        conflicts: registry.counter(
            "lgtm_catalog_conflicts_total",
            "Commits tried again because another writer was faster.",
            &[],
        ),
        seconds: registry.histogram("lgtm_catalog_commit_seconds", "Time of one commit.", &[], SECONDS),
        version: registry.gauge("lgtm_catalog_version", "The catalog's version.", &[]),
        files: Signal::ALL.into_iter().map(gauge).collect(),
        deleted: registry.counter("lgtm_store_files_deleted_total", "Removed files deleted after their grace.", &[]),
        orphans: registry.counter("lgtm_store_orphans_deleted_total", "Files that no commit listed, deleted.", &[]),
        damaged: registry.counter("lgtm_store_files_damaged_total", "Files set aside as damaged.", &[]),
    }
}
