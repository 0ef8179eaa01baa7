//! A batch as a record of the write-ahead log. Laid out byte by byte in `docs/format/logs-wal.md`.
//!
//! Streams are listed once a record and times are differences, so that a batch of short lines costs little more than
//! the lines themselves; a record needs nothing but itself to be read.

use lgtm_model::{Labels, LogRecord, Severity, SpanId, TimestampNs, TraceId};
use std::collections::HashMap;

const VERSION: u8 = 1;
const HAS_TRACE_ID: u8 = 1;
const HAS_SPAN_ID: u8 = 2;

/// Appends a number in groups of seven bits, least significant first (LEB128).
pub(crate) fn put_number(bytes: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        bytes.push(number as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
}

/// As [`put_number`], small numbers of either sign short (zigzag).
pub(crate) fn put_signed(bytes: &mut Vec<u8>, number: i64) {
    put_number(bytes, ((number << 1) ^ (number >> 63)) as u64);
}

/// Reads what [`put_number`] wrote.
pub(crate) fn take_number(bytes: &mut &[u8]) -> Option<u64> {
    let mut number = 0;
    for shift in (0..64).step_by(7) {
        let (&byte, rest) = bytes.split_first()?;
        *bytes = rest;
        number |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Some(number);
        }
    }
    None
}

/// Reads what [`put_signed`] wrote.
pub(crate) fn take_signed(bytes: &mut &[u8]) -> Option<i64> {
    let number = take_number(bytes)?;
    Some((number >> 1) as i64 ^ -((number & 1) as i64))
}

/// Reads a length and as many bytes.
pub(crate) fn take_bytes<'a>(bytes: &mut &'a [u8]) -> Option<&'a [u8]> {
    let length = usize::try_from(take_number(bytes)?).ok()?;
    let taken = bytes.get(..length)?;
    *bytes = &bytes[length..];
    Some(taken)
}

/// The records as a payload.
pub(crate) fn encode(records: &[LogRecord]) -> Vec<u8> {
    let size: usize = records.iter().map(|record| record.body.len() + record.attributes.size_bytes() + 32).sum();
    let mut bytes = Vec::with_capacity(size + 64);
    bytes.push(VERSION);
    let mut numbers: HashMap<&[u8], u64> = HashMap::new();
    let mut streams: Vec<&[u8]> = Vec::new();
    for record in records {
        let packed = record.stream.as_packed();
        numbers.entry(packed).or_insert_with(|| {
            streams.push(packed);
            streams.len() as u64 - 1
        });
    }
    put_number(&mut bytes, streams.len() as u64);
    for packed in streams {
        put_number(&mut bytes, packed.len() as u64);
        bytes.extend_from_slice(packed);
    }
    put_number(&mut bytes, records.len() as u64);
    let mut previous_ns = 0_i64;
    for record in records {
        put_number(&mut bytes, numbers.get(record.stream.as_packed()).copied().unwrap_or(0));
        put_signed(&mut bytes, record.timestamp.0.wrapping_sub(previous_ns));
        previous_ns = record.timestamp.0;
        put_fields(&mut bytes, record);
    }
    bytes
}

fn put_fields(bytes: &mut Vec<u8>, record: &LogRecord) {
    bytes.push(record.severity.0);
    let flag = |present: bool, flag: u8| if present { flag } else { 0 };
    bytes.push(flag(record.trace_id.is_some(), HAS_TRACE_ID) | flag(record.span_id.is_some(), HAS_SPAN_ID));
    if let Some(id) = record.trace_id {
        bytes.extend_from_slice(&id.0);
    }
    if let Some(id) = record.span_id {
        bytes.extend_from_slice(&id.0);
    }
    for text in [record.body.as_bytes(), record.attributes.as_packed()] {
        put_number(bytes, text.len() as u64);
        bytes.extend_from_slice(text);
    }
}

/// Reads what [`encode`] wrote.
///
/// # Errors
/// What does not fit, for the log.
pub(crate) fn decode(payload: &[u8]) -> Result<Vec<LogRecord>, String> {
    let mut rest = payload;
    if take(&mut rest, 1) != Some(&[VERSION]) {
        return Err("a logs record of an unknown version".to_owned());
    }
    read_records(&mut rest)
        .filter(|_| rest.is_empty())
        .ok_or_else(|| format!("a logs record that does not fit from byte {} on", payload.len() - rest.len()))
}

fn take<'a>(bytes: &mut &'a [u8], length: usize) -> Option<&'a [u8]> {
    let taken = bytes.get(..length)?;
    *bytes = &bytes[length..];
    Some(taken)
}

fn read_records(rest: &mut &[u8]) -> Option<Vec<LogRecord>> {
    let mut streams = Vec::new();
    for _stream in 0..take_number(rest)? {
        streams.push(Labels::from_packed(take_bytes(rest)?)?);
    }
    let mut records = Vec::new();
    let mut time_ns = 0_i64;
    for _record in 0..take_number(rest)? {
        let stream = streams.get(usize::try_from(take_number(rest)?).ok()?)?.clone();
        time_ns = time_ns.wrapping_add(take_signed(rest)?);
        let &[severity, flags] = take(rest, 2)? else { return None };
        let trace_id = if flags & HAS_TRACE_ID != 0 { TraceId::from_bytes(take(rest, 16)?) } else { None };
        let span_id = if flags & HAS_SPAN_ID != 0 { SpanId::from_bytes(take(rest, 8)?) } else { None };
        let body = std::str::from_utf8(take_bytes(rest)?).ok()?.to_owned();
        let attributes = Labels::from_packed(take_bytes(rest)?)?;
        let (timestamp, severity) = (TimestampNs(time_ns), Severity(severity));
        records.push(LogRecord { stream, timestamp, severity, body, trace_id, span_id, attributes });
    }
    Some(records)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    prop_compose! {
        fn record()(
            stream in prop::collection::vec(("[a-c]", "[x-z]{1,3}"), 0..3),
            time in any::<i64>(), severity in 0_u8..25, body in "\\PC{0,40}",
            trace in any::<[u8; 16]>(), span in any::<[u8; 8]>(), known in 0..4,
            attributes in prop::collection::vec(("[a-f]", "\\PC{1,20}"), 0..4),
        ) -> LogRecord {
            LogRecord {
                stream: Labels::from_pairs(stream), timestamp: TimestampNs(time), severity: Severity(severity), body,
                trace_id: TraceId::from_bytes(&trace).filter(|_| known & 1 != 0),
                span_id: SpanId::from_bytes(&span).filter(|_| known & 2 != 0),
                attributes: Labels::from_pairs(attributes),
            }
        }
    }

    proptest! {
        #[test]
        fn records_come_back_and_cuts_are_noticed(records in prop::collection::vec(record(), 0..20), cut in 0_usize..64) {
            let bytes = encode(&records);
            prop_assert_eq!(decode(&bytes).unwrap(), records);
            prop_assert!(decode(&bytes[..cut.min(bytes.len() - 1)]).is_err());
        }

        #[test]
        fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let _verdict = decode(&bytes);
            let _verdict = decode(&[&[VERSION], &bytes[..]].concat());
        }
    }
}
