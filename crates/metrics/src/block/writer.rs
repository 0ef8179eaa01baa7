//! Builds a block in memory, from series that come sorted by their labels.

use super::postings::{self, Lists};
use super::series::{self, ChunkEntry};
use super::shared_times::SharedTimes;
use super::summary::Summary;
use super::{CHUNK_SAMPLES, FOOTER_BYTES, MAGIC, SECTIONS, symbols};
use crate::codec::bits::put_varint;
use crate::codec::values;
use crate::merge::Column;
use lgtm_model::Labels;
use roaring::RoaringBitmap;
use std::collections::BTreeSet;

/// A block under construction.
#[derive(Debug)]
pub struct BlockWriter {
    times: SharedTimes,
    values: Vec<u8>,
    scratch: values::Scratch,
    series: Vec<(Labels, Vec<ChunkEntry>)>,
    samples: u64,
    earliest: i64,
    latest: i64,
}

impl Default for BlockWriter {
    fn default() -> Self {
        Self {
            times: SharedTimes::default(),
            values: Vec::new(),
            scratch: values::Scratch::default(),
            series: Vec::new(),
            samples: 0,
            earliest: i64::MAX,
            latest: i64::MIN,
        }
    }
}

impl BlockWriter {
    /// Adds a series with its samples in order of time. Series must come in the order of their labels, each once.
    pub fn add(&mut self, labels: &Labels, times: &[i64], values: &[f64]) {
        debug_assert!(self.series.last().is_none_or(|(last, _)| last < labels), "{labels} comes out of order");
        let (Some(&first), Some(&last)) = (times.first(), times.last()) else { return };
        self.earliest = self.earliest.min(first);
        self.latest = self.latest.max(last);
        self.samples += times.len() as u64;
        let mut chunks = Vec::with_capacity(times.len().div_ceil(CHUNK_SAMPLES));
        for (times, values) in times.chunks(CHUNK_SAMPLES).zip(values.chunks(CHUNK_SAMPLES)) {
            let stretch = self.times.place(labels, times);
            let values_start = self.values.len();
            values::encode(values, &mut self.scratch, &mut self.values);
            chunks.push(ChunkEntry {
                stretch,
                count: times.len() as u32,
                first: times.first().copied().unwrap_or(first),
                last: times.last().copied().unwrap_or(last),
                values_start: values_start as u64,
                values_bytes: (self.values.len() - values_start) as u32,
                summary: Summary::of(values),
            });
        }
        self.series.push((labels.clone(), chunks));
    }

    /// Adds a series as [`BlockWriter::add`] does.
    pub fn add_column(&mut self, labels: &Labels, column: &Column) {
        self.add(labels, &column.times, &column.values);
    }

    /// Samples added.
    pub fn samples(&self) -> u64 {
        self.samples
    }

    /// The earliest and the latest sample's time.
    pub fn range(&self) -> (i64, i64) {
        (self.earliest, self.latest)
    }

    /// The file's bytes.
    pub fn finish(mut self) -> Vec<u8> {
        let mut columns = Vec::new();
        put_varint(&mut columns, self.times.columns.len() as u64);
        for (bytes, count) in &self.times.columns {
            put_varint(&mut columns, u64::from(*bytes));
            put_varint(&mut columns, u64::from(*count));
        }
        let mut texts = Vec::new();
        let all: BTreeSet<&str> =
            self.series.iter().flat_map(|(labels, _)| labels.iter()).flat_map(|(name, value)| [name, value]).collect();
        let numbers = symbols::write(all, &mut texts);
        let (mut entries, mut starts, mut lists) = (Vec::new(), Vec::new(), Lists::new());
        for (id, (labels, chunks)) in (0_u32..).zip(&self.series) {
            starts.push(entries.len() as u32);
            series::write(labels, chunks, &numbers, &mut self.scratch, &mut entries);
            for (name, value) in labels {
                if let (Some(name), Some(value)) = (numbers.get(name), numbers.get(value)) {
                    let ids: &mut RoaringBitmap = lists.entry(*name).or_default().entry(*value).or_default();
                    ids.insert(id);
                }
            }
        }
        // The entries' starts follow them, four bytes each, so that any series is found without reading the others.
        entries.extend(starts.iter().flat_map(|start| start.to_le_bytes()));
        let mut ids = Vec::new();
        postings::write(&lists, &mut ids);
        let sections = [&self.times.encoded, &self.values, &columns, &texts, &entries, &ids];
        assemble(sections, [self.earliest, self.latest, self.series.len() as i64, self.samples as i64])
    }
}

fn assemble(sections: [&Vec<u8>; SECTIONS], facts: [i64; 4]) -> Vec<u8> {
    let length = sections.iter().map(|section| section.len()).sum::<usize>() + MAGIC.len() + FOOTER_BYTES;
    let (mut file, mut footer) = (Vec::with_capacity(length), Vec::with_capacity(FOOTER_BYTES));
    file.extend_from_slice(MAGIC);
    for section in sections {
        footer.extend_from_slice(&(file.len() as u64).to_le_bytes());
        footer.extend_from_slice(&(section.len() as u64).to_le_bytes());
        footer.extend_from_slice(&crc32fast::hash(section).to_le_bytes());
        file.extend_from_slice(section);
    }
    for fact in facts {
        footer.extend_from_slice(&fact.to_le_bytes());
    }
    let crc = crc32fast::hash(&footer);
    footer.extend_from_slice(&crc.to_le_bytes());
    footer.extend_from_slice(MAGIC);
    file.extend_from_slice(&footer);
    file
}
