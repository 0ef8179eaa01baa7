//! Opening a queue: what a kill may have left behind is mended here.
//!
//! 1. Segments before the cursor's are removed: the kill came between moving the cursor and removing them.
//! 2. Each other segment is read to its last good record and cut there; a segment without a good header, whose creation
//!    was interrupted, is removed. What was cut is counted.
//! 3. New records go to a new segment, never behind a mended one.

use super::commit::Disk;
use super::segment::{self, FIRST_RECORD};
use super::{Extent, Inner, Meters, Position, QueueConfig, QueueError, State, cursor};
use parking_lot::Mutex;
use std::collections::VecDeque;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio::sync::watch;

/// An error of the file system about `path`.
pub(super) fn io_error(path: &Path) -> impl Fn(std::io::Error) -> QueueError {
    move |error| QueueError::Io { path: path.to_owned(), reason: error.to_string() }
}

pub(super) fn open(directory: PathBuf, config: QueueConfig, meters: Meters) -> Result<Inner, QueueError> {
    fs::create_dir_all(&directory).map_err(io_error(&directory))?;
    let lock = lock(&directory)?;
    let cursor = cursor::read(&directory).unwrap_or(Position { segment: 0, offset: FIRST_RECORD });
    let mut segments = VecDeque::new();
    let mut newest = cursor.segment;
    for number in numbers(&directory)? {
        newest = newest.max(number);
        if let Some(extent) = mend(&directory, number, cursor, &meters)? {
            segments.push_back(extent);
        }
    }
    let unread = |extent: &Extent| extent.length - start_of(*extent, cursor).offset;
    let bytes = segments.iter().map(unread).sum();
    let read = segments.front().map_or(cursor, |first| start_of(*first, cursor));
    meters.bytes.set(bytes as f64);
    let state = State { segments, read, acknowledged: read, bytes, pending: Vec::new() };
    Ok(Inner {
        disk: Mutex::new(Disk::after(newest)),
        directory,
        config,
        meters,
        state: Mutex::new(state),
        gate: Arc::default(),
        committed: watch::Sender::new(0),
        _lock: lock,
    })
}

fn lock(directory: &Path) -> Result<File, QueueError> {
    let path = directory.join("lock");
    let file = OpenOptions::new().create(true).append(true).open(&path).map_err(io_error(&path))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(QueueError::Locked(directory.to_owned())),
        Err(TryLockError::Error(error)) => Err(io_error(&path)(error)),
    }
}

/// The numbers of all segments, ascending.
fn numbers(directory: &Path) -> Result<Vec<u64>, QueueError> {
    let mut numbers = Vec::new();
    for entry in fs::read_dir(directory).map_err(io_error(directory))? {
        numbers.extend(segment::number_of(&entry.map_err(io_error(directory))?.path()));
    }
    numbers.sort_unstable();
    Ok(numbers)
}

/// Where reading a segment begins: at the cursor if it lies there, else at its first record.
fn start_of(extent: Extent, cursor: Position) -> Position {
    let offset = if extent.number == cursor.segment { cursor.offset.min(extent.length) } else { FIRST_RECORD };
    Position { segment: extent.number, offset }
}

/// Cuts a segment at its last good record; removes it when nothing in it is needed.
fn mend(directory: &Path, number: u64, cursor: Position, meters: &Meters) -> Result<Option<Extent>, QueueError> {
    let path = segment::path(directory, number);
    let from = if number == cursor.segment { cursor.offset } else { FIRST_RECORD };
    let length = fs::metadata(&path).map_err(io_error(&path))?.len();
    if number < cursor.segment {
        fs::remove_file(&path).map_err(io_error(&path))?;
        return Ok(None);
    }
    let good = segment::good_length(&path, from)?;
    let cut = length - good.unwrap_or(0);
    if cut > 0 {
        meters.corrupt_bytes.add(cut);
        tracing::warn!(path = %path.display(), bytes = cut, "left out the damaged end of a queue segment");
    }
    match good {
        Some(good) if good > from => {
            if cut > 0 {
                let file = OpenOptions::new().write(true).open(&path).map_err(io_error(&path))?;
                file.set_len(good).and_then(|()| file.sync_data()).map_err(io_error(&path))?;
            }
            Ok(Some(Extent { number, length: good }))
        }
        _ => {
            fs::remove_file(&path).map_err(io_error(&path))?;
            Ok(None)
        }
    }
}
