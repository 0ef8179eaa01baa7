//! The newest samples, in memory: interned series, their postings, a raw tail and sealed chunks a series.
//!
//! A head is one generation of the journal: it takes samples until it is frozen, is then flushed to blocks and dropped.
//! Series are spread over [`SHARDS`] shards by a hash of their labels, so that writers and queries seldom wait for each
//! other. A series has an id that is dense within its shard ([`SeriesId`]); records of the journal speak of series by
//! these ids, and by the head's `generation`, because ids of one head mean nothing to the next.

mod postings;
mod series;
mod shard;

use crate::merge::Column;
use lgtm_model::Labels;
use parking_lot::RwLock;
use shard::Shard;
use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};

/// Shards of a head: more than the cores that write at once.
pub const SHARDS: usize = 8;

/// Estimated bytes of a series without samples: labels, map entry, postings, vectors.
const SERIES_BYTES: usize = 900;

/// Estimated bytes of a sample: most are sealed, some are in the tail.
const SAMPLE_BYTES: usize = 3;

/// Names a series within one head: the shard and the series' number within it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SeriesId(pub u64);

impl SeriesId {
    fn new(shard: usize, number: u32) -> Self {
        Self(u64::from(number) * SHARDS as u64 + shard as u64)
    }

    fn shard(self) -> usize {
        (self.0 % SHARDS as u64) as usize
    }

    fn number(self) -> u32 {
        (self.0 / SHARDS as u64) as u32
    }
}

/// One sample of a series that has an id.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Row {
    /// The series.
    pub id: SeriesId,
    /// Milliseconds since the epoch.
    pub time: i64,
    /// What was measured.
    pub value: f64,
}

/// The head would hold more series than it may.
#[derive(Clone, Copy, Debug)]
pub struct TooManySeries;

/// A generation of samples in memory.
#[derive(Debug)]
pub struct Head {
    generation: u64,
    shards: Vec<RwLock<Shard>>,
    series: AtomicUsize,
    samples: AtomicUsize,
    earliest: AtomicI64,
    latest: AtomicI64,
}

impl Head {
    /// An empty head; `generation` must differ from that of every other head whose records the journal may hold.
    pub fn new(generation: u64) -> Self {
        Self {
            generation,
            shards: (0..SHARDS).map(|_| RwLock::default()).collect(),
            series: AtomicUsize::new(0),
            samples: AtomicUsize::new(0),
            earliest: AtomicI64::new(i64::MAX),
            latest: AtomicI64::new(i64::MIN),
        }
    }

    /// What its records carry.
    pub fn generation(&self) -> u64 {
        self.generation
    }

    /// Series known, with or without samples.
    pub fn series_count(&self) -> usize {
        self.series.load(Ordering::Relaxed)
    }

    /// Samples taken.
    pub fn sample_count(&self) -> usize {
        self.samples.load(Ordering::Relaxed)
    }

    /// The earliest and the latest sample; the first is greater than the second when there is none.
    pub fn range(&self) -> (i64, i64) {
        (self.earliest.load(Ordering::Relaxed), self.latest.load(Ordering::Relaxed))
    }

    /// Roughly what the head occupies.
    pub fn estimated_bytes(&self) -> usize {
        self.series_count() * SERIES_BYTES + self.sample_count() * SAMPLE_BYTES
    }

    /// The id of a series, made when there is none yet, and whether its definition is durable in the journal.
    ///
    /// A series that was only given an id is not seen by queries: it has no samples.
    pub fn intern(&self, labels: &Labels, series_max: usize) -> Result<(SeriesId, bool), TooManySeries> {
        let index = shard_of(labels);
        if let Some((number, is_durable)) = self.shards[index].read().find(labels) {
            return Ok((SeriesId::new(index, number), is_durable));
        }
        if self.series_count() >= series_max {
            return Err(TooManySeries);
        }
        let (number, is_new) = self.shards[index].write().intern(labels);
        if is_new {
            self.series.fetch_add(1, Ordering::Relaxed);
        }
        Ok((SeriesId::new(index, number), false))
    }

