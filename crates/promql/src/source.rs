//! What evaluation reads: owned by the engine, implemented by whoever keeps samples.

use async_trait::async_trait;
use lgtm_model::{Labels, Matcher, Metadata, TimestampMs};
use std::sync::Arc;
use thiserror::Error;

/// Which samples an evaluation needs.
#[derive(Clone, Debug)]
pub struct Select {
    /// A series must satisfy all of them. At least one does not match the empty text.
    pub matchers: Vec<Matcher>,
    /// The earliest sample wanted, inclusive.
    pub start: TimestampMs,
    /// The latest sample wanted, inclusive.
    pub end: TimestampMs,
    /// Refuse with [`SourceError::TooManySamples`] rather than return more samples than this.
    pub samples_max: usize,
}

/// One series' samples as columns of equal length, in strictly ascending order of time. Staleness markers are kept.
#[derive(Clone, Debug)]
pub struct SeriesColumns {
    /// The series' identity, metric name included.
    pub labels: Labels,
    /// Milliseconds since the epoch; shared between the series of one target where they coincide.
    pub timestamps_ms: Arc<[i64]>,
    /// One value a timestamp.
    pub values: Vec<f64>,
}

/// Why a source gave no answer.
#[derive(Clone, Debug, Error)]
pub enum SourceError {
    /// The query would load more than it may: narrow it, or raise the limit.
    #[error(
        "query would load more than {limit} samples into memory; narrow the selector or the time range, or raise --query.max-samples"
    )]
    TooManySamples {
        /// The limit in force.
        limit: usize,
    },
    /// Reading failed; the query may succeed later.
    #[error("reading samples failed: {0}")]
    Unavailable(String),
}

/// Keeps samples and knows which series exist. Called from many tasks at once; a dropped future stops the work soon.
#[async_trait]
pub trait Source: Send + Sync {
    /// Every series that satisfies the matchers and has a sample in the range, sorted by labels.
    async fn select(&self, request: &Select) -> Result<Vec<SeriesColumns>, SourceError>;

    /// The identities of the series that satisfy any of the matcher sets and may have samples in the range, sorted.
    /// No set at all means every series. At most `limit`.
    async fn series(
        &self,
        any_of: &[Vec<Matcher>],
        range: (TimestampMs, TimestampMs),
        limit: usize,
    ) -> Result<Vec<Labels>, SourceError>;

    /// Label names of such series, sorted.
    async fn label_names(
        &self,
        any_of: &[Vec<Matcher>],
        range: (TimestampMs, TimestampMs),
    ) -> Result<Vec<String>, SourceError>;

    /// Values of one label of such series, sorted.
    async fn label_values(
        &self,
        name: &str,
        any_of: &[Vec<Matcher>],
        range: (TimestampMs, TimestampMs),
    ) -> Result<Vec<String>, SourceError>;

    /// What metric families say about themselves, sorted by name; one family, or all of them.
    async fn metadata(&self, name: Option<&str>) -> Result<Vec<(String, Metadata)>, SourceError>;
}
