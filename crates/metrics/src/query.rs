//! Answers from the active head, the frozen ones and the blocks together.
//!
//! One [`lgtm_store::View`] shows each acknowledged sample once, apart from samples that were sent twice. The places are
//! read in parallel; what they have of one series is put together from the oldest to the newest place.

use crate::Metrics;
use crate::block::{Block, ChunkCache};
use crate::error::MetricsError;
use crate::flush::sequence;
use crate::head::{Head, SHARDS};
use crate::merge::Column;
use async_trait::async_trait;
use lgtm_model::{Labels, Matcher, Metadata, TimestampMs};
use lgtm_promql::{Select, SeriesColumns, Source, SourceError};
use lgtm_store::{FileEntry, Signal};
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

/// Series read under one lock of a head's shard: well below a millisecond, which writers do not notice.
const SERIES_PER_LOCK: usize = 32;

/// A place where samples lie.
#[derive(Clone)]
enum Place {
    Block(Arc<Block>),
    /// One shard of a head.
    Head(Arc<Head>, usize),
}

/// Tells blocking work that nobody waits for its result any more.
struct Abandon(Arc<AtomicBool>);

impl Drop for Abandon {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// What limits one selection, shared by all the places that it reads.
#[derive(Clone)]
struct Budget {
    samples: Arc<AtomicUsize>,
    samples_max: usize,
    is_abandoned: Arc<AtomicBool>,
}

impl Budget {
    fn take(&self, samples: usize) -> Result<(), SourceError> {
        let total = self.samples.fetch_add(samples, Ordering::Relaxed).saturating_add(samples);
        if total > self.samples_max {
            return Err(SourceError::TooManySamples { limit: self.samples_max });
        }
        if self.is_abandoned.load(Ordering::Relaxed) {
            return Err(SourceError::Unavailable("the query was cancelled".to_owned()));
        }
        Ok(())
    }
}

impl Place {
    fn select(&self, request: &Select, budget: &Budget) -> Result<Vec<(Labels, Column)>, SourceError> {
        let (start, end) = (request.start.0, request.end.0);
        let mut found = Vec::new();
        match self {
            Self::Block(block) => {
                let mut cache = ChunkCache::default();
                for id in block.select(&request.matchers) {
                    let column = block.column(id, start, end, &mut cache)?;
                    budget.take(column.len())?;
                    if !column.is_empty() {
                        found.push((block.labels(id)?, column));
                    }
                }
            }
            Self::Head(head, index) => {
                let numbers: Vec<u32> =
                    head.read_shard(*index, |shard| shard.select(&request.matchers).into_iter().collect());
                for numbers in numbers.chunks(SERIES_PER_LOCK) {
                    head.read_shard(*index, |shard| {
                        for &number in numbers {
                            let Some(labels) = shard.labels(number, start, end) else { continue };
                            let column = shard.column(number, start, end);
                            budget.take(column.len())?;
                            if !column.is_empty() {
                                found.push((labels.clone(), column));
                            }
                        }
                        Ok::<(), SourceError>(())
                    })?;
                }
            }
        }
        Ok(found)
    }

    /// Labels of the series that satisfy any of the matcher sets and may have samples in the range.
    fn series(&self, any_of: &[Vec<Matcher>], range: (i64, i64)) -> Result<Vec<Labels>, MetricsError> {
        let everything = [Vec::new()];
        let sets = if any_of.is_empty() { &everything[..] } else { any_of };
        match self {
            Self::Block(block) => {
                let ids = sets.iter().fold(roaring::RoaringBitmap::new(), |ids, set| ids | block.select(set));
                ids.into_iter().map(|id| block.labels(id)).collect()
            }
            Self::Head(head, shard) => Ok(head.read_shard(*shard, |shard| {
                let ids = sets.iter().fold(roaring::RoaringBitmap::new(), |ids, set| ids | shard.select(set));
                ids.into_iter().filter_map(|number| shard.labels(number, range.0, range.1).cloned()).collect()
            })),
        }
    }
}

impl Metrics {
    /// The places that may hold samples of the range, the oldest first.
    async fn places(&self, range: (TimestampMs, TimestampMs)) -> Result<Vec<Place>, MetricsError> {
        let view = self.journal.view();
        let between = view.snapshot.files_between(Signal::Metrics, range.0.to_ns(), range.1.to_ns());
        let mut entries: Vec<&Arc<FileEntry>> = between.collect();
        entries.sort_by_key(|entry| sequence(entry));
        let mut places = Vec::new();
        for entry in entries {
            places.extend(self.blocks.get(entry).await?.map(Place::Block));
        }
        for head in view.frozen.iter().chain([&view.active]) {
            let (earliest, latest) = head.range();
            if earliest <= range.1.0 && latest >= range.0.0 {
                places.extend((0..SHARDS).map(|shard| Place::Head(Arc::clone(head), shard)));
            }
        }
        Ok(places)
    }

