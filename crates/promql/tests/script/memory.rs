//! A source in memory, as scripts load it.

use async_trait::async_trait;
use lgtm_model::{Labels, Matcher, Metadata, TimestampMs};
use lgtm_promql::{Select, SeriesColumns, Source, SourceError};
use std::collections::BTreeMap;

/// Series by labels, each with its samples by time.
#[derive(Default)]
pub struct Memory {
    /// Floats, staleness markers included.
    pub floats: BTreeMap<Labels, BTreeMap<i64, f64>>,
    /// Series that also have native histograms, which are not kept.
    pub with_histograms: Vec<Labels>,
    /// Series whose samples have start timestamps, which are not kept.
    pub with_start_timestamps: Vec<Labels>,
}

#[async_trait]
impl Source for Memory {
    async fn select(&self, request: &Select) -> Result<Vec<SeriesColumns>, SourceError> {
        let wanted = |labels: &Labels| {
            request.matchers.iter().all(|matcher| matcher.matches(labels.get(matcher.name()).unwrap_or_default()))
        };
        let mut found = Vec::new();
        for (labels, samples) in self.floats.iter().filter(|(labels, _)| wanted(labels)) {
            if request.end < request.start {
                continue;
            }
            let range = samples.range(request.start.0..=request.end.0);
            let (times, values): (Vec<i64>, Vec<f64>) = range.map(|(time, value)| (*time, *value)).unzip();
            if !times.is_empty() {
                found.push(SeriesColumns { labels: labels.clone(), timestamps_ms: times.into(), values });
            }
        }
        if found.iter().map(|series| series.values.len()).sum::<usize>() > request.samples_max {
            return Err(SourceError::TooManySamples { limit: request.samples_max });
        }
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
