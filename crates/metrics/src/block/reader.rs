//! Reads a block: opening checks every CRC and finds strings, series and postings; a query decodes what it needs.

use super::postings::{BlockPostings, PostingsIndex};
use super::series::{self, ChunkEntry};
use super::symbols::Symbols;
use super::{
    FOOTER_BYTES, MAGIC, SECTION_COLUMNS, SECTION_POSTINGS, SECTION_SERIES, SECTION_SYMBOLS, SECTION_TIMES,
    SECTION_VALUES, SECTIONS,
};
use crate::MetricsError;
use crate::codec::bits::Reader;
use crate::codec::{CHUNK_SAMPLES_MAX, CodecError, integers, values};
use crate::index;
use crate::merge::Column;
use bytes::Bytes;
use lgtm_model::{Labels, Matcher};
use roaring::RoaringBitmap;
use std::collections::HashMap;
use std::ops::Range;

/// An open block. Immutable; any number of queries read it at once.
pub struct Block {
    path: String,
    bytes: Bytes,
    sections: [Range<usize>; SECTIONS],
    /// Start within the section and number of times of each column.
    columns: Vec<(u32, u32)>,
    symbols: Symbols,
    postings: PostingsIndex,
    series_count: u32,
    samples: u64,
    earliest: i64,
    latest: i64,
}

impl std::fmt::Debug for Block {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Block").field("path", &self.path).field("series", &self.series_count).finish_non_exhaustive()
    }
}

/// Decoded columns of times and buffers that one pass over a block keeps.
#[derive(Debug, Default)]
pub struct ChunkCache {
    times: HashMap<u32, Vec<i64>>,
    integers: integers::Scratch,
    values: values::Scratch,
}

impl Block {
    /// Opens the block that `path` names; the error names it too and says which check failed.
    pub fn open(path: &str, bytes: Bytes) -> Result<Self, MetricsError> {
        Self::read(path, bytes).map_err(MetricsError::block(path))
    }

    fn read(path: &str, bytes: Bytes) -> Result<Self, CodecError> {
        if bytes.len() < MAGIC.len() + FOOTER_BYTES || !bytes.starts_with(MAGIC) || !bytes.ends_with(MAGIC) {
            return Err(CodecError::Invalid("the file does not begin and end as a block does"));
        }
        let footer = &bytes[bytes.len() - FOOTER_BYTES..bytes.len() - MAGIC.len()];
        let (facts, crc) = footer.split_at(footer.len() - 4);
        if Reader::new(crc).u32()? != crc32fast::hash(facts) {
            return Err(CodecError::Invalid("the footer's CRC does not match"));
        }
        let mut reader = Reader::new(facts);
        let mut sections: [Range<usize>; SECTIONS] = Default::default();
        for section in &mut sections {
            let start = usize::try_from(reader.u64()?).unwrap_or(usize::MAX);
            let end = start.saturating_add(usize::try_from(reader.u64()?).unwrap_or(usize::MAX));
            let content = bytes.get(start..end).ok_or(CodecError::Invalid("a section lies outside of the file"))?;
            if crc32fast::hash(content) != reader.u32()? {
                return Err(CodecError::Invalid("a section's CRC does not match"));
            }
            *section = start..end;
        }
        let (earliest, latest) = (reader.u64()? as i64, reader.u64()? as i64);
        let series_count = u32::try_from(reader.u64()?).map_err(|_| CodecError::Invalid("too many series"))?;
        let samples = reader.u64()?;
        if sections[SECTION_SERIES].len() / 4 < series_count as usize {
            return Err(CodecError::Invalid("the series section is too short"));
        }
        Ok(Self {
            path: path.to_owned(),
            columns: read_columns(&bytes[sections[SECTION_COLUMNS].clone()])?,
            symbols: Symbols::open(&bytes[sections[SECTION_SYMBOLS].clone()])?,
            postings: PostingsIndex::open(&bytes[sections[SECTION_POSTINGS].clone()])?,
            bytes,
            sections,
            series_count,
            samples,
            earliest,
            latest,
        })
    }

    fn section(&self, number: usize) -> &[u8] {
        &self.bytes[self.sections[number].clone()]
    }

    /// Its path in the store.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// How many series it has; their ids are below, in the order of their labels.
    pub fn series_count(&self) -> u32 {
        self.series_count
    }

    /// How many samples it has.
    pub fn samples(&self) -> u64 {
        self.samples
    }

    /// The earliest and the latest sample's time.
    pub fn range(&self) -> (i64, i64) {
        (self.earliest, self.latest)
    }

    /// The ids of the series that satisfy all matchers.
    pub fn select(&self, matchers: &[Matcher]) -> RoaringBitmap {
        let postings = BlockPostings {
            index: &self.postings,
            section: self.section(SECTION_POSTINGS),
            symbols: &self.symbols,
            texts: self.section(SECTION_SYMBOLS),
            series_count: self.series_count,
        };
        index::select(&postings, matchers)
    }

