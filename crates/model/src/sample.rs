//! Metric samples and exemplars.

use crate::{Labels, TimestampMs};

/// The bit pattern of the NaN that marks the end of a series (Prometheus' `value.StaleNaN`).
pub const STALE_NAN_BITS: u64 = 0x7ff0_0000_0000_0002;

/// The value that marks the end of a series.
pub fn stale_nan() -> f64 {
    f64::from_bits(STALE_NAN_BITS)
}

/// Whether `value` is the staleness marker: that very bit pattern, not just any NaN.
pub fn is_stale_nan(value: f64) -> bool {
    value.to_bits() == STALE_NAN_BITS
}

/// One value of one series.
#[derive(Clone, Copy, Debug)]
pub struct Sample {
    /// When it was taken.
    pub timestamp: TimestampMs,
    /// What was measured; may be NaN, infinite or the staleness marker.
    pub value: f64,
}

/// One observation that stands for others, with labels (most often a trace id) that lead to it.
#[derive(Clone, Debug, PartialEq)]
pub struct Exemplar {
    /// What the observation points to.
    pub labels: Labels,
    /// What was observed.
    pub value: f64,
    /// When, if the target said so.
    pub timestamp: Option<TimestampMs>,
}
