//! Samples in memory: what unit tests of rules and backtests read and write. It stands before another source when it is
//! given one: the metrics that are kept here are read here and nowhere else.

use async_trait::async_trait;
use lgtm_flow::{SampleBatch, SampleSink, SinkError};
use lgtm_model::{Labels, METRIC_NAME, MatchOp, Matcher, Metadata, SampleRow, TimestampMs};
use lgtm_promql::{Select, SeriesColumns, Source, SourceError};
use parking_lot::RwLock;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// One series' samples; times ascend.
#[derive(Clone, Debug, Default)]
struct Column {
    times_ms: Vec<i64>,
    values: Vec<f64>,
}

impl Column {
    fn push(&mut self, at: i64, value: f64) {
        match self.times_ms.last() {
            Some(last) if *last >= at => {
                let index = self.times_ms.partition_point(|time| *time < at);
                if self.times_ms.get(index) == Some(&at) {
                    self.values[index] = value;
                } else {
                    self.times_ms.insert(index, at);
                    self.values.insert(index, value);
                }
            }
            _ => {
                self.times_ms.push(at);
                self.values.push(value);
            }
        }
    }
}

/// Series by metric name.
type Metrics = BTreeMap<String, BTreeMap<Labels, Column>>;

/// Keeps samples; see the module.
#[derive(Default)]
pub(crate) struct Memory {
    metrics: RwLock<Metrics>,
    behind: Option<Arc<dyn Source>>,
    /// Metrics that are read here even while nothing is kept of them.
    owned: BTreeSet<String>,
}

impl Memory {
    /// Stands before another source; `owned` are the metrics that are kept here.
    pub fn before(behind: Arc<dyn Source>, owned: BTreeSet<String>) -> Self {
        Self { metrics: RwLock::default(), behind: Some(behind), owned }
    }

    /// Adds samples.
    pub fn add(&self, rows: impl IntoIterator<Item = SampleRow>) {
        let mut metrics = self.metrics.write();
        for row in rows {
            let name = row.labels.metric_name().unwrap_or_default();
            if !metrics.contains_key(name) {
                metrics.insert(name.to_owned(), BTreeMap::new());
            }
            let Some(series) = metrics.get_mut(name) else { continue };
            series.entry(row.labels).or_default().push(row.timestamp.0, row.value);
        }
    }

    fn here(&self, request: &Select) -> Result<Vec<SeriesColumns>, SourceError> {
        let metrics = self.metrics.read();
        let exact = exact_name(&request.matchers);
        let named = |name: &str| {
            request.matchers.iter().filter(|matcher| matcher.name() == METRIC_NAME).all(|matcher| matcher.matches(name))
        };
        let chosen: Vec<&BTreeMap<Labels, Column>> = match exact {
            Some(name) => metrics.get(name).into_iter().collect(),
            None => metrics.iter().filter(|(name, _)| named(name)).map(|(_, series)| series).collect(),
        };
        let mut found = Vec::new();
        let mut loaded = 0;
        for (labels, column) in chosen.into_iter().flatten() {
            if !matches(&request.matchers, labels) {
                continue;
            }
            let first = column.times_ms.partition_point(|time| *time < request.start.0);
            let last = column.times_ms.partition_point(|time| *time <= request.end.0);
            if first < last {
                loaded += last - first;
                found.push(SeriesColumns {
                    labels: labels.clone(),
                    timestamps_ms: column.times_ms[first..last].into(),
                    values: column.values[first..last].to_vec(),
                });
            }
        }
        if loaded > request.samples_max {
            return Err(SourceError::TooManySamples { limit: request.samples_max });
        }
        if exact.is_none() {
            found.sort_by(|a, b| a.labels.cmp(&b.labels));
        }
        Ok(found)
    }
}

fn exact_name(matchers: &[Matcher]) -> Option<&str> {
    let exact = |matcher: &&Matcher| matcher.name() == METRIC_NAME && matcher.op() == MatchOp::Equal;
    matchers.iter().find(exact).map(Matcher::value)
}

