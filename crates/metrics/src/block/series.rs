//! The entry of one series: its labels as numbers of strings, and where its chunks lie.

use super::shared_times::Stretch;
use super::summary::Summary;
use crate::codec::bits::{Reader, put_signed, put_varint};
use crate::codec::{CHUNK_SAMPLES_MAX, CodecError, values};
use std::collections::BTreeMap;

use lgtm_model::Labels;

/// One chunk of one series.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ChunkEntry {
    /// Where its times lie.
    pub stretch: Stretch,
    /// How many samples it has.
    pub count: u32,
    /// The first sample's time.
    pub first: i64,
    /// The last sample's time.
    pub last: i64,
    /// Where its values begin in their section.
    pub values_start: u64,
    /// How many bytes they are.
    pub values_bytes: u32,
    /// What it holds, summed up.
    pub summary: Summary,
}

/// Appends the entry of a series.
pub fn write(
    labels: &Labels,
    chunks: &[ChunkEntry],
    symbols: &BTreeMap<&str, u32>,
    scratch: &mut values::Scratch,
    out: &mut Vec<u8>,
) {
    put_varint(out, labels.len() as u64);
    for text in labels.iter().flat_map(|(name, value)| [name, value]) {
        put_varint(out, u64::from(symbols.get(text).copied().unwrap_or(u32::MAX)));
    }
    put_varint(out, chunks.len() as u64);
    put_varint(out, chunks.first().map_or(0, |chunk| chunk.values_start));
    for chunk in chunks {
        put_varint(out, u64::from(chunk.stretch.column));
        put_varint(out, u64::from(chunk.stretch.skip));
        put_varint(out, u64::from(chunk.count));
        put_signed(out, chunk.first);
        put_varint(out, chunk.last.wrapping_sub(chunk.first) as u64);
        put_varint(out, u64::from(chunk.values_bytes));
        chunk.summary.put(scratch, out);
    }
}

/// Reads the numbers of a series' label strings: name, value, name, value, …
pub fn read_labels(reader: &mut Reader<'_>) -> Result<Vec<u32>, CodecError> {
    let count = reader.count(reader.rest().len())?;
    (0..count * 2).map(|_| Ok(reader.count(u32::MAX as usize)? as u32)).collect()
}

/// Reads a series' chunks; `reader` stands behind the labels.
pub fn read_chunks(reader: &mut Reader<'_>) -> Result<Vec<ChunkEntry>, CodecError> {
    let mut scratch = values::Scratch::default();
    let count = reader.count(reader.rest().len())?;
    let mut values_start = reader.varint()?;
    let mut chunks = Vec::with_capacity(count);
    for _ in 0..count {
        let column = reader.count(u32::MAX as usize)? as u32;
        let skip = reader.count(CHUNK_SAMPLES_MAX)? as u32;
        let count = reader.count(CHUNK_SAMPLES_MAX)? as u32;
        let first = reader.signed()?;
        let last = first.wrapping_add(reader.varint()? as i64);
        let values_bytes = reader.count(u32::MAX as usize)? as u32;
        let summary = Summary::read(reader, &mut scratch)?;
        let stretch = Stretch { column, skip };
        chunks.push(ChunkEntry { stretch, count, first, last, values_start, values_bytes, summary });
        values_start = values_start.saturating_add(u64::from(values_bytes));
    }
    Ok(chunks)
}
