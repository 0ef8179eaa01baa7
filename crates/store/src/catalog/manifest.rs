//! The objects under `catalog/`: commits and checkpoints. Their bytes are drawn in docs/format/catalog.md.
//!
//! Both begin with a magic of eight bytes that ends in the kind and the format's version, and end with a CRC-32 of
//! everything before.

use super::codec::{Decoder, Encoder};
use super::snapshot::{Change, Damaged, Day, Removed, Snapshot};
use crate::error::StoreError;
use bytes::Bytes;
use lgtm_model::TimestampNs;
use std::sync::Arc;

const COMMIT_MAGIC: [u8; 8] = *b"lgtmcmt\x01";
const CHECKPOINT_MAGIC: [u8; 8] = *b"lgtmckp\x01";
/// The folder of the commits.
pub(super) const COMMITS: &str = "catalog/commits";
/// The folder of the checkpoints.
pub(super) const CHECKPOINTS: &str = "catalog/checkpoints";

/// One link of the chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Commit {
    /// The state's version after it.
    pub version: u64,
    /// Which process made it.
    pub writer: u64,
    /// When, by that process's clock.
    pub time: TimestampNs,
    /// What it did.
    pub change: Change,
}

/// Where the commit that leads to `version` lies.
pub(super) fn commit_path(version: u64) -> String {
    format!("{COMMITS}/{version:020}")
}

/// Where the state at `version` lies.
pub(super) fn checkpoint_path(version: u64) -> String {
    format!("{CHECKPOINTS}/{version:020}")
}

/// The version in an object's name.
pub(super) fn version_of(path: &str) -> Option<u64> {
    path.rsplit('/').next().filter(|name| name.len() == 20)?.parse().ok()
}

pub(super) fn encode_commit(commit: &Commit) -> Bytes {
    let mut encoder = Encoder(COMMIT_MAGIC.to_vec());
    encoder.number(commit.version);
    encoder.0.extend_from_slice(&commit.writer.to_le_bytes());
    encoder.signed(commit.time.0);
    encoder.change(&commit.change);
    seal(encoder)
}

pub(super) fn decode_commit(path: &str, bytes: &[u8]) -> Result<Commit, StoreError> {
    let mut decoder = Decoder(unseal(path, bytes, COMMIT_MAGIC)?);
    let mut read = || {
        let version = decoder.number()?;
        let mut writer = [0; 8];
        for byte in &mut writer {
            *byte = decoder.byte()?;
        }
        let time = TimestampNs(decoder.signed()?);
        Some(Commit { version, writer: u64::from_le_bytes(writer), time, change: decoder.change()? })
    };
    let commit = read().filter(|commit| Some(commit.version) == version_of(path));
    commit.ok_or_else(|| StoreError::damaged(path, "not the commit that its name says"))
}

pub(super) fn encode_checkpoint(snapshot: &Snapshot) -> Bytes {
    let mut encoder = Encoder(CHECKPOINT_MAGIC.to_vec());
    encoder.number(snapshot.version);
    encoder.list(snapshot.offsets.iter().map(|(signal, position)| (*signal, *position)), Encoder::offset);
    encoder.list(snapshot.marks.iter(), Encoder::pair);
    encoder.list(snapshot.days.iter(), |encoder, ((signal, day), files)| {
        encoder.signal(*signal);
        encoder.signed(*day);
        encoder.list(files.files.values(), |encoder, entry| encoder.entry(entry));
        encoder.list(files.removed.values(), |encoder, removed| {
            encoder.entry(&removed.entry);
            encoder.signed(removed.removed_at.0);
        });
        encoder.list(files.damaged.values(), |encoder, damaged| {
            encoder.entry(&damaged.entry);
            encoder.text(&damaged.reason);
        });
    });
    seal(encoder)
}

pub(super) fn decode_checkpoint(path: &str, bytes: &[u8]) -> Result<Snapshot, StoreError> {
    let mut decoder = Decoder(unseal(path, bytes, CHECKPOINT_MAGIC)?);
    let snapshot = read_snapshot(&mut decoder).filter(|snapshot| Some(snapshot.version) == version_of(path));
    snapshot.ok_or_else(|| StoreError::damaged(path, "not the checkpoint that its name says"))
}

