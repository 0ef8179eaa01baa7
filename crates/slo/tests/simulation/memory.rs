//! Samples in memory.

use async_trait::async_trait;
use lgtm_model::{Labels, METRIC_NAME, Matcher, Metadata, TimestampMs};
use lgtm_promql::{Select, SeriesColumns, Source, SourceError};
use std::collections::{BTreeMap, HashMap};

/// Series by metric name, each with its samples in the order of time.
#[derive(Default)]
pub struct Memory {
    metrics: HashMap<String, BTreeMap<Labels, Vec<(i64, f64)>>>,
}

impl Memory {
    /// Adds a sample, which may be older than others of its series.
    pub fn push(&mut self, labels: &Labels, time_ms: i64, value: f64) {
        let name = labels.metric_name().unwrap_or_default();
        if !self.metrics.contains_key(name) {
            self.metrics.insert(name.to_owned(), BTreeMap::new());
        }
        let Some(metric) = self.metrics.get_mut(name) else { return };
        if !metric.contains_key(labels) {
            metric.insert(labels.clone(), Vec::new());
        }
        let Some(samples) = metric.get_mut(labels) else { return };
        let place = samples.partition_point(|(time, _)| *time < time_ms);
        samples.insert(place, (time_ms, value));
    }
}

#[async_trait]
impl Source for Memory {
    async fn select(&self, request: &Select) -> Result<Vec<SeriesColumns>, SourceError> {
        let wanted = |labels: &Labels| {
            request.matchers.iter().all(|matcher| matcher.matches(labels.get(matcher.name()).unwrap_or_default()))
        };
        let named = request.matchers.iter().find(|matcher| matcher.name() == METRIC_NAME);
        let mut found = Vec::new();
        for (name, metric) in &self.metrics {
            if named.is_some_and(|matcher| !matcher.matches(name)) {
                continue;
            }
            for (labels, samples) in metric.iter().filter(|(labels, _)| wanted(labels)) {
                let from = samples.partition_point(|(time, _)| *time < request.start.0);
                let to = samples.partition_point(|(time, _)| *time <= request.end.0);
                if from < to {
                    let (times, values): (Vec<i64>, Vec<f64>) = samples[from..to].iter().copied().unzip();
                    found.push(SeriesColumns { labels: labels.clone(), timestamps_ms: times.into(), values });
                }
            }
        }
        found.sort_by(|a, b| a.labels.cmp(&b.labels));
        Ok(found)
    }

    async fn series(
        &self,
        _: &[Vec<Matcher>],
        _: (TimestampMs, TimestampMs),
        _: usize,
    ) -> Result<Vec<Labels>, SourceError> {
        Ok(Vec::new())
    }

    async fn label_names(&self, _: &[Vec<Matcher>], _: (TimestampMs, TimestampMs)) -> Result<Vec<String>, SourceError> {
        Ok(Vec::new())
    }

    async fn label_values(
        &self,
        _: &str,
        _: &[Vec<Matcher>],
        _: (TimestampMs, TimestampMs),
    ) -> Result<Vec<String>, SourceError> {
        Ok(Vec::new())
    }

    async fn metadata(&self, _: Option<&str>) -> Result<Vec<(String, Metadata)>, SourceError> {
        Ok(Vec::new())
    }
}