fn matches(matchers: &[Matcher], labels: &Labels) -> bool {
    matchers.iter().all(|matcher| matcher.matches(labels.get(matcher.name()).unwrap_or_default()))
}

#[async_trait]
impl Source for Memory {
    async fn select(&self, request: &Select) -> Result<Vec<SeriesColumns>, SourceError> {
        let Some(behind) = &self.behind else { return self.here(request) };
        if let Some(name) = exact_name(&request.matchers) {
            return if self.owned.contains(name) { self.here(request) } else { behind.select(request).await };
        }
        let mut found = self.here(request)?;
        let is_foreign = |series: &SeriesColumns| !self.owned.contains(series.labels.metric_name().unwrap_or_default());
        found.extend(behind.select(request).await?.into_iter().filter(is_foreign));
        found.sort_by(|a, b| a.labels.cmp(&b.labels));
        Ok(found)
    }

    async fn series(
        &self,
        any_of: &[Vec<Matcher>],
        _: (TimestampMs, TimestampMs),
        limit: usize,
    ) -> Result<Vec<Labels>, SourceError> {
        let metrics = self.metrics.read();
        let wanted = |labels: &&Labels| any_of.is_empty() || any_of.iter().any(|matchers| matches(matchers, labels));
        Ok(metrics.values().flat_map(BTreeMap::keys).filter(wanted).take(limit).cloned().collect())
    }

    async fn label_names(
        &self,
        any_of: &[Vec<Matcher>],
        range: (TimestampMs, TimestampMs),
    ) -> Result<Vec<String>, SourceError> {
        let series = self.series(any_of, range, usize::MAX).await?;
        let names: BTreeSet<String> = series.iter().flat_map(Labels::iter).map(|(name, _)| name.to_owned()).collect();
        Ok(names.into_iter().collect())
    }

    async fn label_values(
        &self,
        name: &str,
        any_of: &[Vec<Matcher>],
        range: (TimestampMs, TimestampMs),
    ) -> Result<Vec<String>, SourceError> {
        let series = self.series(any_of, range, usize::MAX).await?;
        let values: BTreeSet<String> = series.iter().filter_map(|labels| labels.get(name)).map(str::to_owned).collect();
        Ok(values.into_iter().collect())
    }

    async fn metadata(&self, _: Option<&str>) -> Result<Vec<(String, Metadata)>, SourceError> {
        Ok(Vec::new())
    }
}

#[async_trait]
impl SampleSink for Memory {
    async fn write_samples(&self, batch: SampleBatch) -> Result<(), SinkError> {
        self.add(batch.rows);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(name: &str, at: i64, value: f64) -> SampleRow {
        SampleRow { labels: Labels::from_pairs([(METRIC_NAME, name)]), timestamp: TimestampMs(at), value }
    }

    fn select(source: &Memory, matcher: Matcher) -> Vec<(String, Vec<f64>)> {
        let request =
            Select { matchers: vec![matcher], start: TimestampMs(2), end: TimestampMs(3), samples_max: usize::MAX };
        let found = futures::executor::block_on(source.select(&request)).unwrap();
        found.into_iter().map(|series| (series.labels.to_string(), series.values)).collect()
    }

    #[test]
    fn what_is_kept_here_hides_what_lies_behind() {
        let behind = Memory::default();
        behind.add([row("a", 2, 1.0), row("b", 2, 2.0), row("c", 9, 3.0)]);
        let memory = Memory::before(Arc::new(behind), BTreeSet::from(["a".to_owned()]));
        memory.add([row("a", 3, 5.0), row("a", 2, 4.0), row("a", 3, 6.0), row("a", 4, 7.0)]);
        let all = Matcher::new(METRIC_NAME, MatchOp::Regex, ".+").unwrap();
        assert_eq!(select(&memory, all), [("a".to_owned(), vec![4.0, 6.0]), ("b".to_owned(), vec![2.0])]);
        assert_eq!(select(&memory, Matcher::equal(METRIC_NAME, "a")).len(), 1);
        assert_eq!(select(&memory, Matcher::equal(METRIC_NAME, "b")).len(), 1);
    }
}