    /// Notes that the definitions of these series are durable: records need not repeat them.
    pub fn mark_durable(&self, ids: impl IntoIterator<Item = SeriesId>) {
        for id in ids {
            self.shards[id.shard()].write().mark_durable(id.number());
        }
    }

    /// Takes samples of series that were interned here, in any order; they are visible at once.
    pub fn append(&self, rows: &[Row]) {
        let (mut earliest, mut latest) = (i64::MAX, i64::MIN);
        for (index, shard) in self.shards.iter().enumerate() {
            let mut of_shard = rows.iter().filter(|row| row.id.shard() == index).peekable();
            if of_shard.peek().is_none() {
                continue;
            }
            let mut shard = shard.write();
            for row in of_shard {
                shard.append(row.id.number(), row.time, row.value);
                earliest = earliest.min(row.time);
                latest = latest.max(row.time);
            }
        }
        self.samples.fetch_add(rows.len(), Ordering::Relaxed);
        self.earliest.fetch_min(earliest, Ordering::Relaxed);
        self.latest.fetch_max(latest, Ordering::Relaxed);
    }

    /// One shard, for reading. Hold it no longer than a pass over it takes.
    pub(crate) fn read_shard<R>(&self, index: usize, read: impl FnOnce(&Shard) -> R) -> R {
        read(&self.shards[index].read())
    }

    /// Every series that has samples, sorted by labels.
    pub fn sorted_series(&self) -> Vec<(Labels, SeriesId)> {
        let mut series = Vec::with_capacity(self.series_count());
        for (index, shard) in self.shards.iter().enumerate() {
            let shard = shard.read();
            series.extend(
                shard.series_with_samples().map(|(labels, number)| (labels.clone(), SeriesId::new(index, number))),
            );
        }
        series.sort_unstable();
        series
    }

    /// A series' samples within `start..=end`, sorted, the last of equal times.
    pub fn column(&self, id: SeriesId, start: i64, end: i64) -> Column {
        self.shards[id.shard()].read().column(id.number(), start, end)
    }
}

fn shard_of(labels: &Labels) -> usize {
    let mut hasher = DefaultHasher::new();
    labels.hash(&mut hasher);
    (hasher.finish() % SHARDS as u64) as usize
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    fn labels(number: usize) -> Labels {
        Labels::from_pairs([("__name__", "up".to_owned()), ("instance", number.to_string())])
    }

    #[test]
    fn the_series_limit_holds() {
        let head = Head::new(1);
        let (first, _) = head.intern(&labels(1), 2).unwrap();
        head.intern(&labels(2), 2).unwrap();
        assert!(head.intern(&labels(3), 2).is_err());
        assert_eq!(head.intern(&labels(1), 2).unwrap(), (first, false));
        head.mark_durable([first]);
        assert_eq!(head.intern(&labels(1), 2).unwrap(), (first, true));
        assert!(head.sorted_series().is_empty(), "a series without samples is not seen");
    }

    proptest! {
        #[test]
        fn a_head_is_a_map_of_maps(rows in prop::collection::vec((0..5_usize, 0..400_i64, any::<f64>()), 0..1_500)) {
            let head = Head::new(1);
            let mut model: BTreeMap<Labels, BTreeMap<i64, u64>> = BTreeMap::new();
            for (number, time, value) in rows {
                let (id, _) = head.intern(&labels(number), 100).unwrap();
                head.append(&[Row { id, time, value }]);
                model.entry(labels(number)).or_default().insert(time, value.to_bits());
            }
            let got: BTreeMap<_, BTreeMap<_, _>> = head
                .sorted_series()
                .into_iter()
                .map(|(labels, id)| {
                    let column = head.column(id, i64::MIN, i64::MAX);
                    (labels, column.times.into_iter().zip(column.values.into_iter().map(f64::to_bits)).collect())
                })
                .collect();
            prop_assert_eq!(got, model);
        }
    }
}
