//! One series of a head: sealed chunks and a raw tail.
//!
//! Samples are added to the tail. When it holds [`TAIL_SAMPLES`] it is sealed; as long as the last chunk is short and
//! in order with the tail, the two become one chunk of up to three tails, so that each sample is encoded twice on
//! average and a tail costs little memory. Chunks lie in the order of arrival, not of time: reading decodes those that
//! overlap the range and sorts if it must.

use crate::codec::bits::Reader;
use crate::codec::{integers, values};
use crate::merge::Column;
use lgtm_model::Labels;
use std::collections::HashSet;
use std::sync::Arc;

/// Samples of a tail when it is sealed.
pub const TAIL_SAMPLES: usize = 40;

/// A chunk with this many samples takes no more.
pub const CHUNK_SAMPLES: usize = 120;

/// Encoded columns of times that a shard remembers in order to share them.
const SHARED_TIMES_MAX: usize = 4_096;

/// What a shard's series share while sealing and reading.
#[derive(Debug, Default)]
pub struct Workshop {
    times: HashSet<Arc<[u8]>>,
    values: values::Scratch,
    integers: integers::Scratch,
    buffer: Vec<u8>,
}

impl Workshop {
    /// Series of one target are sealed at the same moment with the same times: the bytes are kept once.
    fn share_times(&mut self, times: &[i64]) -> Arc<[u8]> {
        self.buffer.clear();
        integers::encode(times, &mut self.integers, &mut self.buffer);
        if let Some(shared) = self.times.get(self.buffer.as_slice()) {
            return Arc::clone(shared);
        }
        if self.times.len() >= SHARED_TIMES_MAX {
            self.times.clear();
        }
        let shared: Arc<[u8]> = self.buffer.as_slice().into();
        self.times.insert(Arc::clone(&shared));
        shared
    }
}

#[derive(Debug)]
struct Chunk {
    times: Arc<[u8]>,
    values: Box<[u8]>,
    count: u16,
    first: i64,
    last: i64,
}

impl Chunk {
    fn decode(&self, into: &mut Column) {
        let mut times = Vec::new();
        let mut reader = Reader::new(&self.times);
        let count = usize::from(self.count);
        let before = into.values.len();
        let decoded = integers::decode(&mut reader, count, &mut integers::Scratch::default(), &mut times)
            .and_then(|()| values::decode(&self.values, count, &mut values::Scratch::default(), &mut into.values));
        // The bytes never left this process: failing to decode would be a fault of the codec, which its tests exclude.
        debug_assert!(decoded.is_ok(), "{decoded:?}");
        match decoded {
            Ok(()) => into.times.extend_from_slice(&times),
            Err(_) => into.values.truncate(before),
        }
    }
}

/// A series' samples in a head.
#[derive(Debug)]
pub struct Series {
    pub(super) labels: Labels,
    pub(super) is_durable: bool,
    chunks: Vec<Chunk>,
    tail: Column,
    earliest: i64,
    latest: i64,
}

impl Series {
    /// A series without samples.
    pub fn new(labels: Labels) -> Self {
        let (earliest, latest) = (i64::MAX, i64::MIN);
        Self { labels, is_durable: false, chunks: Vec::new(), tail: Column::default(), earliest, latest }
    }

    /// Whether it may have samples within `start..=end`.
    pub fn overlaps(&self, start: i64, end: i64) -> bool {
        self.earliest <= self.latest && self.earliest <= end && self.latest >= start
    }

    /// Takes a sample.
    pub fn append(&mut self, time: i64, value: f64, workshop: &mut Workshop) {
        self.earliest = self.earliest.min(time);
        self.latest = self.latest.max(time);
        self.tail.push(time, value);
        if self.tail.len() >= TAIL_SAMPLES {
            self.seal(workshop);
        }
    }

    fn seal(&mut self, workshop: &mut Workshop) {
        let mut column = std::mem::take(&mut self.tail);
        column.normalize();
        let (Some(&first), Some(&last)) = (column.times.first(), column.times.last()) else { return };
        let extends = |chunk: &Chunk| usize::from(chunk.count) + column.len() <= CHUNK_SAMPLES && chunk.last < first;
        if self.chunks.last().is_some_and(extends)
            && let Some(chunk) = self.chunks.pop()
        {
            let mut longer = Column::default();
            chunk.decode(&mut longer);
            longer.append(&column);
            column = longer;
        }
        let times = workshop.share_times(&column.times);
        workshop.buffer.clear();
        values::encode(&column.values, &mut workshop.values, &mut workshop.buffer);
        let first = column.times.first().copied().unwrap_or(first);
        let values = workshop.buffer.as_slice().into();
        self.chunks.push(Chunk { times, values, count: column.len() as u16, first, last });
        // The tail keeps its room.
        column.times.clear();
        column.values.clear();
        column.times.shrink_to(TAIL_SAMPLES);
        column.values.shrink_to(TAIL_SAMPLES);
        self.tail = column;
    }

    /// The samples within `start..=end`, in order of time, the last acknowledged of equal times.
    pub fn column(&self, start: i64, end: i64) -> Column {
        let mut column = Column::default();
        if !self.overlaps(start, end) {
            return column;
        }
        for chunk in self.chunks.iter().filter(|chunk| chunk.first <= end && chunk.last >= start) {
            chunk.decode(&mut column);
        }
        column.append(&self.tail);
        column.normalize();
        column.trim(start, end);
        column
    }
}
