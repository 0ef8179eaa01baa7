//! Segment files: their names, their header, reading a record, finding the last good one.

use super::record::{HEADER_BYTES, Header, Record};
use super::{QueueError, recover::io_error};
use std::fs::File;
use std::io::{BufReader, ErrorKind, Read};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

/// The first eight bytes of a segment.
pub(super) const MAGIC: &[u8; 8] = b"LGTMQUE1";
/// Where the first record begins.
pub(super) const FIRST_RECORD: u64 = MAGIC.len() as u64;

const EXTENSION: &str = "queue";

/// The path of a segment. Twenty digits, so that names sort as numbers do.
pub(super) fn path(directory: &Path, number: u64) -> PathBuf {
    directory.join(format!("{number:020}.{EXTENSION}"))
}

/// The number of a segment's file name; `None` for other files.
pub(super) fn number_of(path: &Path) -> Option<u64> {
    (path.extension()? == EXTENSION).then(|| path.file_stem()?.to_str()?.parse().ok())?
}

/// Length of the good part of a segment: up to the first record, seen from `from`, that is cut off or fails its
/// checksum. `None` when the header itself is no good.
pub(super) fn good_length(path: &Path, from: u64) -> Result<Option<u64>, QueueError> {
    let file = File::open(path).map_err(io_error(path))?;
    let mut magic = [0; MAGIC.len()];
    if file.read_exact_at(&mut magic, 0).is_err() || magic != *MAGIC {
        return Ok(None);
    }
    let length = file.metadata().map_err(io_error(path))?.len();
    let mut good = from.clamp(FIRST_RECORD, length);
    let mut reader = BufReader::with_capacity(1 << 16, file);
    std::io::Seek::seek(&mut reader, std::io::SeekFrom::Start(good)).map_err(io_error(path))?;
    let mut payload = Vec::new();
    loop {
        let mut header = [0; HEADER_BYTES];
        match reader.read_exact(&mut header) {
            Ok(()) => {}
            Err(error) if error.kind() == ErrorKind::UnexpectedEof => return Ok(Some(good)),
            Err(error) => return Err(io_error(path)(error)),
        }
        let header = Header::decode(header);
        if good.saturating_add(header.record_bytes()) > length {
            return Ok(Some(good));
        }
        payload.resize(usize::try_from(header.payload_bytes()).unwrap_or(0), 0);
        reader.read_exact(&mut payload).map_err(io_error(path))?;
        if !header.fits(&payload) {
            return Ok(Some(good));
        }
        good += header.record_bytes();
    }
}

/// The record at `offset` and the offset behind it; `None` when there is no good one before `end`.
pub(super) fn read(path: &Path, offset: u64, end: u64) -> Result<Option<(Record, u64)>, QueueError> {
    let file = File::open(path).map_err(io_error(path))?;
    let mut header = [0; HEADER_BYTES];
    if end.saturating_sub(offset) < HEADER_BYTES as u64 {
        return Ok(None);
    }
    file.read_exact_at(&mut header, offset).map_err(io_error(path))?;
    let header = Header::decode(header);
    let after = offset.saturating_add(header.record_bytes());
    if after > end {
        return Ok(None);
    }
    let mut payload = vec![0; usize::try_from(header.payload_bytes()).unwrap_or(0)];
    file.read_exact_at(&mut payload, offset + HEADER_BYTES as u64).map_err(io_error(path))?;
    Ok(header.fits(&payload).then(|| (Record { kind: header.kind, payload: payload.into() }, after)))
}
