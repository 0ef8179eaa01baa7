//! The cursor: up to where everything has been acknowledged. See `docs/format/queue.md`.

use super::{Position, QueueError, recover::io_error};
use std::fs;
use std::path::Path;

const FILE: &str = "cursor";
const FILE_NEW: &str = "cursor.new";
const BYTES: usize = 20;

/// Reads the cursor; `None` when there is none or it is damaged, so that everything is delivered again.
pub(super) fn read(directory: &Path) -> Option<Position> {
    let bytes: [u8; BYTES] = fs::read(directory.join(FILE)).ok()?.try_into().ok()?;
    let (segment, rest) = bytes.split_first_chunk::<8>()?;
    let (offset, checksum) = rest.split_first_chunk::<8>()?;
    let good = crc32fast::hash(&bytes[..16]).to_le_bytes() == *checksum;
    good.then(|| Position { segment: u64::from_le_bytes(*segment), offset: u64::from_le_bytes(*offset) })
}

/// Replaces the cursor at once: a kill leaves either the old or the new one.
pub(super) fn write(directory: &Path, position: Position) -> Result<(), QueueError> {
    let mut bytes = Vec::with_capacity(BYTES);
    bytes.extend_from_slice(&position.segment.to_le_bytes());
    bytes.extend_from_slice(&position.offset.to_le_bytes());
    bytes.extend_from_slice(&crc32fast::hash(&bytes).to_le_bytes());
    let new = directory.join(FILE_NEW);
    fs::write(&new, bytes).map_err(io_error(&new))?;
    let path = directory.join(FILE);
    fs::rename(&new, &path).map_err(io_error(&path))
}
