//! Settings of the traces signal.

use std::time::Duration;

/// Limits and intervals.
#[derive(Clone, Debug)]
pub struct Config {
    /// How long spans stay in memory before they are written to a file.
    pub flush_interval: Duration,
    /// A generation of this size is flushed before its time.
    pub flush_bytes: usize,
    /// Beyond this size of the active generation spans are refused.
    pub recent_bytes_max: usize,
    /// Most spans of one trace in an answer.
    pub trace_spans_max: usize,
    /// Most rows that a search decodes before it answers with what it found.
    pub search_rows_max: usize,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            flush_interval: Duration::from_secs(60),
            flush_bytes: 64 << 20,
            recent_bytes_max: 256 << 20,
            trace_spans_max: 100_000,
            search_rows_max: 5_000_000,
        }
    }
}
