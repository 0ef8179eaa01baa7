//! Time as the program keeps it: integers since the Unix epoch, never floats.
//!
//! Metrics count milliseconds, logs and traces nanoseconds. The two are different types so that no one adds a
//! millisecond to a nanosecond by accident.

use std::fmt;
use thiserror::Error;

/// Milliseconds since the Unix epoch: the time of a metric sample.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TimestampMs(pub i64);

/// Nanoseconds since the Unix epoch: the time of a log record or a span.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TimestampNs(pub i64);

impl TimestampMs {
    /// The earliest time that can be represented.
    pub const MIN: Self = Self(i64::MIN);
    /// The latest time that can be represented.
    pub const MAX: Self = Self(i64::MAX);

    /// The same instant in nanoseconds, saturating at the ends of the range.
    pub fn to_ns(self) -> TimestampNs {
        TimestampNs(self.0.saturating_mul(1_000_000))
    }

    /// This time plus `duration_ms` milliseconds, saturating.
    pub fn add_ms(self, duration_ms: i64) -> Self {
        Self(self.0.saturating_add(duration_ms))
    }
}

impl TimestampNs {
    /// The earliest time that can be represented.
    pub const MIN: Self = Self(i64::MIN);
    /// The latest time that can be represented.
    pub const MAX: Self = Self(i64::MAX);

    /// The same instant in whole milliseconds, rounded down.
    pub fn to_ms(self) -> TimestampMs {
        TimestampMs(self.0.div_euclid(1_000_000))
    }

    /// This time plus `duration_ns` nanoseconds, saturating.
    pub fn add_ns(self, duration_ns: i64) -> Self {
        Self(self.0.saturating_add(duration_ns))
    }

    /// Nanoseconds from `earlier` to this time; negative when `earlier` is later.
    pub fn since_ns(self, earlier: Self) -> i64 {
        self.0.saturating_sub(earlier.0)
    }

    /// Days since the Unix epoch, in UTC: the partition that this instant falls into.
    pub fn day(self) -> i64 {
        self.0.div_euclid(86_400_000_000_000)
    }
}

impl fmt::Display for TimestampMs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}ms", self.0)
    }
}

impl fmt::Display for TimestampNs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}ns", self.0)
    }
}

/// Why a text is not a Prometheus duration.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum DurationError {
    /// Nothing was written.
    #[error("empty duration string")]
    Empty,
    /// A number without a unit, an unknown unit, or units out of order.
    #[error("not a valid duration string: {0:?} (write for example 30s, 5m or 1h30m)")]
    Invalid(String),
    /// More than about 292 years.
    #[error("duration out of range: {0:?}")]
    OutOfRange(String),
}

const UNITS_MS: [(&str, i64); 7] = [
    ("y", 365 * 86_400_000),
    ("w", 7 * 86_400_000),
    ("d", 86_400_000),
    ("h", 3_600_000),
    ("m", 60_000),
    ("s", 1_000),
    ("ms", 1),
];

/// Parses a Prometheus duration such as `1h30m` or `0` into milliseconds.
///
/// Units are y, w, d, h, m, s, ms, each at most once and from the largest to the smallest, as in Prometheus'
/// `model.ParseDuration`.
pub fn parse_duration_ms(text: &str) -> Result<i64, DurationError> {
    if text.is_empty() {
        return Err(DurationError::Empty);
    }
    if text == "0" {
        return Ok(0);
    }
    let invalid = || DurationError::Invalid(text.to_owned());
    let out_of_range = || DurationError::OutOfRange(text.to_owned());
    let (mut rest, mut total_ms, mut next_unit) = (text, 0_i64, 0_usize);
    while !rest.is_empty() {
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let letters = rest[digits..].bytes().take_while(u8::is_ascii_alphabetic).count();
        if digits == 0 || letters == 0 {
            return Err(invalid());
        }
        let unit = &rest[digits..digits + letters];
        let index = UNITS_MS.iter().position(|(name, _)| *name == unit).ok_or_else(invalid)?;
        if index < next_unit {
            return Err(invalid());
        }
        next_unit = index + 1;
        let count: i64 = rest[..digits].parse().map_err(|_| out_of_range())?;
        let part_ms = count.checked_mul(UNITS_MS[index].1).ok_or_else(out_of_range)?;
        total_ms = total_ms.checked_add(part_ms).ok_or_else(out_of_range)?;
        rest = &rest[digits + letters..];
    }
    // Upstream keeps nanoseconds in an i64; what it refuses, we refuse.
    total_ms.checked_mul(1_000_000).ok_or_else(out_of_range)?;
    Ok(total_ms)
}

/// Writes milliseconds as Prometheus does: `90m` is `1h30m`, nothing is `0s`.
///
/// Years and weeks are used only where they come out even, as in upstream's `Duration.String`.
pub fn format_duration_ms(duration_ms: i64) -> String {
    if duration_ms == 0 {
        return "0s".to_owned();
    }
    let mut text = String::new();
    if duration_ms < 0 {
        text.push('-');
    }
    let mut rest_ms = duration_ms.unsigned_abs();
    for (index, (unit, unit_ms)) in UNITS_MS.iter().enumerate() {
        let unit_ms = unit_ms.unsigned_abs();
        let only_exact = index < 2;
        if rest_ms < unit_ms || (only_exact && !rest_ms.is_multiple_of(unit_ms)) {
            continue;
        }
        text.push_str(&format!("{}{unit}", rest_ms / unit_ms));
        rest_ms %= unit_ms;
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read_as_prometheus_reads_them() {
        for (text, want_ms) in [("0", 0), ("5m", 300_000), ("1h30m", 5_400_000), ("1y", 31_536_000_000), ("10ms", 10)] {
            assert_eq!(parse_duration_ms(text), Ok(want_ms), "{text}");
        }
        for text in ["", "1", "m5", "5m1h", "1s1s", "5 m", "-5m", "1d2", "99999999999999y"] {
            assert!(parse_duration_ms(text).is_err(), "{text}");
        }
    }

    #[test]
    fn durations_are_written_as_prometheus_writes_them() {
        for (duration_ms, want) in
            [(0, "0s"), (5_400_000, "1h30m"), (86_400_000, "1d"), (90_000_000, "1d1h"), (1, "1ms")]
        {
            assert_eq!(format_duration_ms(duration_ms), want);
        }
    }

    #[test]
    fn days_before_the_epoch_are_negative() {
        assert_eq!(TimestampNs(-1).day(), -1);
        assert_eq!(TimestampNs(86_400_000_000_000).day(), 1);
    }
}