    /// Asks every place, in parallel; the answers come in the order of the places.
    async fn ask<R: Send + 'static>(
        places: Vec<Place>,
        ask: impl Fn(&Place) -> Result<R, SourceError> + Clone + Send + 'static,
    ) -> Result<Vec<R>, SourceError> {
        // As many tasks as cores, each with every so many-th place: small places are not worth a task of their own.
        let tasks = std::thread::available_parallelism().map_or(2, usize::from).min(places.len().max(1));
        let places = Arc::new(places);
        let running: Vec<_> = (0..tasks)
            .map(|task| {
                let (places, ask) = (Arc::clone(&places), ask.clone());
                tokio::task::spawn_blocking(move || {
                    let own = places.iter().enumerate().skip(task).step_by(tasks);
                    own.map(|(index, place)| Ok((index, ask(place)?))).collect::<Result<Vec<_>, SourceError>>()
                })
            })
            .collect();
        let mut answers = Vec::new();
        for task in running {
            answers.extend(task.await.map_err(|_| SourceError::Unavailable("the process is ending".to_owned()))??);
        }
        answers.sort_unstable_by_key(|(index, _)| *index);
        Ok(answers.into_iter().map(|(_, answer)| answer).collect())
    }

    async fn matching(
        &self,
        any_of: &[Vec<Matcher>],
        range: (TimestampMs, TimestampMs),
    ) -> Result<Vec<Labels>, SourceError> {
        let any_of = any_of.to_vec();
        let bounds = (range.0.0, range.1.0);
        let ask = move |place: &Place| Ok(place.series(&any_of, bounds)?);
        Ok(Self::ask(self.places(range).await?, ask).await?.into_iter().flatten().collect())
    }
}

/// Puts together what several places have of each series, sorts, and shares equal columns of times.
fn combine(found: Vec<Vec<(Labels, Column)>>) -> Vec<SeriesColumns> {
    let mut by_labels: HashMap<Labels, Column> = HashMap::new();
    for (labels, column) in found.into_iter().flatten() {
        match by_labels.entry(labels) {
            std::collections::hash_map::Entry::Occupied(mut known) => known.get_mut().append(&column),
            std::collections::hash_map::Entry::Vacant(vacant) => drop(vacant.insert(column)),
        }
    }
    let mut series: Vec<(Labels, Column)> = by_labels.into_iter().collect();
    series.sort_unstable_by(|a, b| a.0.cmp(&b.0));
    let mut shared: HashMap<(i64, i64, usize), Arc<[i64]>> = HashMap::new();
    let finish = |(labels, mut column): (Labels, Column)| {
        column.normalize();
        let times = column.times;
        let key = (times.first().copied().unwrap_or(0), times.last().copied().unwrap_or(0), times.len());
        let timestamps_ms = match shared.get(&key) {
            Some(known) if **known == times[..] => Arc::clone(known),
            _ => {
                let times: Arc<[i64]> = times.into();
                shared.insert(key, Arc::clone(&times));
                times
            }
        };
        SeriesColumns { labels, timestamps_ms, values: column.values }
    };
    series.into_iter().map(finish).collect()
}

#[async_trait]
impl Source for Metrics {
    async fn select(&self, request: &Select) -> Result<Vec<SeriesColumns>, SourceError> {
        if request.start > request.end {
            return Ok(Vec::new());
        }
        let places = self.places((request.start, request.end)).await?;
        let is_abandoned = Arc::new(AtomicBool::new(false));
        let _abandon = Abandon(Arc::clone(&is_abandoned));
        let budget = Budget { samples: Arc::default(), samples_max: request.samples_max, is_abandoned };
        let request = request.clone();
        let found = Self::ask(places, move |place| place.select(&request, &budget)).await?;
        tokio::task::spawn_blocking(move || combine(found))
            .await
            .map_err(|_| SourceError::Unavailable("the process is ending".to_owned()))
    }

    async fn series(
        &self,
        any_of: &[Vec<Matcher>],
        range: (TimestampMs, TimestampMs),
        limit: usize,
    ) -> Result<Vec<Labels>, SourceError> {
        let mut series = self.matching(any_of, range).await?;
        series.sort_unstable();
        series.dedup();
        series.truncate(limit);
        Ok(series)
    }

    async fn label_names(
        &self,
        any_of: &[Vec<Matcher>],
        range: (TimestampMs, TimestampMs),
    ) -> Result<Vec<String>, SourceError> {
        let series = self.matching(any_of, range).await?;
        let names: BTreeSet<&str> = series.iter().flat_map(|labels| labels.iter()).map(|(name, _)| name).collect();
        Ok(names.into_iter().map(str::to_owned).collect())
    }

    async fn label_values(
        &self,
        name: &str,
        any_of: &[Vec<Matcher>],
        range: (TimestampMs, TimestampMs),
    ) -> Result<Vec<String>, SourceError> {
        let series = self.matching(any_of, range).await?;
        let values: BTreeSet<&str> = series.iter().filter_map(|labels| labels.get(name)).collect();
        Ok(values.into_iter().map(str::to_owned).collect())
    }

    async fn metadata(&self, name: Option<&str>) -> Result<Vec<(String, Metadata)>, SourceError> {
        Ok(self.metadata.get(name))
    }
}
