//! Rows that are in no file yet: columns in sealed batches, and a tail of records that is turned into columns when it
//! is long enough, or when a query asks.

use crate::rows::{Row, Stream, to_batch};
use crate::stream::StreamList;
use datafusion::arrow::record_batch::RecordBatch;
use lgtm_model::{Labels, LogRecord, Matcher, TimestampNs};
use parking_lot::Mutex;
use std::collections::HashMap;
use std::sync::Arc;

/// Rows of a sealed batch; also bounds what a query has to convert.
const BATCH_ROWS: usize = 4_096;
/// Bytes of a record beside its texts.
const ROW_BYTES: usize = 96;

#[derive(Default)]
struct Inner {
    sealed: Vec<RecordBatch>,
    tail: Vec<Row>,
    /// The tail's first rows as a batch, kept between queries.
    tail_batch: Option<RecordBatch>,
    known: HashMap<Labels, Arc<Stream>>,
    streams: StreamList,
    bytes: usize,
    rows: usize,
}

/// A generation of rows in memory. Shared between writers and queries.
#[derive(Default)]
pub(crate) struct MemoryTable {
    inner: Mutex<Inner>,
}

/// Bytes that a record takes in memory.
pub(crate) fn record_bytes(record: &LogRecord) -> usize {
    record.body.len() + record.attributes.size_bytes() + ROW_BYTES
}

impl MemoryTable {
    /// Adds records; all of them are visible to the next query, none before.
    pub fn apply(&self, records: Vec<LogRecord>) {
        let mut inner = self.inner.lock();
        for record in records {
            inner.bytes += record_bytes(&record);
            inner.rows += 1;
            let stream = match inner.known.get(&record.stream) {
                Some(stream) => Arc::clone(stream),
                None => {
                    let stream = Arc::new(Stream::new(record.stream.clone()));
                    inner.known.insert(record.stream.clone(), Arc::clone(&stream));
                    stream
                }
            };
            inner.streams.add(stream.id, &stream.labels, record.timestamp);
            inner.tail.push(Row { stream, record });
        }
        inner.tail_batch = None;
        if inner.tail.len() >= BATCH_ROWS {
            inner.seal();
        }
    }

    /// All rows as columns.
    pub fn batches(&self) -> Vec<RecordBatch> {
        let mut inner = self.inner.lock();
        if inner.tail_batch.is_none() && !inner.tail.is_empty() {
            inner.tail_batch = inner.convert();
        }
        inner.sealed.iter().chain(&inner.tail_batch).cloned().collect()
    }

    /// The streams with rows in `start ..= end` that satisfy the matchers.
    pub fn select(&self, matchers: &[Matcher], start: TimestampNs, end: TimestampNs) -> Vec<(i64, Labels)> {
        let inner = self.inner.lock();
        inner.streams.select(matchers, start, end).map(|(id, labels)| (id, labels.clone())).collect()
    }

    /// The labels of all streams, by their numbers.
    pub fn labels_by_id(&self) -> HashMap<i64, Labels> {
        self.inner.lock().known.values().map(|stream| (stream.id, stream.labels.clone())).collect()
    }

    /// Bytes that the rows take.
    pub fn bytes(&self) -> usize {
        self.inner.lock().bytes
    }

    /// How many rows there are.
    pub fn rows(&self) -> usize {
        self.inner.lock().rows
    }

    /// How many streams there are.
    pub fn stream_count(&self) -> usize {
        self.inner.lock().known.len()
    }
}

impl Inner {
    fn seal(&mut self) {
        if let Some(batch) = self.convert() {
            self.sealed.push(batch);
            self.tail.clear();
        }
    }

    fn convert(&self) -> Option<RecordBatch> {
        // Sizes are fixed by the schema, so that this cannot fail; should it, the rows stay where they are.
        to_batch(&self.tail).inspect_err(|error| tracing::error!(%error, "cannot turn log records into columns")).ok()
    }
}
