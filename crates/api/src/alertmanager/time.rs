//! Times as Alertmanager writes and reads them.

use chrono::{DateTime, Datelike, SecondsFormat};
use lgtm_model::TimestampNs;
use serde::{Deserialize, Deserializer, de::Error};

/// Milliseconds and a `Z`.
pub(super) fn write(at: TimestampNs) -> String {
    DateTime::from_timestamp_nanos(at.0).to_rfc3339_opts(SecondsFormat::Millis, true)
}

/// An RFC 3339 time. Go's zero time, the year 1, means that nothing is said.
pub(super) fn read(text: &str) -> Result<Option<TimestampNs>, String> {
    if text.is_empty() {
        return Ok(None);
    }
    let at = DateTime::parse_from_rfc3339(text).map_err(|error| format!("{text:?} is no time: {error}"))?;
    if at.year() <= 1 {
        return Ok(None);
    }
    let ns = at.timestamp_nanos_opt().ok_or_else(|| format!("{text:?} is out of range"))?;
    Ok(Some(TimestampNs(ns)))
}

/// For fields of requests.
pub(super) fn field<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<TimestampNs>, D::Error> {
    let text = Option::<String>::deserialize(deserializer)?.unwrap_or_default();
    read(&text).map_err(D::Error::custom)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_and_written() {
        assert_eq!(write(TimestampNs(1_767_225_600_123_456_789)), "2026-01-01T00:00:00.123Z");
        assert_eq!(read("2026-01-01T01:00:00+01:00"), Ok(Some(TimestampNs(1_767_225_600_000_000_000))));
        assert_eq!(read("0001-01-01T00:00:00.000Z"), Ok(None));
        assert!(read("yesterday").is_err());
    }
}
