//! An alert as bytes; see docs/format/state.md.

use super::merge::StoredAlert;
use crate::bytes::{Reader, Writer};
use lgtm_model::Alert;

/// The table of alerts.
pub(crate) const TABLE: &str = "alerts";
const FORMAT: u8 = 1;
const TIMEOUT: u8 = 1;

/// The key of an alert's document.
pub(crate) fn key(fingerprint: u64) -> String {
    format!("{fingerprint:016x}")
}

pub(crate) fn encode(stored: &StoredAlert) -> Vec<u8> {
    let alert = &stored.alert;
    let mut writer = Writer::new(FORMAT);
    writer.labels(&alert.labels);
    writer.labels(&alert.annotations);
    writer.text(&alert.generator_url);
    writer.time(alert.starts_at);
    writer.time(alert.ends_at);
    writer.time(stored.updated_at);
    writer.byte(if stored.timeout { TIMEOUT } else { 0 });
    writer.finish()
}

pub(crate) fn decode(bytes: &[u8]) -> Option<StoredAlert> {
    let mut reader = Reader::new(bytes, FORMAT)?;
    let (labels, annotations, generator_url) = (reader.labels()?, reader.labels()?, reader.text()?);
    let (starts_at, ends_at, updated_at) = (reader.time()?, reader.time()?, reader.time()?);
    let timeout = reader.byte()? & TIMEOUT != 0;
    reader.finish()?;
    let alert = Alert { labels, annotations, starts_at, ends_at, generator_url };
    Some(StoredAlert::new(alert, updated_at, timeout))
}

#[cfg(test)]
mod tests {
    use super::*;
    use lgtm_model::{Labels, TimestampNs};

    #[test]
    fn what_is_written_is_read_and_what_is_broken_is_not() {
        let alert = Alert {
            labels: Labels::from_pairs([("alertname", "Down")]),
            annotations: Labels::from_pairs([("summary", "it is down")]),
            starts_at: TimestampNs(5),
            ends_at: TimestampNs(9),
            generator_url: "http://x/graph".to_owned(),
        };
        let stored = StoredAlert::new(alert, TimestampNs(7), true);
        let bytes = encode(&stored);
        assert_eq!(decode(&bytes), Some(stored));
        for length in 0..bytes.len() {
            assert_eq!(decode(&bytes[..length]), None, "{length} bytes");
        }
    }
}
