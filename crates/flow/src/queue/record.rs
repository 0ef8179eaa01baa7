//! One record: length, checksum, kind, payload. See `docs/format/queue.md`.

use bytes::Bytes;

/// Bytes before the payload.
pub(super) const HEADER_BYTES: usize = 9;

/// The record as it lies in a segment.
pub(super) fn encode(kind: u8, payload: &[u8]) -> Option<Vec<u8>> {
    let length = u32::try_from(payload.len()).ok()?.to_le_bytes();
    let mut record = Vec::with_capacity(HEADER_BYTES + payload.len());
    record.extend_from_slice(&length);
    record.extend_from_slice(&checksum(length, kind, payload).to_le_bytes());
    record.push(kind);
    record.extend_from_slice(payload);
    Some(record)
}

/// What a record's first nine bytes say.
#[derive(Clone, Copy, Debug)]
pub(super) struct Header {
    length: [u8; 4],
    checksum: u32,
    pub kind: u8,
}

impl Header {
    pub(super) fn decode(bytes: [u8; HEADER_BYTES]) -> Self {
        let [l0, l1, l2, l3, c0, c1, c2, c3, kind] = bytes;
        Self { length: [l0, l1, l2, l3], checksum: u32::from_le_bytes([c0, c1, c2, c3]), kind }
    }

    /// Bytes of the payload.
    pub(super) fn payload_bytes(self) -> u64 {
        u64::from(u32::from_le_bytes(self.length))
    }

    /// Bytes of the whole record.
    pub(super) fn record_bytes(self) -> u64 {
        HEADER_BYTES as u64 + self.payload_bytes()
    }

    /// Whether this is the payload that was written.
    pub(super) fn fits(self, payload: &[u8]) -> bool {
        checksum(self.length, self.kind, payload) == self.checksum
    }
}

/// A record read back.
#[derive(Clone, Debug)]
pub(super) struct Record {
    pub kind: u8,
    pub payload: Bytes,
}

fn checksum(length: [u8; 4], kind: u8, payload: &[u8]) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(&length);
    hasher.update(&[kind]);
    hasher.update(payload);
    hasher.finalize()
}