    /// Names of labels, sorted.
    pub fn label_names(&self) -> impl Iterator<Item = &str> {
        self.postings.names().filter_map(|name| self.symbols.get(self.section(SECTION_SYMBOLS), name).ok())
    }

    /// Values of a label, sorted.
    pub fn label_values(&self, name: &str) -> impl Iterator<Item = &str> {
        let texts = self.section(SECTION_SYMBOLS);
        let number = self.symbols.find(texts, name);
        let values = number.into_iter().flat_map(|name| self.postings.values(name));
        values.filter_map(move |value| self.symbols.get(texts, value).ok())
    }

    fn entry(&self, id: u32) -> Result<Reader<'_>, CodecError> {
        let section = self.section(SECTION_SERIES);
        let starts = section.len() - self.series_count as usize * 4;
        let at = starts + id as usize * 4;
        let start = Reader::new(section.get(at..at + 4).ok_or(CodecError::Invalid("no series has this id"))?).u32()?;
        Ok(Reader::new(section.get(start as usize..starts).ok_or(CodecError::Truncated)?))
    }

    /// A series' labels.
    pub fn labels(&self, id: u32) -> Result<Labels, MetricsError> {
        self.read_labels(id).map_err(MetricsError::block(&self.path))
    }

    fn read_labels(&self, id: u32) -> Result<Labels, CodecError> {
        let texts = self.section(SECTION_SYMBOLS);
        let mut packed = Vec::with_capacity(128);
        for number in series::read_labels(&mut self.entry(id)?)? {
            crate::codec::bits::put_bytes(&mut packed, self.symbols.get(texts, number)?.as_bytes());
        }
        Labels::from_packed(&packed).ok_or(CodecError::Invalid("a series' labels are not in order"))
    }

    /// A series' chunks, in the order of time.
    pub fn chunks(&self, id: u32) -> Result<Vec<ChunkEntry>, MetricsError> {
        let read = || {
            let mut reader = self.entry(id)?;
            series::read_labels(&mut reader)?;
            series::read_chunks(&mut reader)
        };
        read().map_err(MetricsError::block(&self.path))
    }

    /// A series' samples within `start..=end`.
    pub fn column(&self, id: u32, start: i64, end: i64, cache: &mut ChunkCache) -> Result<Column, MetricsError> {
        let mut column = Column::default();
        for chunk in self.chunks(id)?.iter().filter(|chunk| chunk.first <= end && chunk.last >= start) {
            self.decode(chunk, cache, &mut column).map_err(MetricsError::block(&self.path))?;
        }
        column.trim(start, end);
        Ok(column)
    }

    fn decode(&self, chunk: &ChunkEntry, cache: &mut ChunkCache, into: &mut Column) -> Result<(), CodecError> {
        let ChunkCache { times, integers, values } = cache;
        let column = match times.entry(chunk.stretch.column) {
            std::collections::hash_map::Entry::Occupied(known) => known.into_mut(),
            std::collections::hash_map::Entry::Vacant(vacant) => {
                let unknown = CodecError::Invalid("no column has this number");
                let (start, count) = *self.columns.get(chunk.stretch.column as usize).ok_or(unknown)?;
                let bytes = self.section(SECTION_TIMES).get(start as usize..).ok_or(CodecError::Truncated)?;
                let mut decoded = Vec::new();
                integers::decode(&mut Reader::new(bytes), count as usize, integers, &mut decoded)?;
                vacant.insert(decoded)
            }
        };
        let (skip, count) = (chunk.stretch.skip as usize, chunk.count as usize);
        let stretch = column.get(skip..skip + count).ok_or(CodecError::Invalid("a column is too short"))?;
        let start = usize::try_from(chunk.values_start).unwrap_or(usize::MAX);
        let end = start.saturating_add(chunk.values_bytes as usize);
        let bytes = self.section(SECTION_VALUES).get(start..end).ok_or(CodecError::Truncated)?;
        values::decode(bytes, count, values, &mut into.values)?;
        into.times.extend_from_slice(stretch);
        Ok(())
    }
}

fn read_columns(section: &[u8]) -> Result<Vec<(u32, u32)>, CodecError> {
    let mut reader = Reader::new(section);
    let mut columns = Vec::new();
    let mut start = 0_usize;
    for _ in 0..reader.count(section.len())? {
        let bytes = reader.count(u32::MAX as usize)?;
        let count = reader.count(CHUNK_SAMPLES_MAX)?;
        let begins = u32::try_from(start).map_err(|_| CodecError::Invalid("the columns of times are too long"))?;
        columns.push((begins, count as u32));
        start = start.saturating_add(bytes);
    }
    Ok(columns)
}
