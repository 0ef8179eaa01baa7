//! The journal: each change of a group, synced before it is acknowledged. See `docs/format/pushgateway.md`.
//!
//! A record holds a whole group as it is after the push, so that the last record of a key is all that counts, and
//! rewriting the file is writing the groups that live. It is rewritten when it has grown to twice what lives (and
//! [`REWRITE_BYTES_MIN`] at least), which bounds the file and keeps the cost of rewriting below that of the pushes.

use super::error::StartError;
use std::fs::{File, OpenOptions};
use std::io::{self, BufReader, Read, Write};
use std::path::{Path, PathBuf};

const MAGIC: &[u8; 8] = b"LGTMPGW1";

/// Length, checksum, kind.
const RECORD_HEADER_BYTES: usize = 9;

/// A journal below this length is never rewritten.
const REWRITE_BYTES_MIN: u64 = 4 << 20;

/// What a record says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A group is as the payload has it.
    Group = 1,
    /// The group of the payload's key is gone.
    Removed = 2,
    /// All groups are gone.
    Cleared = 3,
}

/// The file, and whether it can be appended to.
#[derive(Debug)]
pub(super) struct Journal {
    path: PathBuf,
    /// `None` after a failed write: what it left behind is unknown, so that the next change rewrites the file.
    file: Option<File>,
    length: u64,
}

impl Journal {
    /// Opens the journal, makes it if it is missing, and hands each record to `apply`, oldest first. A tail that is cut
    /// off or damaged is removed; the second value is how many bytes that were.
    ///
    /// `apply` says whether it understood the payload; a record that is whole but not understood is no damage, and
    /// nothing is removed.
    pub(super) fn open(path: &Path, mut apply: impl FnMut(Kind, &[u8]) -> bool) -> Result<(Self, u64), StartError> {
        let failed = |source| StartError::Journal { path: path.to_owned(), source };
        let mut journal = Self { path: path.to_owned(), file: None, length: 0 };
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder).map_err(failed)?;
        }
        let bytes = match std::fs::metadata(path) {
            Ok(metadata) => metadata.len(),
            Err(error) if error.kind() == io::ErrorKind::NotFound => 0,
            Err(error) => return Err(failed(error)),
        };
        if bytes == 0 {
            journal.rewrite(std::iter::empty()).map_err(failed)?;
            return Ok((journal, 0));
        }
        let file = OpenOptions::new().read(true).append(true).open(path).map_err(failed)?;
        let mut reader = BufReader::new(&file);
        let mut magic = [0; MAGIC.len()];
        match reader.read_exact(&mut magic) {
            Ok(()) if magic == *MAGIC => {}
            Ok(()) => return Err(StartError::Foreign(path.to_owned())),
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
                return Err(StartError::Foreign(path.to_owned()));
            }
            Err(error) => return Err(failed(error)),
        }
        journal.length = MAGIC.len() as u64;
        while let Some((kind, payload)) = read_record(&mut reader, bytes - journal.length).map_err(failed)? {
            let Some(kind) = known(kind) else { return Err(StartError::Foreign(path.to_owned())) };
            if !apply(kind, &payload) {
                return Err(StartError::Foreign(path.to_owned()));
            }
            journal.length += (RECORD_HEADER_BYTES + payload.len()) as u64;
        }
        let cut = bytes - journal.length;
        if cut > 0 {
            file.set_len(journal.length).and_then(|()| file.sync_all()).map_err(failed)?;
        }
        journal.file = Some(file);
        Ok((journal, cut))
    }

    /// The file's length.
    pub(super) fn length(&self) -> u64 {
        self.length
    }

    /// Where it is.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Whether the next change should be preceded by [`Journal::rewrite`], when the groups that live have `live_bytes`.
    pub(super) fn wants_rewrite(&self, live_bytes: usize) -> bool {
        self.file.is_none() || self.length > REWRITE_BYTES_MIN.max(2 * live_bytes as u64)
    }

    /// Appends a record and syncs it. Blocks. After an error the record is as good as not written.
    pub(super) fn append(&mut self, kind: Kind, payload: &[u8]) -> io::Result<()> {
        let record = encode(kind, payload)?;
        let Some(mut file) = self.file.take() else {
            return Err(io::Error::other("an earlier write failed and the file could not be rewritten"));
        };
        file.write_all(&record).and_then(|()| file.sync_data())?;
        self.length += record.len() as u64;
        self.file = Some(file);
        Ok(())
    }

    /// Writes the groups that live into a new file, which then takes this one's place. Blocks.
    pub(super) fn rewrite(&mut self, groups: impl Iterator<Item = Vec<u8>>) -> io::Result<()> {
        let new = self.path.with_extension("journal.new");
        let mut writer = io::BufWriter::new(File::create(&new)?);
        writer.write_all(MAGIC)?;
        let mut length = MAGIC.len() as u64;
        for group in groups {
            let record = encode(Kind::Group, &group)?;
            writer.write_all(&record)?;
            length += record.len() as u64;
        }
        let file = writer.into_inner().map_err(io::IntoInnerError::into_error)?;
        file.sync_all()?;
        std::fs::rename(&new, &self.path)?;
        sync_folder_of(&self.path)?;
        (self.file, self.length) = (Some(file), length);
        Ok(())
    }
}

