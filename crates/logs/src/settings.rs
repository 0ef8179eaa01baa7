//! The signal's limits and periods.

/// Settings of the logs signal; the default is right for a small machine.
#[derive(Clone, Debug)]
pub struct LogsSettings {
    /// How long rows stay in memory alone before they are flushed to files.
    pub flush_interval_ms: u64,
    /// Bytes in memory at which a flush begins early.
    pub flush_bytes: usize,
    /// Bytes in memory, flushed or not, at which batches are refused.
    pub memory_bytes_max: usize,
    /// Longest line; longer ones are refused.
    pub line_bytes_max: usize,
    /// Streams in memory; a batch that would add more is refused.
    pub memory_streams_max: usize,
    /// Labels of a stream.
    pub stream_labels_max: usize,
    /// Structured metadata of a line, in bytes.
    pub metadata_bytes_max: usize,
    /// Files of one day and level that are merged into one.
    pub merge_files: usize,
    /// Bytes of Parquet that one merge reads, and so about the size of the largest files.
    pub merge_bytes_max: u64,
    /// Series in one answer of numbers.
    pub query_series_max: usize,
}

impl Default for LogsSettings {
    fn default() -> Self {
        Self {
            flush_interval_ms: 30_000,
            flush_bytes: 64 << 20,
            memory_bytes_max: 256 << 20,
            line_bytes_max: 256 << 10,
            memory_streams_max: 100_000,
            stream_labels_max: 30,
            metadata_bytes_max: 64 << 10,
            merge_files: 8,
            merge_bytes_max: 128 << 20,
            query_series_max: 20_000,
        }
    }
}
