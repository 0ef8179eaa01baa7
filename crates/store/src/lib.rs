//! WAL, files on object storage, catalog, compaction, retention, publishing: the cellar that all signals stand on.
//!
//! This crate knows nothing of samples, log records or spans: a signal brings its own in-memory table, encodes its own
//! records and writes its own files. What the crate promises: once [`Journal::write`] returned, the rows survive a power cut at any
//! instant and are seen by every later [`Journal::view`] exactly once, be they in memory or in files.
//!
//! # The life of a row
//! 1. [`Journal::write`] appends the encoded rows to the write-ahead log, waits for the sync that covers them, and
//!    applies them to the active in-memory generation.
//! 2. [`Journal::rotate`] freezes that generation; the signal writes it, sorted, to files with [`Files::put`].
//! 3. [`Journal::commit`] lists the files in the [`Catalog`] and moves the signal's offset in the same commit, forgets
//!    the generation and cuts the log.
//! 4. Behind, [`housekeeping`] merges small files ([`compaction`]), drops whole days ([`retention`]) and publishes, and [`Catalog::maintain`] writes checkpoints and deletes what
//!    nobody needs any more.
//!
//! # Example
//! ```
//! use lgtm_store::{Catalog, CatalogSettings, FileEntry, Files, Journal, JournalPlace, JournalSettings, Signal, StoreDeps};
//! use lgtm_store::disk::MachineDisk;
//! use std::sync::{Arc, Mutex};
//!
//! #[derive(Default)]
//! struct Table(Mutex<Vec<String>>);
//!
//! # tokio::runtime::Runtime::new().unwrap().block_on(async {
//! # let folder = tempfile::tempdir().unwrap();
//! # let data = folder.path();
//! let deps = StoreDeps::of_this_machine();
//! let disk = MachineDisk::shared();
//! let files = Arc::new(Files::local(data.join("files"), disk.clone())?);
//! let catalog = Catalog::open(files.clone(), CatalogSettings::default(), &deps).await?;
//!
//! let dir = data.join("wal/logs");
//! let place = JournalPlace { signal: Signal::Logs, dir: &dir, disk, catalog };
//! let (journal, _report) = Journal::open(place, JournalSettings::default(), &deps, Table::default(), |table, _, payload| {
//!     let line = std::str::from_utf8(payload).map_err(|error| error.to_string())?;
//!     table.0.lock().unwrap().push(line.to_owned());
//!     Ok(())
//! })?;
//!
//! // Ingest: durable, then visible.
//! journal.write(b"hello".to_vec(), |table, _| table.0.lock().unwrap().push("hello".to_owned())).await?;
//! assert_eq!(journal.view().active.0.lock().unwrap().len(), 1);
//!
//! // Flush: files first, then the commit; only then is the log cut.
//! if let Some(rotated) = journal.rotate(Table::default()).await? {
//!     let lines = rotated.frozen.0.lock().unwrap().join("\n");
//!     let path = FileEntry::new_path(Signal::Logs, 20_781, 0, &deps.random, "txt");
//!     files.put(&path, lines.clone().into()).await?;
//!     let entry = FileEntry { path, signal: Signal::Logs, day: 20_781, rows: 1, bytes: lines.len() as u64, ..FileEntry::default() };
//!     journal.commit(&rotated, vec![entry]).await?;
//! }
//! let view = journal.view();
//! assert_eq!((view.frozen.len(), view.snapshot.files(Signal::Logs).count()), (0, 1));
//! # Ok::<(), lgtm_store::StoreError>(())
//! # }).unwrap();
//! ```

pub mod catalog;
pub mod compaction;
#[cfg(feature = "delta")]
pub mod delta;
pub mod disk;
mod error;
pub mod files;
pub mod housekeeping;
pub mod journal;
pub mod publish;
pub mod retention;
mod signal;
#[cfg(feature = "table")]
pub mod table;

pub use catalog::{Catalog, CatalogSettings, Change, FileEntry, FileKey, Snapshot};
pub use error::StoreError;
pub use files::Files;
pub use journal::{Journal, JournalPlace, JournalSettings, Position, RecoveryReport, Rotated, View};
pub use signal::{Signal, day_name};

use lgtm_runtime::metrics::Registry;
use lgtm_runtime::{Random, SharedClock, SystemClock};

/// What the store needs from the world. Cheap to clone.
#[derive(Clone)]
pub struct StoreDeps {
    /// The time.
    pub clock: SharedClock,
    /// Chance, for names that must not collide.
    pub random: Random,
    /// Where the store counts what it does.
    pub registry: Registry,
}

impl StoreDeps {
    /// The machine's clock and chance, and a registry of its own.
    pub fn of_this_machine() -> Self {
        Self { clock: SystemClock::shared(), random: Random::from_entropy(), registry: Registry::default() }
    }
}
