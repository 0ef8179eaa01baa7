//! A segment file: a header of 20 bytes (magic, first position, checksum), then records until the end of the file.
//!
//! The name is the first position in 20 decimal digits, so that names sort as positions do. A record at or behind the
//! first position of the next segment is void: that is how a segment whose last write failed is superseded without
//! touching it again.

use super::Position;
use super::record::{self, Found};
use std::path::{Path, PathBuf};

/// `lgtmwal` and the format's version.
pub(super) const MAGIC: [u8; 8] = *b"lgtmwal\x01";
/// Magic, first position, checksum of both.
pub(super) const SEGMENT_HEADER_BYTES: usize = 20;
const EXTENSION: &str = "wal";

/// A segment that lies on the disk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Segment {
    /// Position of its first record, whether that was written yet or not.
    pub first: Position,
    /// Where it lies.
    pub path: PathBuf,
}

impl Segment {
    /// The segment of `dir` that begins at `first`.
    pub(super) fn new(dir: &Path, first: Position) -> Self {
        Self { first, path: dir.join(format!("{:020}.{EXTENSION}", first.0)) }
    }

    /// The segment that a file name stands for; `None` for files of other kinds.
    pub(super) fn from_path(path: &Path) -> Option<Self> {
        let stem = path.file_stem()?.to_str()?;
        let is_segment = path.extension()?.to_str()? == EXTENSION && stem.len() == 20;
        Some(Self { first: Position(stem.parse().ok().filter(|_| is_segment)?), path: path.to_owned() })
    }
}

/// The first bytes of a segment.
pub(super) fn header(first: Position) -> [u8; SEGMENT_HEADER_BYTES] {
    let mut bytes = [0; SEGMENT_HEADER_BYTES];
    bytes[..8].copy_from_slice(&MAGIC);
    bytes[8..16].copy_from_slice(&first.0.to_le_bytes());
    let crc = crc32fast::hash(&bytes[..16]);
    bytes[16..].copy_from_slice(&crc.to_le_bytes());
    bytes
}

/// What a walk through a segment found.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Scan {
    /// The position behind the last one that belongs to this segment, readable or not.
    pub next: Position,
    /// How many records were unreadable although readable ones follow them.
    pub broken_records: u64,
    /// Bytes up to the end of the last good record.
    pub good_bytes: usize,
    /// Bytes behind that.
    pub tail_bytes: usize,
    /// Whether the header was readable.
    pub header_ok: bool,
}

/// Walks through a segment and hands over every record that validates, up to but not including position `end`.
///
/// A record whose checksum fails is stepped over when the one behind it validates: then one record is lost, not all
/// that follow. Otherwise everything behind the last good record is the tail.
pub(super) fn scan(
    bytes: &[u8],
    first: Position,
    end: Option<Position>,
    mut visit: impl FnMut(Position, &[u8]),
) -> Scan {
    let mut scan = Scan { next: first, ..Scan::default() };
    if bytes.get(..SEGMENT_HEADER_BYTES) != Some(header(first).as_slice()) {
        scan.tail_bytes = bytes.len();
        return scan;
    }
    scan.header_ok = true;
    scan.good_bytes = SEGMENT_HEADER_BYTES;
    while end.is_none_or(|end| scan.next < end) {
        match record::decode(bytes, scan.good_bytes, scan.next) {
            Found::Record { payload, next } => {
                visit(scan.next, payload);
                scan.good_bytes = next;
            }
            Found::Broken { next: Some(next) } if validates(bytes, next, scan.next.next(), end) => {
                scan.broken_records += 1;
                scan.good_bytes = next;
            }
            Found::Broken { .. } | Found::End => break,
        }
        scan.next = scan.next.next();
    }
    scan.tail_bytes = bytes.len() - scan.good_bytes;
    scan
}

fn validates(bytes: &[u8], offset: usize, position: Position, end: Option<Position>) -> bool {
    end.is_none_or(|end| position < end) && matches!(record::decode(bytes, offset, position), Found::Record { .. })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn segment(first: u64, payloads: &[&[u8]]) -> Vec<u8> {
        let mut bytes = header(Position(first)).to_vec();
        for (index, payload) in payloads.iter().enumerate() {
            record::encode(&mut bytes, Position(first + index as u64), payload);
        }
        bytes
    }

    fn read(bytes: &[u8], first: u64, end: Option<u64>) -> (Vec<(u64, Vec<u8>)>, Scan) {
        let mut seen = Vec::new();
        let end = end.map(Position);
        let scan = scan(bytes, Position(first), end, |position, payload| seen.push((position.0, payload.to_vec())));
        (seen, scan)
    }

    #[test]
    fn names_and_positions_agree() {
        let segment = Segment::new(Path::new("/wal"), Position(42));
        assert_eq!(segment.path, Path::new("/wal/00000000000000000042.wal"));
        assert_eq!(Segment::from_path(&segment.path), Some(segment));
        assert_eq!(Segment::from_path(Path::new("/wal/00000000000000000042.wal.damaged")), None);
    }

    #[test]
    fn one_broken_record_costs_one_record() {
        let mut bytes = segment(5, &[b"a", b"bb", b"ccc"]);
        bytes[SEGMENT_HEADER_BYTES + 9 + 8] ^= 1;
        let (seen, scan) = read(&bytes, 5, None);
        assert_eq!(seen, [(5, b"a".to_vec()), (7, b"ccc".to_vec())]);
        assert_eq!((scan.broken_records, scan.tail_bytes, scan.next), (1, 0, Position(8)));
    }

    #[test]
    fn a_torn_tail_and_superseded_records_are_left_out() {
        let bytes = segment(1, &[b"a", b"b", b"c"]);
        let (seen, scan) = read(&bytes[..bytes.len() - 1], 1, None);
        assert_eq!((seen.len(), scan.tail_bytes, scan.next), (2, 8, Position(3)));
        let (seen, scan) = read(&bytes, 1, Some(2));
        assert_eq!((seen.len(), scan.next), (1, Position(2)));
        let (seen, scan) = read(&bytes[..10], 1, None);
        assert!(seen.is_empty() && !scan.header_ok);
    }
}
