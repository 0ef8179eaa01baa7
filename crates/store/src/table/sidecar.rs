//! The file beside a Parquet file: its token filters and what else its signal wants to know without opening it. Laid
//! out in `docs/format/token-filter.md`.

use super::bloom;
use super::needle::Needle;
use super::token::TokenSet;
use crate::error::StoreError;
use bytes::Bytes;

const MAGIC: &[u8; 4] = b"LGTF";
const VERSION: u8 = 1;
const UNWINDOWED: u8 = 1;
/// Magic, version, three bytes of zeros, row groups, annex length.
const HEADER_BYTES: usize = 16;
/// Rows, filter length, flags with three bytes of zeros.
const GROUP_BYTES: usize = 12;
const CHECKSUM_BYTES: usize = 4;

/// Where the sidecar of a Parquet file lies.
pub fn sidecar_path(parquet_path: &str) -> String {
    format!("{}.tokens", parquet_path.strip_suffix(".parquet").unwrap_or(parquet_path))
}

#[derive(Debug)]
struct RowGroup {
    rows: u32,
    unwindowed: bool,
    filter: Bytes,
}

/// A decoded sidecar; filters stay in the bytes that were read.
#[derive(Debug)]
pub struct Sidecar {
    groups: Vec<RowGroup>,
    annex: Bytes,
    size_bytes: usize,
}

/// Row groups with their tokens, and the annex, to bytes.
pub(super) fn encode(groups: Vec<(usize, TokenSet)>, annex: &[u8]) -> Vec<u8> {
    let mut head = Vec::new();
    head.extend_from_slice(MAGIC);
    head.extend_from_slice(&[VERSION, 0, 0, 0]);
    head.extend_from_slice(&(groups.len() as u32).to_le_bytes());
    head.extend_from_slice(&(annex.len() as u32).to_le_bytes());
    let mut filters = Vec::new();
    for (rows, set) in groups {
        let (hashes, unwindowed) = set.into_parts();
        let filter = bloom::build(&hashes);
        head.extend_from_slice(&(rows as u32).to_le_bytes());
        head.extend_from_slice(&(filter.len() as u32).to_le_bytes());
        head.extend_from_slice(&[if unwindowed { UNWINDOWED } else { 0 }, 0, 0, 0]);
        filters.extend_from_slice(&filter);
    }
    head.extend_from_slice(annex);
    head.extend_from_slice(&filters);
    let checksum = crc32fast::hash(&head);
    head.extend_from_slice(&checksum.to_le_bytes());
    head
}

impl Sidecar {
    /// Reads what a flush or a merge wrote.
    ///
    /// # Errors
    /// [`StoreError::Damaged`] with the check that failed.
    pub fn decode(path: &str, bytes: Bytes) -> Result<Self, StoreError> {
        let damaged = |reason: &str| StoreError::damaged(path, reason);
        let number = |at: usize| {
            bytes.get(at..at + 4).and_then(|four| four.try_into().ok()).map(u32::from_le_bytes).unwrap_or(u32::MAX)
        };
        if bytes.len() < HEADER_BYTES + CHECKSUM_BYTES || &bytes[..4] != MAGIC {
            return Err(damaged("it does not begin as a sidecar"));
        }
        if bytes[4] != VERSION {
            return Err(damaged("its version is unknown"));
        }
        let end = bytes.len() - CHECKSUM_BYTES;
        if crc32fast::hash(&bytes[..end]) != number(end) {
            return Err(damaged("its checksum does not fit"));
        }
        let (count, annex_bytes) = (number(8) as usize, number(12) as usize);
        let annex_start = count.saturating_mul(GROUP_BYTES).saturating_add(HEADER_BYTES);
        let mut filter_start = annex_start.saturating_add(annex_bytes);
        if filter_start > end {
            return Err(damaged("its parts are longer than the file"));
        }
        let mut groups = Vec::with_capacity(count);
        for group in 0..count {
            let at = HEADER_BYTES + group * GROUP_BYTES;
            let filter_end = filter_start + number(at + 4) as usize;
            if filter_end > end {
                return Err(damaged("a filter is longer than the file"));
            }
            let filter = bytes.slice(filter_start..filter_end);
            groups.push(RowGroup { rows: number(at), unwindowed: bytes[at + 8] & UNWINDOWED != 0, filter });
            filter_start = filter_end;
        }
        let annex = bytes.slice(annex_start..annex_start + annex_bytes);
        Ok(Self { groups, annex, size_bytes: bytes.len() })
    }

    /// What the signal stored beside the filters.
    pub fn annex(&self) -> &Bytes {
        &self.annex
    }

    /// How many row groups the Parquet file has.
    pub fn row_groups(&self) -> usize {
        self.groups.len()
    }

    /// The Parquet file's rows.
    pub fn rows(&self) -> u64 {
        self.groups.iter().map(|group| u64::from(group.rows)).sum()
    }

    /// Memory that it holds, in bytes.
    pub(super) fn size_bytes(&self) -> usize {
        self.size_bytes
    }

    /// Which row groups may have rows with the needle.
    pub(super) fn select(&self, needle: &Needle) -> Vec<bool> {
        self.groups.iter().map(|group| needle.may_be_in(&group.filter, group.unwindowed)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::super::needle::{Clause, TextNeedle};
    use super::*;

    fn example() -> Vec<u8> {
        let mut first = TokenSet::default();
        first.text("one two");
        let mut second = TokenSet::default();
        second.text("three");
        encode(vec![(10, first), (5, second)], b"annex")
    }

    #[test]
    fn filters_and_annex_come_back() {
        let sidecar = Sidecar::decode("x", example().into()).unwrap();
        assert_eq!((sidecar.row_groups(), sidecar.rows(), &sidecar.annex()[..]), (2, 15, &b"annex"[..]));
        let mut needle = Needle::default();
        needle.and(Clause(vec![TextNeedle::part(" three ")]));
        assert_eq!(sidecar.select(&needle), [false, true]);
        assert_eq!(sidecar.select(&Needle::default()), [true, true]);
    }

    #[test]
    fn every_damaged_byte_and_every_cut_is_noticed() {
        let good = example();
        for at in 0..good.len() {
            let mut bad = good.clone();
            bad[at] ^= 0x10;
            assert!(Sidecar::decode("x", bad.into()).is_err(), "byte {at}");
            assert!(Sidecar::decode("x", good[..at].to_vec().into()).is_err(), "cut at {at}");
        }
    }

    #[test]
    fn paths_differ_by_their_ending() {
        assert_eq!(sidecar_path("logs/a.parquet"), "logs/a.tokens");
    }
}
