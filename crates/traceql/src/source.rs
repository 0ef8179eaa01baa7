//! What a trace search reads: owned by this language, implemented by whoever keeps spans.

use crate::Filter;
use async_trait::async_trait;
use lgtm_model::{Span, TimestampNs, TraceId};
use thiserror::Error;

/// A search for traces.
#[derive(Clone, Debug)]
pub struct Search {
    /// A trace is found when one of its spans satisfies this.
    pub filter: Filter,
    /// The earliest start of such a span, inclusive.
    pub start: TimestampNs,
    /// The latest start of such a span, inclusive.
    pub end: TimestampNs,
    /// Shortest and longest duration of the whole trace, in nanoseconds.
    pub trace_duration_ns: (Option<i64>, Option<i64>),
    /// At most so many traces, the latest first.
    pub limit: usize,
}

/// A trace that was found.
#[derive(Clone, Debug)]
pub struct TraceSummary {
    /// Its name.
    pub trace_id: TraceId,
    /// The service of the root span; empty while the root has not arrived.
    pub root_service: String,
    /// The name of the root span; empty while the root has not arrived.
    pub root_name: String,
    /// The earliest start of its spans.
    pub start: TimestampNs,
    /// From the earliest start to the latest end, in nanoseconds.
    pub duration_ns: i64,
    /// How many spans satisfied the filter.
    pub matched: usize,
    /// The first of them, at most [`TraceSummary::SPANS_MAX`].
    pub spans: Vec<Span>,
}

impl TraceSummary {
    /// Matched spans that come with a summary (Tempo's `spss` default).
    pub const SPANS_MAX: usize = 3;

    /// Sums a whole trace up; `None` when no span satisfies the filter or the trace is too short or too long.
    pub fn of(trace: &[Span], search: &Search) -> Option<Self> {
        let first = trace.first()?;
        let matching: Vec<&Span> = trace.iter().filter(|span| search.filter.matches(span)).collect();
        let start = trace.iter().map(|span| span.start).min()?;
        let end = trace.iter().map(|span| span.end).max()?;
        let duration_ns = end.since_ns(start).max(0);
        let (shortest, longest) = search.trace_duration_ns;
        if matching.is_empty()
            || shortest.is_some_and(|ns| duration_ns < ns)
            || longest.is_some_and(|ns| duration_ns > ns)
        {
            return None;
        }
        let root = trace.iter().find(|span| span.parent_span_id.is_none());
        Some(Self {
            trace_id: first.trace_id,
            root_service: root.map(|span| span.resource.service.clone()).unwrap_or_default(),
            root_name: root.map(|span| span.name.clone()).unwrap_or_default(),
            start,
            duration_ns,
            matched: matching.len(),
            spans: matching.into_iter().take(Self::SPANS_MAX).cloned().collect(),
        })
    }
}

/// Why a search gave no answer.
#[derive(Clone, Debug, Error)]
pub enum SearchError {
    /// Reading failed; it may succeed later.
    #[error("reading spans failed: {0}")]
    Unavailable(String),
}

/// Keeps spans. Called from many tasks at once; a dropped future stops the work soon.
#[async_trait]
pub trait Source: Send + Sync {
    /// All spans of a trace, in the order of their start; empty when nothing is known of it.
    ///
    /// The time range, when given, may be used to read less; spans outside it may be left out.
    async fn trace(
        &self,
        trace_id: TraceId,
        range: Option<(TimestampNs, TimestampNs)>,
    ) -> Result<Vec<Span>, SearchError>;

    /// Traces that satisfy the search, the latest first.
    async fn search(&self, search: &Search) -> Result<Vec<TraceSummary>, SearchError>;

    /// Names of the attributes seen in a time range, sorted: those of resources and those of spans.
    async fn attribute_names(
        &self,
        range: (TimestampNs, TimestampNs),
    ) -> Result<(Vec<String>, Vec<String>), SearchError>;

    /// Values of one attribute (or of the intrinsics `name` and `status`) seen in a time range, sorted, at most `limit`.
    async fn attribute_values(
        &self,
        name: &str,
        range: (TimestampNs, TimestampNs),
        limit: usize,
    ) -> Result<Vec<String>, SearchError>;
}
