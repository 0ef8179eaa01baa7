//! What the catalog does behind: checkpoints, old manifest objects, removed files, orphans, damaged files.

use super::Catalog;
use super::manifest::{self, CHECKPOINTS};
use super::snapshot::{Change, FileKey, Removed, Snapshot};
use crate::error::StoreError;
use crate::publish;
use crate::signal::Signal;
use lgtm_model::TimestampNs;
use std::collections::HashSet;
use std::sync::Arc;

/// Commits kept behind the newest checkpoint, for processes that follow along.
const COMMITS_KEPT: u64 = 64;
/// Checkpoints kept: the newest, and the one before in case it is damaged.
const CHECKPOINTS_KEPT: usize = 2;
/// Removed files deleted by one commit.
const FORGOTTEN_PER_COMMIT_MAX: usize = 1_000;

/// What one round of maintenance did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Maintenance {
    /// Whether a checkpoint was written.
    pub checkpointed: bool,
    /// Manifest objects deleted.
    pub manifests_deleted: u64,
    /// Removed files deleted.
    pub files_deleted: u64,
}

impl Catalog {
    /// Writes a checkpoint when one is due, deletes manifest objects that nobody needs, and deletes removed files whose
    /// grace is over and which no published table refers to. Call it every few seconds; commits go on meanwhile.
    pub async fn maintain(&self) -> Result<Maintenance, StoreError> {
        let _one_at_a_time = self.maintenance.lock().await;
        let mut done = Maintenance::default();
        let snapshot = self.snapshot();
        let (checkpoint, oldest_commit) = {
            let writer = self.writer.lock().await;
            (writer.checkpoint, writer.oldest_commit)
        };
        if snapshot.version() >= checkpoint + self.settings.commits_per_checkpoint {
            self.checkpoint(&snapshot).await?;
            done.checkpointed = true;
            done.manifests_deleted = self.delete_manifests(snapshot.version(), oldest_commit).await?;
        }
        done.files_deleted = self.sweep().await?;
        Ok(done)
    }

    async fn checkpoint(&self, snapshot: &Arc<Snapshot>) -> Result<(), StoreError> {
        let version = snapshot.version();
        let bytes = manifest::encode_checkpoint(snapshot);
        match self.files.put_new(&manifest::checkpoint_path(version), bytes).await {
            // Another process at the same version wrote the same state.
            Ok(()) | Err(StoreError::Exists { .. }) => {}
            Err(error) => return Err(error),
        }
        self.writer.lock().await.checkpoint = version;
        Ok(())
    }

    /// Deletes commits in ascending order, one after the other: a writer that finds a commit in place may conclude
    /// that none behind it was deleted.
    async fn delete_manifests(&self, checkpoint: u64, oldest_commit: u64) -> Result<u64, StoreError> {
        let keep_from = checkpoint.saturating_sub(COMMITS_KEPT);
        for version in oldest_commit..keep_from {
            self.files.delete(&manifest::commit_path(version)).await?;
            self.writer.lock().await.oldest_commit = version + 1;
        }
        let mut deleted = keep_from.saturating_sub(oldest_commit);
        let checkpoints = self.files.list(CHECKPOINTS, None).await?;
        for old in checkpoints.iter().rev().skip(CHECKPOINTS_KEPT) {
            self.files.delete(&old.path).await?;
            deleted += 1;
        }
        Ok(deleted)
    }

    /// Deletes removed files first and forgets them after: a kill in between repeats a deletion and loses nothing.
    async fn sweep(&self) -> Result<u64, StoreError> {
        let grace_ns = i64::try_from(self.settings.removed_grace_ms).unwrap_or(i64::MAX).saturating_mul(1_000_000);
        let before = self.deps.clock.now().add_ns(-grace_ns);
        let snapshot = self.snapshot();
        let held_from = Signal::ALL.map(|signal| (signal, publish::held_from(&snapshot, signal)));
        let is_due = |removed: &&Removed| {
            let is_free = |(signal, held_from): &(Signal, Option<TimestampNs>)| {
                *signal != removed.entry.signal || held_from.is_none_or(|held_from| removed.removed_at < held_from)
            };
            removed.removed_at <= before && held_from.iter().all(is_free)
        };
        let due: Vec<&Removed> = snapshot.removed().filter(is_due).take(FORGOTTEN_PER_COMMIT_MAX).collect();
        for removed in &due {
            for path in std::iter::once(&removed.entry.path).chain(&removed.entry.sidecars) {
                self.files.delete(path).await?;
            }
        }
        if due.is_empty() {
            return Ok(0);
        }
        let forget = due.iter().map(|removed| removed.entry.key()).collect();
        self.commit(Change { forget, ..Change::default() }).await?;
        self.instruments.deleted.add(due.len() as u64);
        Ok(due.len() as u64)
    }

    /// Deletes files under the signals' folders that no commit lists and that are older than the grace for orphans:
    /// what a process wrote before it was killed. Call it once at the start. Returns their paths.
    pub async fn remove_orphans(&self) -> Result<Vec<String>, StoreError> {
        let grace_ns = i64::try_from(self.settings.orphan_grace_ms).unwrap_or(i64::MAX).saturating_mul(1_000_000);
        let before = self.deps.clock.now().add_ns(-grace_ns);
        let mut candidates = Vec::new();
        for signal in Signal::ALL {
            let listed = self.files.list(signal.as_str(), None).await?;
            // Only `<signal>/date=…/…` is ours: a published table keeps its own log beside.
            let ours = format!("{signal}/date=");
            candidates.extend(listed.into_iter().filter(|file| file.modified < before && file.path.starts_with(&ours)));
        }
        // The snapshot is read after the listing, so that what was committed meanwhile is known.
        let snapshot = self.refresh().await?;
        let known = known_paths(&snapshot);
        let mut orphans = Vec::new();
        for file in candidates.into_iter().filter(|file| !known.contains(file.path.as_str())) {
            tracing::info!(path = file.path, "file that no commit lists deleted");
            self.files.delete(&file.path).await?;
            self.instruments.orphans.increment();
            orphans.push(file.path);
        }
        self.files.remove_temporaries(before).await?;
        Ok(orphans)
    }

    /// Takes a damaged file off the list, with the check that failed; it is named, counted and kept for inspection.
    pub async fn set_aside(&self, key: FileKey, reason: impl Into<String>) -> Result<Arc<Snapshot>, StoreError> {
        let reason = reason.into();
        tracing::error!(path = key.path, reason, "damaged file set aside");
        let snapshot = self.commit(Change { set_aside: vec![(key, reason)], ..Change::default() }).await?;
        self.instruments.damaged.increment();
        Ok(snapshot)
    }
}

fn known_paths(snapshot: &Snapshot) -> HashSet<&str> {
    let listed = Signal::ALL.into_iter().flat_map(|signal| snapshot.files(signal));
    let removed = snapshot.removed().map(|removed| &removed.entry);
    let damaged = snapshot.damaged().map(|damaged| &damaged.entry);
    let entries = listed.chain(removed).chain(damaged);
    entries.flat_map(|entry| std::iter::once(&entry.path).chain(&entry.sidecars)).map(String::as_str).collect()
}
