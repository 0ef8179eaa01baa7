//! The component: what it keeps, and how it opens.

use crate::memory::MemoryTable;
use crate::query::{QueryCounts, StreamLists};
use crate::record;
use crate::settings::LogsSettings;
use crate::{compact, flush};
use lgtm_runtime::metrics::{Counter, Gauge};
use lgtm_runtime::{Shutdown, Tasks};
use lgtm_store::disk::SharedDisk;
use lgtm_store::table::{TableEngine, TableError};
use lgtm_store::{Catalog, Journal, JournalPlace, JournalSettings, Signal, StoreDeps, StoreError};
use parking_lot::Mutex;
use std::path::PathBuf;
use std::sync::Arc;
use thiserror::Error;

/// What the signal stands on.
#[derive(Clone)]
pub struct LogsDeps {
    /// Clock, chance and registry.
    pub store: StoreDeps,
    /// The disk that the journal is on.
    pub disk: SharedDisk,
    /// The journal's folder.
    pub journal_dir: PathBuf,
    /// The journal's limits.
    pub journal: JournalSettings,
    /// The catalog; its files are the signal's files.
    pub catalog: Arc<Catalog>,
    /// The engine that queries run on.
    pub engine: Arc<TableEngine>,
    /// Where the background tasks run.
    pub tasks: Tasks,
}

/// Why the signal could not open, flush or merge.
#[derive(Clone, Debug, Error)]
pub enum LogsError {
    /// The journal, the files or the catalog failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Rows could not be encoded or read back.
    #[error(transparent)]
    Table(#[from] TableError),
    /// A background thread ended early.
    #[error("the work was interrupted: {0}")]
    Interrupted(String),
}

pub(crate) struct Instruments {
    pub rows: Counter,
    pub refused: Counter,
    pub flushed_rows: Counter,
    pub flush_failures: Counter,
    pub merged_files: Counter,
    pub memory_bytes: Gauge,
}

/// The logs of this process: a [`LogSink`](lgtm_flow::LogSink) and a [`Source`](lgtm_logql::Source).
pub struct Logs {
    pub(crate) settings: LogsSettings,
    pub(crate) deps: LogsDeps,
    pub(crate) journal: Journal<MemoryTable>,
    pub(crate) lists: StreamLists,
    pub(crate) instruments: Instruments,
    /// Wakes the flush before its time.
    pub(crate) flush_now: tokio::sync::Notify,
    /// Held by one flush or merge at a time.
    pub(crate) working: tokio::sync::Mutex<flush::Pending>,
    pub(crate) counts: Mutex<QueryCounts>,
}

impl Logs {
    /// Opens the signal: replays the journal, and starts flushing and merging until `shutdown`.
    ///
    /// # Errors
    /// The journal cannot be read or its folder not be created.
    pub async fn open(settings: LogsSettings, deps: LogsDeps, shutdown: Shutdown) -> Result<Arc<Self>, LogsError> {
        let opening = deps.clone();
        let open_journal = move || {
            let place = JournalPlace {
                signal: Signal::Logs,
                dir: &opening.journal_dir,
                disk: opening.disk.clone(),
                catalog: Arc::clone(&opening.catalog),
            };
            Journal::open(
                place,
                opening.journal.clone(),
                &opening.store,
                MemoryTable::default(),
                |table, _, payload| {
                    table.apply(record::decode(payload)?);
                    Ok(())
                },
            )
        };
        let opened = tokio::task::spawn_blocking(open_journal).await;
        let (journal, report) = opened.map_err(|error| LogsError::Interrupted(error.to_string()))??;
        tracing::info!(records = report.replayed_records, rows = journal.active().rows(), "logs are open");
        let logs = Arc::new(Self {
            settings,
            journal,
            lists: StreamLists::default(),
            instruments: instruments(&deps),
            flush_now: tokio::sync::Notify::new(),
            working: tokio::sync::Mutex::default(),
            counts: Mutex::default(),
            deps,
        });
        logs.deps.tasks.spawn(flush::run(Arc::clone(&logs), shutdown.clone()));
        logs.deps.tasks.spawn(compact::run(Arc::clone(&logs), shutdown));
        Ok(logs)
    }

    /// What the last query that looked at token filters read and skipped: for tests and benchmarks.
    pub fn last_query_counts(&self) -> QueryCounts {
        *self.counts.lock()
    }

    /// Bytes of rows that no file holds yet.
    pub(crate) fn memory_bytes(&self) -> usize {
        let view = self.journal.view();
        view.active.bytes() + view.frozen.iter().map(|frozen| frozen.bytes()).sum::<usize>()
    }
}

fn instruments(deps: &LogsDeps) -> Instruments {
    let registry = &deps.store.registry;
    Instruments {
        rows: registry.counter("lgtm_logs_rows_total", "Log lines taken in.", &[]),
        refused: registry.counter("lgtm_logs_refused_rows_total", "Log lines refused by a limit.", &[]),
        flushed_rows: registry.counter("lgtm_logs_flushed_rows_total", "Log lines written to files.", &[]),
        flush_failures: registry.counter("lgtm_logs_flush_failures_total", "Flushes and merges that failed.", &[]),
        merged_files: registry.counter("lgtm_logs_merged_files_total", "Files merged into larger ones.", &[]),
        memory_bytes: registry.gauge("lgtm_logs_memory_bytes", "Bytes of log lines in memory.", &[]),
    }
}
