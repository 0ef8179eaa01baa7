//! A queue on disk: what is pushed survives the process and is delivered at least once, in order.
//!
//! 1. [`Queue::push`] appends a record to the newest segment file and returns once it has been fsynced. Pushes that wait
//!    at the same time share one write and one fsync: whoever holds the gate commits for all (group commit).
//! 2. [`Queue::next`] hands out the oldest record that has not been handed out since the queue was opened.
//! 3. [`Queue::ack`] moves the cursor behind a record; segments that lie before it are removed. Without it the record
//!    comes again after a restart.
//! 4. What does not fit within `bytes_max` is refused with [`SinkError::Overloaded`]; nothing waits for room.
//!
//! After a kill [`Queue::open`] cuts every segment at its last good record and counts the bytes it cut. An
//! acknowledged push was fsynced, so that only a push that nobody was told about can be cut. The cursor is written
//! without fsync: should the machine lose it, records come again, which "at least once" allows.
//!
//! The files are described byte by byte in `docs/format/queue.md`.

mod commit;
mod cursor;
mod deliver;
mod record;
mod recover;
mod segment;

pub use deliver::Delivery;

use crate::SinkError;
use bytes::Bytes;
use commit::{Disk, Pending};
use lgtm_runtime::metrics::{Counter, Gauge, Registry};
use parking_lot::Mutex;
use std::collections::VecDeque;
use std::fs::File;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use thiserror::Error;
use tokio::sync::{oneshot, watch};

/// When a producer that met a full queue should come back.
const RETRY_AFTER: Duration = Duration::from_secs(5);

/// Settings of a queue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueueConfig {
    /// Its name, in metrics and messages.
    pub name: String,
    /// The setting that raises `bytes_max`, for the message of a full queue.
    pub bytes_max_setting: String,
    /// Bytes of records that have not been acknowledged (default: 256 MiB). On disk there may be one segment more.
    pub bytes_max: u64,
    /// Size from which on a new segment is begun (default: 8 MiB).
    pub segment_bytes_max: u64,
}

impl Default for QueueConfig {
    fn default() -> Self {
        Self {
            name: "queue".to_owned(),
            bytes_max_setting: "queue.bytes_max".to_owned(),
            bytes_max: 256 << 20,
            segment_bytes_max: 8 << 20,
        }
    }
}

/// A queue that cannot be used.
#[derive(Debug, Error)]
pub enum QueueError {
    /// The file system refused something.
    #[error("queue at {path}: {reason}")]
    Io {
        /// The file or directory.
        path: PathBuf,
        /// What the operating system says.
        reason: String,
    },
    /// Another process has it open.
    #[error("queue at {0} is in use by another process")]
    Locked(PathBuf),
}

/// A place in the queue, always at the beginning of a record or at the end of a segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Position {
    segment: u64,
    offset: u64,
}

/// A segment and the bytes of it that hold good, fsynced records.
#[derive(Clone, Copy, Debug)]
struct Extent {
    number: u64,
    length: u64,
}

#[derive(Debug)]
struct State {
    /// All segments that are still needed, oldest first.
    segments: VecDeque<Extent>,
    /// The next record to hand out.
    read: Position,
    /// Everything before it is acknowledged.
    acknowledged: Position,
    /// Bytes of records that are pending or not acknowledged.
    bytes: u64,
    /// Records that wait for the next commit.
    pending: Vec<Pending>,
}

#[derive(Debug)]
struct Meters {
    bytes: Gauge,
    pushed: Counter,
    acknowledged: Counter,
    refused: Counter,
    corrupt_bytes: Counter,
}

impl Meters {
    fn new(registry: &Registry, config: &QueueConfig) -> Self {
        let labels = [("queue", config.name.as_str())];
        // Never changes, but an alert on a queue that fills needs something to compare with.
        let help = "Bytes that the disk-backed queue may hold.";
        registry.gauge("lgtm_flow_queue_bytes_max", help, &labels).set(config.bytes_max as f64);
        let counter = |name, help| registry.counter(name, help, &labels);
        Self {
            bytes: registry.gauge("lgtm_flow_queue_bytes", "Bytes that wait in the disk-backed queue.", &labels),
            pushed: counter("lgtm_flow_queue_pushed_total", "Records written to the disk-backed queue."),
            acknowledged: counter("lgtm_flow_queue_acknowledged_total", "Records of the queue that were delivered."),
            refused: counter("lgtm_flow_queue_refused_total", "Records refused because the queue was full."),
            corrupt_bytes: counter(
                "lgtm_flow_queue_corrupt_bytes_total",
                "Bytes of the queue's files that were no good records and were left out.",
            ),
        }
    }
}

#[derive(Debug)]
struct Inner {
    directory: PathBuf,
    config: QueueConfig,
    meters: Meters,
    state: Mutex<State>,
    disk: Mutex<Disk>,
    /// Held by the one push that commits for all.
    gate: Arc<tokio::sync::Mutex<()>>,
    /// Changes whenever there is more to read.
    committed: watch::Sender<u64>,
    /// Keeps other processes out for as long as the queue is open.
    _lock: File,
}

/// A disk-backed queue of records, each a kind and bytes. Cheap to clone; any number of producers, one consumer.
#[derive(Clone, Debug)]
pub struct Queue {
    inner: Arc<Inner>,
}

impl Queue {
    /// Opens the queue in `directory`, which is made if it is not there, and mends it after a kill.
    pub async fn open(directory: PathBuf, config: QueueConfig, registry: &Registry) -> Result<Self, QueueError> {
        let meters = Meters::new(registry, &config);
        let path = directory.clone();
        let opened = tokio::task::spawn_blocking(move || recover::open(directory, config, meters)).await;
        let inner = opened.map_err(|error| QueueError::Io { path, reason: error.to_string() })??;
        Ok(Self { inner: Arc::new(inner) })
    }

    /// Appends a record; `Ok` means that it is on stable storage.
    ///
    /// When the future is dropped half-way the record may or may not have been stored.
    pub async fn push(&self, kind: u8, payload: Bytes) -> Result<(), SinkError> {
        let (reply, mut stored) = oneshot::channel();
        self.inner.enqueue(kind, &payload, reply)?;
        let gate = tokio::select! {
            biased;
            result = &mut stored => return commit::result_of(result),
            gate = Arc::clone(&self.inner.gate).lock_owned() => gate,
        };
        if let Ok(result) = stored.try_recv() {
            return result;
        }
        // The gate moves along, so that the commit is whole even if this future is dropped.
        let inner = Arc::clone(&self.inner);
        let committing = tokio::task::spawn_blocking(move || {
            inner.commit();
            drop(gate);
        });
        if let Err(error) = committing.await {
            return Err(SinkError::Unavailable(format!("queue {}: {error}", self.inner.config.name)));
        }
        commit::result_of(stored.await)
    }

    /// Bytes of records that are not acknowledged.
    pub fn bytes(&self) -> u64 {
        self.inner.state.lock().bytes
    }

    /// Whether everything has been acknowledged.
    pub fn is_empty(&self) -> bool {
        self.bytes() == 0
    }
}

#[cfg(test)]
mod tests;
