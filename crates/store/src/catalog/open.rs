//! Reads the catalog: the newest checkpoint, then the commits behind it.

use super::manifest::{self, CHECKPOINTS, COMMITS, Commit};
use super::snapshot::{Change, Snapshot};
use crate::error::StoreError;
use crate::files::Files;
use futures::{StreamExt, TryStreamExt};
use lgtm_model::TimestampNs;

/// How often reading starts again because another process deleted what was about to be read.
const ATTEMPTS_MAX: usize = 8;
/// Commits fetched at once.
const FETCHES_IN_FLIGHT_MAX: usize = 16;

/// The catalog as it was found.
pub(super) struct Opened {
    pub snapshot: Snapshot,
    /// Version of the checkpoint that was read; 0 when there was none.
    pub checkpoint: u64,
    /// The lowest commit object that exists.
    pub oldest_commit: u64,
}

/// Reads the catalog; creates commit 0, the empty one, when there is nothing.
pub(super) async fn open(files: &Files, now: TimestampNs) -> Result<Opened, StoreError> {
    for _attempt in 0..ATTEMPTS_MAX {
        if let Some(opened) = try_open(files, now).await? {
            return Ok(opened);
        }
    }
    Err(StoreError::damaged(COMMITS, "commits are missing between the newest checkpoint and the newest commit"))
}

/// `None` when the chain has a gap: another process deleted its beginning meanwhile, behind a newer checkpoint.
async fn try_open(files: &Files, now: TimestampNs) -> Result<Option<Opened>, StoreError> {
    let (snapshot, checkpoint) = read_checkpoint(files).await?;
    let listed = files.list(COMMITS, None).await?;
    let versions: Vec<u64> = listed.iter().filter_map(|listed| manifest::version_of(&listed.path)).collect();
    let Some(&oldest_commit) = versions.first() else {
        if checkpoint > 0 {
            return Ok(None);
        }
        create(files, now).await?;
        return Ok(None);
    };
    let newer: Vec<u64> = versions.into_iter().filter(|version| *version > checkpoint).collect();
    // Commit `checkpoint` itself is kept as long as the checkpoint is the newest one: without it there is a gap.
    let is_whole =
        oldest_commit <= checkpoint && newer.iter().zip(checkpoint + 1..).all(|(found, wanted)| *found == wanted);
    if !is_whole {
        return Ok(None);
    }
    let snapshot = match replay(files, snapshot, &newer).await {
        Err(StoreError::Missing { .. }) => return Ok(None),
        other => other?,
    };
    Ok(Some(Opened { snapshot, checkpoint, oldest_commit }))
}

async fn read_checkpoint(files: &Files) -> Result<(Snapshot, u64), StoreError> {
    // From the newest down: a damaged checkpoint costs a longer replay when the commits behind an older one are there.
    let listed = files.list(CHECKPOINTS, None).await?;
    for listed in listed.iter().rev() {
        let Some(version) = manifest::version_of(&listed.path) else { continue };
        match files.get(&listed.path).await {
            Ok(bytes) => match manifest::decode_checkpoint(&listed.path, &bytes) {
                Ok(snapshot) => return Ok((snapshot, version)),
                Err(error) => tracing::error!(%error, "damaged checkpoint skipped"),
            },
            Err(StoreError::Missing { .. }) => {}
            Err(error) => return Err(error),
        }
    }
    Ok((Snapshot::default(), 0))
}

async fn replay(files: &Files, mut snapshot: Snapshot, versions: &[u64]) -> Result<Snapshot, StoreError> {
    let mut commits = futures::stream::iter(versions.iter().copied().map(|version| async move {
        let path = manifest::commit_path(version);
        manifest::decode_commit(&path, &files.get(&path).await?)
    }))
    .buffered(FETCHES_IN_FLIGHT_MAX);
    while let Some(commit) = commits.try_next().await? {
        snapshot = snapshot.apply(&commit.change, commit.time)?;
    }
    Ok(snapshot)
}

async fn create(files: &Files, now: TimestampNs) -> Result<(), StoreError> {
    let commit = Commit { version: 0, writer: 0, time: now, change: Change::default() };
    match files.put_new(&manifest::commit_path(0), manifest::encode_commit(&commit)).await {
        Ok(()) | Err(StoreError::Exists { .. }) => Ok(()),
        Err(error) => Err(error),
    }
}
