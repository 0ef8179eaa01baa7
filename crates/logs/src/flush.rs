//! Memory to files: every half minute, or sooner when memory fills.
//!
//! 1. The active generation is frozen; writers go on in a fresh one.
//! 2. Its rows are parted by day, sorted, and put as a Parquet file a day with its sidecar.
//! 3. One commit lists the files and moves the offset; only then is the journal cut.
//!
//! A commit that failed may have happened all the same: it is repeated with the very same files, never with others.

use crate::logs::{Logs, LogsError};
use crate::memory::MemoryTable;
use crate::rows::join_time;
use crate::schema::{column, spec};
use crate::stream::StreamList;
use datafusion::arrow::array::{BooleanArray, Int16Array, Int64Array, TimestampMicrosecondArray};
use datafusion::arrow::compute::filter_record_batch;
use datafusion::arrow::record_batch::RecordBatch;
use lgtm_model::Labels;
use lgtm_runtime::Shutdown;
use lgtm_store::table::{EncodedFile, Level, encode, sidecar_path};
use lgtm_store::{FileEntry, Position, Signal};
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use std::time::Duration;

const DAY_US: i64 = 86_400_000_000;

/// Files that were put for a generation and whose commit is not confirmed yet.
#[derive(Default)]
pub(crate) struct Pending(Option<(Position, Vec<FileEntry>)>);

/// Flushes until the component stops.
pub(crate) async fn run(logs: Arc<Logs>, shutdown: Shutdown) {
    let clock = Arc::clone(&logs.deps.store.clock);
    let interval = Duration::from_millis(logs.settings.flush_interval_ms);
    loop {
        tokio::select! {
            () = shutdown.requested() => return,
            () = clock.sleep(interval) => {}
            () = logs.flush_now.notified() => {}
        }
        if let Err(error) = logs.flush().await {
            logs.instruments.flush_failures.increment();
            tracing::error!(%error, "cannot flush logs; they stay in memory and in the journal");
            // What failed now would fail at once again: a full memory must not turn into a busy loop.
            tokio::select! {
                () = shutdown.requested() => return,
                () = clock.sleep(Duration::from_secs(1)) => {}
            }
        }
    }
}

impl Logs {
    /// Writes what is in memory to files now. Returns how many rows were written.
    ///
    /// # Errors
    /// Storage failed; every row is still in memory and in the journal, and the next flush tries again.
    pub async fn flush(&self) -> Result<u64, LogsError> {
        let mut pending = self.working.lock().await;
        if self.journal.active().rows() > 0 && self.journal.oldest_frozen().is_none() {
            self.journal.rotate(MemoryTable::default()).await?;
        }
        let mut rows = 0;
        while let Some(rotated) = self.journal.oldest_frozen() {
            let entries = match pending.0.take().filter(|(upto, _)| *upto == rotated.upto) {
                Some((_, entries)) => entries,
                None => self.write_generation(Arc::clone(&rotated.frozen)).await?,
            };
            rows += entries.iter().map(|entry| entry.rows).sum::<u64>();
            pending.0 = Some((rotated.upto, entries.clone()));
            self.journal.commit(&rotated, entries).await?;
            pending.0 = None;
        }
        self.instruments.flushed_rows.add(rows);
        self.instruments.memory_bytes.set(self.memory_bytes() as f64);
        Ok(rows)
    }

    async fn write_generation(&self, table: Arc<MemoryTable>) -> Result<Vec<FileEntry>, LogsError> {
        let work = move || {
            let (batches, labels) = (table.batches(), table.labels_by_id());
            days(&batches).into_iter().map(|day| encode_day(&batches, &labels, day).map(|file| (day, file))).collect()
        };
        let encoded: Result<Vec<_>, LogsError> =
            tokio::task::spawn_blocking(work).await.map_err(|error| LogsError::Interrupted(error.to_string()))?;
        let mut entries = Vec::new();
        for (day, file) in encoded? {
            entries.push(self.put(file, day, 0).await?);
        }
        Ok(entries)
    }

    /// Puts a file and its sidecar; gives the entry to commit.
    pub(crate) async fn put(&self, file: EncodedDay, day: i64, level: u8) -> Result<FileEntry, LogsError> {
        let path = FileEntry::new_path(Signal::Logs, day, level, &self.deps.store.random, "parquet");
        let sidecar = sidecar_path(&path);
        let bytes = file.encoded.parquet.len() as u64;
        let files = self.deps.catalog.files();
        files.put(&sidecar, file.encoded.sidecar.into()).await?;
        files.put(&path, file.encoded.parquet.into()).await?;
        let spans = || file.streams.0.values();
        let entry = FileEntry {
            path: path.clone(),
            signal: Signal::Logs,
            day,
            level,
            rows: file.encoded.rows,
            bytes,
            time_min: spans().map(|span| span.time_min).min().unwrap_or_default(),
            time_max: spans().map(|span| span.time_max).max().unwrap_or_default(),
            sidecars: vec![sidecar],
            ..FileEntry::default()
        };
        self.lists.keep(path, Arc::new(file.streams));
        Ok(entry)
    }
}

/// A file of one day with its streams.
pub(crate) struct EncodedDay {
    pub encoded: EncodedFile,
    pub streams: StreamList,
}

fn times(batch: &RecordBatch) -> Option<&TimestampMicrosecondArray> {
    column(batch, "time")
}

fn days(batches: &[RecordBatch]) -> BTreeSet<i64> {
    batches
        .iter()
        .filter_map(times)
        .flat_map(|times| times.values().iter().map(|time| time.div_euclid(DAY_US)))
        .collect()
}

fn encode_day(batches: &[RecordBatch], labels: &HashMap<i64, Labels>, day: i64) -> Result<EncodedDay, LogsError> {
    let mut of_day = Vec::new();
    let mut streams = StreamList::default();
    for batch in batches {
        let Some(times) = times(batch) else { continue };
        let mask: BooleanArray = times.values().iter().map(|time| Some(time.div_euclid(DAY_US) == day)).collect();
        if mask.true_count() == 0 {
            continue;
        }
        let rows = filter_record_batch(batch, &mask).map_err(lgtm_store::table::TableError::from)?;
        count_streams(&rows, labels, &mut streams);
        of_day.push(rows);
    }
    Ok(EncodedDay { encoded: encode(&spec(), &of_day, Level::Fresh, &streams.encode())?, streams })
}

/// Counts the rows of each stream.
fn count_streams(batch: &RecordBatch, labels: &HashMap<i64, Labels>, streams: &mut StreamList) {
    let (Some(times), Some(rest), Some(ids)) =
        (times(batch), column::<Int16Array>(batch, "time_ns"), column::<Int64Array>(batch, "stream_id"))
    else {
        return;
    };
    for row in 0..batch.num_rows() {
        let (id, time) = (ids.value(row), join_time(times.value(row), rest.value(row)));
        if let Some(labels) = labels.get(&id) {
            streams.add(id, labels, time);
        }
    }
}
