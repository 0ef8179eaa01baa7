//! The blocks that queries read: opened once, mapped into memory where they lie on this machine.
//!
//! A block that cannot be opened because its bytes are wrong, or because it is listed and yet not there, is set aside
//! in the catalog with the reason: queries go on without it. A failure of the storage itself is an error.

use crate::MetricsError;
use crate::block::Block;
use bytes::Bytes;
use lgtm_runtime::metrics::Counter;
use lgtm_store::{Catalog, FileEntry, Signal, Snapshot, StoreError};
use parking_lot::Mutex;
use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

/// Open blocks beyond which those that the catalog no longer lists are looked for and closed.
const PRUNE_ABOVE: usize = 64;

/// The open blocks by path.
pub struct OpenBlocks {
    catalog: Arc<Catalog>,
    damaged: Counter,
    open: Mutex<HashMap<String, Arc<Block>>>,
}

impl OpenBlocks {
    /// None open yet.
    pub fn new(catalog: Arc<Catalog>, damaged: Counter) -> Self {
        Self { catalog, damaged, open: Mutex::default() }
    }

    /// The block of an entry, opened now if it is not yet; `None` when it is damaged.
    pub async fn get(&self, entry: &FileEntry) -> Result<Option<Arc<Block>>, MetricsError> {
        if let Some(block) = self.open.lock().get(&entry.path) {
            return Ok(Some(Arc::clone(block)));
        }
        match self.load(&entry.path).await {
            Ok(block) => {
                let block = Arc::new(block);
                let mut open = self.open.lock();
                if open.len() >= PRUNE_ABOVE {
                    prune(&mut open, &self.catalog.snapshot());
                }
                open.insert(entry.path.clone(), Arc::clone(&block));
                Ok(Some(block))
            }
            Err(error @ (MetricsError::Block { .. } | MetricsError::Store(StoreError::Missing { .. }))) => {
                // A block that was merged away while the query ran is not damaged, only gone.
                if self.catalog.snapshot().file(&entry.key()).is_none() {
                    return Err(error);
                }
                self.damaged.increment();
                tracing::error!(%error, "metrics: a block is damaged and set aside");
                self.catalog.set_aside(entry.key(), error.to_string()).await?;
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    async fn load(&self, path: &str) -> Result<Block, MetricsError> {
        let files = self.catalog.files();
        let local = files.local_path(path);
        let mapped = tokio::task::spawn_blocking(move || local.and_then(|local| map(&local)));
        let bytes = match mapped.await.map_err(|_| MetricsError::Ending)? {
            Some(bytes) => bytes,
            None => files.get(path).await?,
        };
        let path = path.to_owned();
        let opened = tokio::task::spawn_blocking(move || Block::open(&path, bytes));
        opened.await.map_err(|_| MetricsError::Ending)?
    }
}

/// Closes the blocks that the catalog no longer lists; queries that still read one keep it.
fn prune(open: &mut HashMap<String, Arc<Block>>, snapshot: &Snapshot) {
    let listed: std::collections::HashSet<&str> =
        snapshot.files(Signal::Metrics).map(|entry| entry.path.as_str()).collect();
    open.retain(|path, _| listed.contains(path.as_str()));
}

/// Maps a file; `None` when there is no such file on this machine, which reading it then reports.
fn map(path: &Path) -> Option<Bytes> {
    let file = std::fs::File::open(path).ok()?;
    // SAFETY: the store writes a file under another name, syncs it and gives it its name; from then on no process
    // changes or shortens it. Deleting it leaves the mapping intact.
    let mapped = unsafe { memmap2::Mmap::map(&file) }.ok()?;
    Some(Bytes::from_owner(mapped))
}
