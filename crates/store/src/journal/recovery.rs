//! What a journal does when it is opened: find its segments, replay what is not in files yet, cut or set aside the rest.
//!
//! 1. Segments are read in the order of their first positions. One whose records all lie at or below the catalog's
//!    offset is not even read.
//! 2. Every record that validates and lies above the offset is handed over. A broken record with a good one behind it
//!    costs that one record ([`segment::scan`]).
//! 3. The last segment may end in a torn write: nobody was told that it succeeded, so the tail is cut off and counted.
//! 4. A segment that is broken anywhere else, or whose record the reader cannot decode, is set aside: it gets a second
//!    name that ends in `.damaged` and is never deleted by the store. What validates in it is replayed all the same.

use super::Position;
use super::segment::{self, SEGMENT_HEADER_BYTES, Scan, Segment};
use crate::disk::Disk;
use crate::error::StoreError;
use std::io;
use std::path::Path;

/// What opening a journal found. Everything but `replayed_records` and `segments` is zero after an orderly stop.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RecoveryReport {
    /// Segments that were read.
    pub segments: usize,
    /// Records handed to the replay.
    pub replayed_records: u64,
    /// Bytes cut from the end of the last segment: a write that was never acknowledged.
    pub cut_bytes: u64,
    /// Records known to be lost to damage.
    pub lost_records: u64,
    /// Records that validate but that the replay could not decode.
    pub undecodable_records: u64,
    /// Segments set aside as `.damaged`.
    pub damaged_segments: Vec<String>,
}

/// The journal's state after recovery.
pub(super) struct Recovered {
    pub next: Position,
    pub segments: Vec<Segment>,
    pub report: RecoveryReport,
}

/// Decodes one record and applies it to the table under construction; an error says what is wrong with it.
pub(super) type Replay<'a> = dyn FnMut(Position, &[u8]) -> Result<(), String> + 'a;

/// Reads the journal in `dir`; `after` is the position up to which everything is in committed files.
pub(super) fn recover(
    disk: &dyn Disk,
    dir: &Path,
    after: Position,
    replay: &mut Replay<'_>,
) -> Result<Recovered, StoreError> {
    let mut segments: Vec<Segment> = disk
        .list(dir)
        .map_err(StoreError::disk("list", dir))?
        .iter()
        .filter_map(|(path, _)| Segment::from_path(path))
        .collect();
    segments.sort_by_key(|segment| segment.first);
    let mut recovery = Recovered {
        next: after.next(),
        segments: Vec::with_capacity(segments.len()),
        report: RecoveryReport::default(),
    };
    for (index, segment) in segments.iter().enumerate() {
        let end = segments.get(index + 1).map(|next| next.first);
        if end.is_some_and(|end| end <= after.next()) {
            recovery.segments.push(segment.clone());
            continue;
        }
        read_segment(disk, segment, end, after, replay, &mut recovery)?;
    }
    Ok(recovery)
}

fn read_segment(
    disk: &dyn Disk,
    segment: &Segment,
    end: Option<Position>,
    after: Position,
    replay: &mut Replay<'_>,
    recovery: &mut Recovered,
) -> Result<(), StoreError> {
    let bytes = disk.read(&segment.path).map_err(StoreError::disk("read", &segment.path))?;
    let report = &mut recovery.report;
    report.segments += 1;
    let undecodable_before = report.undecodable_records;
    let scan = segment::scan(&bytes, segment.first, end, |position, payload| {
        if position <= after {
            return;
        }
        match replay(position, payload) {
            Ok(()) => report.replayed_records += 1,
            Err(reason) => {
                tracing::error!(segment = %segment.path.display(), position = position.0, reason, "undecodable record");
                report.undecodable_records += 1;
            }
        }
    });
    let undecodable = report.undecodable_records > undecodable_before;
    recovery.next = recovery.next.max(scan.next).max(segment.first);
    match end {
        Some(end) => report.lost_records += scan.broken_records + (end.0 - scan.next.0),
        None => report.lost_records += scan.broken_records,
    }
    let damaged = undecodable
        || scan.broken_records > 0
        || end.is_some_and(|end| scan.next < end)
        || (!scan.header_ok && bytes.len() > SEGMENT_HEADER_BYTES);
    if damaged {
        set_aside(disk, segment, report)?;
    }
    if end.is_none() {
        cut_tail(disk, segment, &scan, report)?;
    }
    let is_empty = end.is_none() && scan.next == segment.first;
    if is_empty {
        // The next append begins a segment with this very name.
        disk.remove(&segment.path).map_err(StoreError::disk("remove", &segment.path))?;
    } else {
        recovery.segments.push(segment.clone());
    }
    Ok(())
}

fn cut_tail(disk: &dyn Disk, segment: &Segment, scan: &Scan, report: &mut RecoveryReport) -> Result<(), StoreError> {
    if scan.tail_bytes == 0 {
        return Ok(());
    }
    report.cut_bytes += scan.tail_bytes as u64;
    tracing::warn!(segment = %segment.path.display(), bytes = scan.tail_bytes, "cut a write that was never acknowledged");
    if scan.header_ok {
        disk.truncate(&segment.path, scan.good_bytes as u64).map_err(StoreError::disk("truncate", &segment.path))?;
    }
    Ok(())
}

fn set_aside(disk: &dyn Disk, segment: &Segment, report: &mut RecoveryReport) -> Result<(), StoreError> {
    let mut name = segment.path.clone().into_os_string();
    name.push(".damaged");
    let aside = Path::new(&name);
    // `truncate` and later cuts work on the first name; the second keeps the bytes for whoever looks into the damage.
    // A link shares the bytes, so the whole content is copied when the tail is about to be cut.
    match copy(disk, &segment.path, aside) {
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
        Err(error) => return Err(StoreError::disk("set aside", &segment.path)(error)),
    }
    tracing::error!(segment = %segment.path.display(), aside = %aside.display(), "damaged segment set aside");
    report.damaged_segments.push(aside.display().to_string());
    Ok(())
}

fn copy(disk: &dyn Disk, from: &Path, to: &Path) -> io::Result<()> {
    let bytes = disk.read(from)?;
    let mut file = disk.create_new(to)?;
    file.write_all(&bytes)?;
    file.sync()
}
