//! The settings of the metrics signal, with their defaults.

/// Limits and periods. Names are those of the settings file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MetricsConfig {
    /// How long the head collects samples before they become a block.
    pub flush_interval_ms: u64,
    /// Estimated bytes of a head; beyond them it is flushed before its time.
    pub head_bytes_max: u64,
    /// Series of one head; new ones beyond it are refused.
    pub series_max: usize,
    /// Labels of one series.
    pub labels_max: usize,
    /// Bytes of a label's name.
    pub label_name_bytes_max: usize,
    /// Bytes of a label's value.
    pub label_value_bytes_max: usize,
    /// Samples of one batch.
    pub batch_samples_max: usize,
    /// How old a sample may be when it arrives.
    pub age_ms_max: u64,
    /// How far ahead of this machine's clock a sample may be.
    pub ahead_ms_max: u64,
    /// Exemplars kept, the oldest making room for the newest.
    pub exemplars_max: usize,
    /// Metric families whose metadata is kept.
    pub metadata_families_max: usize,
    /// Days that blocks are kept; 0 keeps them for ever.
    pub retention_days: u32,
    /// Blocks of one day and level that are merged into one of the next level.
    pub compact_blocks_min: usize,
    /// Bytes of the blocks merged at once.
    pub compact_bytes_max: u64,
    /// How often the background task looks whether there is something to flush, to merge or to drop.
    pub tick_interval_ms: u64,
}

impl Default for MetricsConfig {
    fn default() -> Self {
        Self {
            flush_interval_ms: 2 * 3_600_000,
            head_bytes_max: 1 << 30,
            series_max: 5_000_000,
            labels_max: 64,
            label_name_bytes_max: 1_024,
            label_value_bytes_max: 8_192,
            batch_samples_max: 1_000_000,
            // Long enough for an agent's queue to empty after a day's outage.
            age_ms_max: 26 * 3_600_000,
            ahead_ms_max: 10 * 60_000,
            exemplars_max: 10_000,
            metadata_families_max: 100_000,
            retention_days: 15,
            compact_blocks_min: 6,
            compact_bytes_max: 256 << 20,
            tick_interval_ms: 15_000,
        }
    }
}
