//! Where the lines come from: the trait that LogQL reads through, owned here and implemented by whoever keeps logs.

use crate::error::QueryError;
use crate::plan::Pipeline;
use async_trait::async_trait;
use lgtm_model::{Labels, Matcher, TimestampNs};

/// From which end of the time range lines are taken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Direction {
    /// The newest first.
    #[default]
    Backward,
    /// The oldest first.
    Forward,
}

/// A question for log lines.
#[derive(Clone, Debug)]
pub struct LogSelect {
    /// Which lines.
    pub pipeline: Pipeline,
    /// The earliest time, inclusive.
    pub start: TimestampNs,
    /// The latest time, exclusive.
    pub end: TimestampNs,
    /// How many lines at most, over all streams; the first ones in the given direction.
    pub limit: usize,
    /// From which end.
    pub direction: Direction,
}

/// One line.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// When it happened.
    pub timestamp: TimestampNs,
    /// The line.
    pub line: String,
    /// What is known about it beside its stream's labels: attributes, `trace_id`, `span_id`, `detected_level`.
    pub metadata: Labels,
}

/// Lines of one stream.
#[derive(Clone, Debug, PartialEq)]
pub struct LogStream {
    /// The stream.
    pub labels: Labels,
    /// Its lines in the order that was asked for.
    pub entries: Vec<Entry>,
}

/// What is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Measure {
    /// Lines.
    Lines,
    /// The lines' bytes.
    Bytes,
}

/// Which labels tell one series from another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Keep {
    /// All stream labels and all structured metadata.
    All,
    /// These alone; a series' counts are summed over all others.
    Only(Vec<String>),
}

/// A question for numbers of lines in a sliding window.
///
/// At each time `t` of `start`, `start + step`, … up to `end` the window is `(t - range, t]`.
#[derive(Clone, Debug)]
pub struct RangeSelect {
    /// Which lines.
    pub pipeline: Pipeline,
    /// What is counted.
    pub measure: Measure,
    /// The first time.
    pub start: TimestampNs,
    /// The last time, inclusive.
    pub end: TimestampNs,
    /// Between two times; positive.
    pub step_ns: i64,
    /// The window's length; positive.
    pub range_ns: i64,
    /// Which labels the series keep.
    pub keep: Keep,
}

impl RangeSelect {
    /// How many times there are.
    pub fn steps(&self) -> usize {
        steps(self.start, self.end, self.step_ns)
    }
}

/// How many times lie in `start ..= end`.
pub(crate) fn steps(start: TimestampNs, end: TimestampNs, step_ns: i64) -> usize {
    let span_ns = end.since_ns(start);
    if span_ns < 0 {
        0
    } else {
        usize::try_from(span_ns / step_ns.max(1)).map_or(usize::MAX, |steps| steps.saturating_add(1))
    }
}

/// One series of numbers.
#[derive(Clone, Debug, PartialEq)]
pub struct RangeSeries {
    /// The labels that were kept.
    pub labels: Labels,
    /// One a time of the question; `None` where no line fell into the window.
    pub values: Vec<Option<f64>>,
}

/// Keeps logs and answers for them.
///
/// Called from many tasks at once. A dropped future stops its work soon; answers hold no lock on the store. Every
/// answer shows whole acknowledged batches: a line counts either in all answers from then on or in none.
#[async_trait]
pub trait Source: Send + Sync {
    /// Lines, grouped by stream, streams in the order of their labels.
    async fn select_logs(&self, select: &LogSelect) -> Result<Vec<LogStream>, QueryError>;

    /// Counts, in the order of the series' labels; series without any value are left out.
    async fn select_range(&self, select: &RangeSelect) -> Result<Vec<RangeSeries>, QueryError>;

    /// The streams with lines between `start` and `end` that satisfy all matchers of one of the selectors (all streams
    /// when there is none), sorted. May name streams whose lines lie just outside.
    async fn streams(
        &self,
        selectors: &[Vec<Matcher>],
        start: TimestampNs,
        end: TimestampNs,
    ) -> Result<Vec<Labels>, QueryError>;

    /// The names of the stream labels between `start` and `end`, sorted.
    async fn label_names(
        &self,
        selectors: &[Vec<Matcher>],
        start: TimestampNs,
        end: TimestampNs,
    ) -> Result<Vec<String>, QueryError> {
        let streams = self.streams(selectors, start, end).await?;
        let mut names: Vec<String> = streams.iter().flat_map(Labels::iter).map(|(name, _)| name.to_owned()).collect();
        names.sort_unstable();
        names.dedup();
        Ok(names)
    }

    /// The values of one stream label between `start` and `end`, sorted.
    async fn label_values(
        &self,
        name: &str,
        selectors: &[Vec<Matcher>],
        start: TimestampNs,
        end: TimestampNs,
    ) -> Result<Vec<String>, QueryError> {
        let streams = self.streams(selectors, start, end).await?;
        let mut values: Vec<String> = streams.iter().filter_map(|stream| stream.get(name)).map(str::to_owned).collect();
        values.sort_unstable();
        values.dedup();
        Ok(values)
    }
}
