//! One record of a segment: `length: u32`, `crc: u32`, then the payload; numbers little-endian.
//!
//! The checksum (CRC-32, IEEE) covers the record's position (u64) before the payload, although the position itself is
//! not written: it follows from the segment's first position and the count of records before. A record that lies at
//! the wrong place, left over or copied, therefore never validates.

use super::Position;

/// Bytes before the payload.
pub(super) const RECORD_HEADER_BYTES: usize = 8;

/// Appends one record to `buffer`.
pub(super) fn encode(buffer: &mut Vec<u8>, position: Position, payload: &[u8]) {
    let length = u32::try_from(payload.len()).unwrap_or(u32::MAX);
    debug_assert_eq!(length as usize, payload.len(), "the size was checked against record_bytes_max");
    buffer.extend_from_slice(&length.to_le_bytes());
    buffer.extend_from_slice(&checksum(position, payload).to_le_bytes());
    buffer.extend_from_slice(payload);
}

fn checksum(position: Position, payload: &[u8]) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(&position.0.to_le_bytes());
    hasher.update(payload);
    hasher.finalize()
}

/// What lies at some offset of a segment.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Found<'a> {
    /// A record that validates, and the offset behind it.
    Record { payload: &'a [u8], next: usize },
    /// The segment ends exactly here.
    End,
    /// No record that validates; when its length is believable, the offset where the next one would begin.
    Broken { next: Option<usize> },
}

/// Looks for the record `position` at `offset`.
pub(super) fn decode(bytes: &[u8], offset: usize, position: Position) -> Found<'_> {
    if offset >= bytes.len() {
        return Found::End;
    }
    let Some(length) = read_u32(bytes, offset) else { return Found::Broken { next: None } };
    let Some(crc) = read_u32(bytes, offset + 4) else { return Found::Broken { next: None } };
    let start = offset + RECORD_HEADER_BYTES;
    let Some(next) = start.checked_add(length as usize).filter(|end| *end <= bytes.len()) else {
        return Found::Broken { next: None };
    };
    let payload = &bytes[start..next];
    if checksum(position, payload) == crc {
        Found::Record { payload, next }
    } else {
        Found::Broken { next: Some(next) }
    }
}

pub(super) fn read_u32(bytes: &[u8], offset: usize) -> Option<u32> {
    Some(u32::from_le_bytes(bytes.get(offset..offset.checked_add(4)?)?.try_into().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_validates_at_its_own_position_only() {
        let mut bytes = Vec::new();
        encode(&mut bytes, Position(7), b"payload");
        assert_eq!(decode(&bytes, 0, Position(7)), Found::Record { payload: b"payload", next: bytes.len() });
        assert_eq!(decode(&bytes, 0, Position(8)), Found::Broken { next: Some(bytes.len()) });
        assert_eq!(decode(&bytes, bytes.len(), Position(8)), Found::End);
    }

    #[test]
    fn cut_and_changed_bytes_are_noticed() {
        let mut bytes = Vec::new();
        encode(&mut bytes, Position(1), b"payload");
        for cut in 1..bytes.len() {
            assert!(matches!(decode(&bytes[..cut], 0, Position(1)), Found::Broken { next: None }), "{cut}");
        }
        for index in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[index] ^= 0x40;
            assert!(matches!(decode(&changed, 0, Position(1)), Found::Broken { .. }), "{index}");
        }
    }
}