fn known(kind: u8) -> Option<Kind> {
    [Kind::Group, Kind::Removed, Kind::Cleared].into_iter().find(|known| *known as u8 == kind)
}

fn encode(kind: Kind, payload: &[u8]) -> io::Result<Vec<u8>> {
    let length = u32::try_from(payload.len()).map_err(|_| io::Error::other("a group of more than 4 GiB"))?;
    let mut record = Vec::with_capacity(RECORD_HEADER_BYTES + payload.len());
    record.extend_from_slice(&length.to_le_bytes());
    record.extend_from_slice(&checksum(length, kind as u8, payload).to_le_bytes());
    record.push(kind as u8);
    record.extend_from_slice(payload);
    Ok(record)
}

fn checksum(length: u32, kind: u8, payload: &[u8]) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(&length.to_le_bytes());
    hasher.update(&[kind]);
    hasher.update(payload);
    hasher.finalize()
}

/// The next record of a file that has `left` more bytes; `None` at the end and where the record is cut off or damaged.
fn read_record(reader: &mut impl Read, left: u64) -> io::Result<Option<(u8, Vec<u8>)>> {
    if left < RECORD_HEADER_BYTES as u64 {
        return Ok(None);
    }
    let mut header = [0; RECORD_HEADER_BYTES];
    reader.read_exact(&mut header)?;
    let [a, b, c, d, e, f, g, h, kind] = header;
    let length = u32::from_le_bytes([a, b, c, d]);
    if u64::from(length) > left - RECORD_HEADER_BYTES as u64 {
        return Ok(None);
    }
    let mut payload = vec![0; length as usize];
    reader.read_exact(&mut payload)?;
    let good = checksum(length, kind, &payload) == u32::from_le_bytes([e, f, g, h]);
    Ok(good.then_some((kind, payload)))
}

fn sync_folder_of(path: &Path) -> io::Result<()> {
    match path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        Some(folder) => File::open(folder)?.sync_all(),
        None => File::open(".")?.sync_all(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn records(path: &Path) -> (Vec<(Kind, Vec<u8>)>, u64) {
        let mut records = Vec::new();
        let (_, cut) = Journal::open(path, |kind, payload| {
            records.push((kind, payload.to_vec()));
            true
        })
        .unwrap();
        (records, cut)
    }

    #[test]
    fn a_journal_cut_anywhere_gives_back_its_whole_records() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("pushgateway.journal");
        let (mut journal, _) = Journal::open(&path, |_, _| true).unwrap();
        for number in 0..5_u8 {
            journal.append(Kind::Group, &vec![number; number as usize]).unwrap();
        }
        let whole = std::fs::read(&path).unwrap();
        assert_eq!(journal.length(), whole.len() as u64);
        for end in MAGIC.len()..whole.len() {
            std::fs::write(&path, &whole[..end]).unwrap();
            let (found, cut) = records(&path);
            let kept: usize = found.iter().map(|(_, payload)| payload.len() + RECORD_HEADER_BYTES).sum();
            assert_eq!(kept as u64 + cut, (end - MAGIC.len()) as u64);
            assert!(found.iter().enumerate().all(|(index, (_, payload))| *payload == vec![index as u8; index]));
            // What was cut is gone, and appending goes on behind what is good.
            let (mut journal, _) = Journal::open(&path, |_, _| true).unwrap();
            journal.append(Kind::Cleared, &[]).unwrap();
            assert_eq!(records(&path).0.len(), found.len() + 1);
        }
    }

    #[test]
    fn a_flipped_bit_ends_the_journal_there_and_another_file_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("pushgateway.journal");
        let (mut journal, _) = Journal::open(&path, |_, _| true).unwrap();
        journal.append(Kind::Group, b"one").unwrap();
        journal.append(Kind::Removed, b"two").unwrap();
        let mut bytes = std::fs::read(&path).unwrap();
        let last = bytes.len() - 1;
        bytes[last] ^= 4;
        std::fs::write(&path, &bytes).unwrap();
        assert_eq!(records(&path), (vec![(Kind::Group, b"one".to_vec())], 12));
        std::fs::write(&path, b"something else").unwrap();
        assert!(matches!(Journal::open(&path, |_, _| true), Err(StartError::Foreign(_))));
        assert_eq!(std::fs::read(&path).unwrap(), b"something else");
    }

    #[test]
    fn rewriting_keeps_what_lives() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("pushgateway.journal");
        let (mut journal, _) = Journal::open(&path, |_, _| true).unwrap();
        let large = vec![7; 1 << 20];
        let mut rewritten = 0;
        for _ in 0..20 {
            if journal.wants_rewrite(large.len()) {
                journal.rewrite(std::iter::once(large.clone())).unwrap();
                rewritten += 1;
            }
            journal.append(Kind::Group, &large).unwrap();
            assert!(journal.length() <= REWRITE_BYTES_MIN + 2 * large.len() as u64);
        }
        assert!((1..=6).contains(&rewritten), "{rewritten}");
        assert!(records(&path).0.iter().all(|(_, payload)| *payload == large));
    }
}