fn read_snapshot(decoder: &mut Decoder<'_>) -> Option<Snapshot> {
    let mut snapshot = Snapshot { version: decoder.number()?, ..Snapshot::default() };
    snapshot.offsets = decoder.list(Decoder::offset)?.into_iter().collect();
    snapshot.marks = Arc::new(decoder.list(Decoder::pair)?.into_iter().collect());
    let days = decoder.list(|decoder| {
        let place = (decoder.signal()?, decoder.signed()?);
        let files = decoder.list(Decoder::entry)?;
        let removed = decoder.list(|decoder| {
            let entry = Arc::new(decoder.entry()?);
            Some(Removed { entry, removed_at: TimestampNs(decoder.signed()?) })
        })?;
        let damaged = decoder.list(|decoder| {
            let entry = Arc::new(decoder.entry()?);
            Some(Damaged { entry, reason: decoder.text()? })
        })?;
        let day = Day {
            files: files.into_iter().map(|entry| (entry.path.clone(), Arc::new(entry))).collect(),
            removed: removed.into_iter().map(|removed| (removed.entry.path.clone(), removed)).collect(),
            damaged: damaged.into_iter().map(|damaged| (damaged.entry.path.clone(), damaged)).collect(),
        };
        Some((place, Arc::new(day)))
    })?;
    for ((signal, _), day) in &days {
        *snapshot.file_counts.entry(*signal).or_default() += day.files.len();
    }
    snapshot.days = days.into_iter().collect();
    Some(snapshot)
}

fn seal(mut encoder: Encoder) -> Bytes {
    let crc = crc32fast::hash(&encoder.0);
    encoder.0.extend_from_slice(&crc.to_le_bytes());
    encoder.0.into()
}

fn unseal<'a>(path: &str, bytes: &'a [u8], magic: [u8; 8]) -> Result<&'a [u8], StoreError> {
    let Some((body, crc)) = bytes.split_last_chunk::<4>() else { return Err(StoreError::damaged(path, "too short")) };
    if crc32fast::hash(body) != u32::from_le_bytes(*crc) {
        return Err(StoreError::damaged(path, "its checksum does not match"));
    }
    body.strip_prefix(magic.as_slice())
        .ok_or_else(|| StoreError::damaged(path, "not an object of this catalog's format"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::{FileEntry, FileKey};
    use crate::journal::Position;
    use crate::signal::Signal;

    fn entry(path: &str) -> FileEntry {
        FileEntry {
            path: path.to_owned(),
            signal: Signal::Spans,
            day: -3,
            level: 2,
            rows: 1 << 40,
            bytes: 300,
            time_min: TimestampNs(i64::MIN),
            time_max: TimestampNs(i64::MAX),
            sidecars: vec!["spans/x.tokens".to_owned()],
            properties: [("sort".to_owned(), "service".to_owned())].into(),
        }
    }

    #[test]
    fn commits_and_checkpoints_are_read_back_as_written() {
        let key = |path: &str| FileKey { signal: Signal::Spans, day: -3, path: path.to_owned() };
        let change = Change {
            add: vec![entry("a"), entry("b"), entry("c")],
            offsets: vec![(Signal::Spans, Position(77))],
            marks: vec![("published".to_owned(), "12".to_owned())],
            ..Change::default()
        };
        let shrink =
            Change { remove: vec![key("a")], set_aside: vec![(key("b"), "torn".to_owned())], ..Change::default() };
        let commit = Commit { version: 5, writer: u64::MAX - 1, time: TimestampNs(-9), change: shrink.clone() };
        assert_eq!(decode_commit(&commit_path(5), &encode_commit(&commit)).unwrap(), commit);
        let state = Snapshot::default().apply(&change, TimestampNs(1)).unwrap().apply(&shrink, TimestampNs(2)).unwrap();
        assert_eq!(decode_checkpoint(&checkpoint_path(2), &encode_checkpoint(&state)).unwrap(), state);
    }

    #[test]
    fn damage_is_named_and_never_panics() {
        let commit = Commit {
            version: 5,
            writer: 1,
            time: TimestampNs(0),
            change: Change { add: vec![entry("a")], ..Change::default() },
        };
        let bytes = encode_commit(&commit);
        for index in 0..bytes.len() {
            let mut changed = bytes.to_vec();
            changed[index] ^= 0x10;
            assert!(decode_commit(&commit_path(5), &changed).is_err(), "{index}");
            assert!(decode_commit(&commit_path(5), &bytes[..index]).is_err(), "{index}");
        }
        assert!(decode_commit(&commit_path(6), &bytes).is_err());
    }
}
