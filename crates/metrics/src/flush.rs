//! From a frozen head to blocks, one a day.

use crate::block::BlockWriter;
use crate::head::Head;
use crate::merge::Column;
use crate::{Metrics, MetricsError};
use bytes::Bytes;
use lgtm_model::TimestampMs;
use lgtm_store::{FileEntry, Position, Rotated, Signal};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The property of a block's catalog entry that tells which block is newer: the journal's position at its rotation,
/// for merged blocks the greatest. Of two samples with one time that of the newer block counts.
pub const SEQUENCE: &str = "sequence";

/// The file name's ending.
const EXTENSION: &str = "block";

const DAY_MS: i64 = 86_400_000;

/// The day (UTC) that a sample belongs to.
pub fn day_of(time_ms: i64) -> i64 {
    time_ms.div_euclid(DAY_MS)
}

/// Sorts a head's samples into one block a day.
pub fn build(head: &Head) -> BTreeMap<i64, BlockWriter> {
    let mut days: BTreeMap<i64, BlockWriter> = BTreeMap::new();
    for (labels, id) in head.sorted_series() {
        let Column { times, values } = head.column(id, i64::MIN, i64::MAX);
        let mut start = 0;
        while let Some(&time) = times.get(start) {
            let day = day_of(time);
            let end = start + times[start..].partition_point(|time| day_of(*time) <= day);
            days.entry(day).or_default().add(&labels, &times[start..end], &values[start..end]);
            start = end;
        }
    }
    days
}

/// The sequence of a listed block.
pub(crate) fn sequence(entry: &FileEntry) -> u64 {
    entry.properties.get(SEQUENCE).and_then(|text| text.parse().ok()).unwrap_or(0)
}

impl Metrics {
    /// Freezes the active head and turns every frozen one into blocks that the catalog lists.
    pub async fn flush(&self) -> Result<(), MetricsError> {
        let mut flushing = self.flushing.lock().await;
        // What a failed flush has left comes first: generations are committed in their order.
        self.flush_frozen(&mut flushing).await?;
        {
            let _alone = self.gate.write().await;
            self.journal.rotate(self.new_head()).await?;
        }
        self.flush_frozen(&mut flushing).await
    }

    async fn flush_frozen(&self, flushing: &mut Option<(Position, Vec<FileEntry>)>) -> Result<(), MetricsError> {
        while let Some(rotated) = self.journal.oldest_frozen() {
            let started = self.deps.store.clock.elapsed();
            let entries = match flushing.take() {
                Some((upto, entries)) if upto == rotated.upto => entries,
                _ => self.write_blocks(&rotated).await?,
            };
            *flushing = Some((rotated.upto, entries.clone()));
            self.journal.commit(&rotated, entries).await?;
            *flushing = None;
            let elapsed = self.deps.store.clock.elapsed().saturating_sub(started);
            self.instruments.flush_seconds.observe(elapsed.as_secs_f64());
        }
        Ok(())
    }

    async fn write_blocks(&self, rotated: &Rotated<Head>) -> Result<Vec<FileEntry>, MetricsError> {
        let head = Arc::clone(&rotated.frozen);
        let built = tokio::task::spawn_blocking(move || {
            let finished = build(&head).into_iter().map(|(day, writer)| finish(day, writer));
            finished.collect::<Vec<_>>()
        });
        let mut entries = Vec::new();
        for built in built.await.map_err(|_| MetricsError::Ending)? {
            entries.push(self.put_block(built, 0, rotated.upto.0).await?);
        }
        Ok(entries)
    }

    /// Makes a block durable and describes it for the catalog.
    pub(crate) async fn put_block(&self, built: Built, level: u8, sequence: u64) -> Result<FileEntry, MetricsError> {
        let Built { mut entry, bytes } = built;
        entry.path = FileEntry::new_path(Signal::Metrics, entry.day, level, &self.deps.store.random, EXTENSION);
        entry.level = level;
        entry.properties = BTreeMap::from([(SEQUENCE.to_owned(), sequence.to_string())]);
        self.deps.catalog.files().put(&entry.path, bytes).await?;
        Ok(entry)
    }
}

/// A block's bytes and what the catalog is to say about them.
pub(crate) struct Built {
    entry: FileEntry,
    bytes: Bytes,
}

/// Ends a block.
pub(crate) fn finish(day: i64, writer: BlockWriter) -> Built {
    let (rows, range) = (writer.samples(), writer.range());
    let bytes = Bytes::from(writer.finish());
    let entry = FileEntry {
        signal: Signal::Metrics,
        day,
        rows,
        bytes: bytes.len() as u64,
        time_min: TimestampMs(range.0).to_ns(),
        time_max: TimestampMs(range.1).to_ns(),
        ..FileEntry::default()
    };
    Built { entry, bytes }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::head::Row;
    use lgtm_model::Labels;

    #[test]
    fn a_head_that_spans_midnight_becomes_two_blocks() {
        let head = Head::new(1);
        let (id, _) = head.intern(&Labels::from_pairs([("__name__", "up")]), 10).unwrap();
        let rows: Vec<Row> = (-3..4).map(|index| Row { id, time: index * 10_000, value: 1.0 }).collect();
        head.append(&rows);
        let days: Vec<(i64, u64)> = build(&head).into_iter().map(|(day, writer)| (day, writer.samples())).collect();
        assert_eq!(days, [(-1, 3), (0, 4)]);
    }
}
