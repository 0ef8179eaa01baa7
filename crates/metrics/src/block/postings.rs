//! Which series have which label: by name, by value, the ids of the series in ascending order.
//!
//! Short lists (most values of `instance` or `le` in a small block) are differences in a byte or two each; longer ones
//! are portable roaring bitmaps.

use super::symbols::Symbols;
use crate::codec::CodecError;
use crate::codec::bits::{Reader, put_bytes, put_varint};
use crate::index::Postings;
use roaring::RoaringBitmap;
use std::collections::BTreeMap;
use std::ops::Range;

/// Lists up to this length are written as differences.
const SHORT_LIST: u64 = 32;

/// Ids by number of the name and number of the value.
pub type Lists = BTreeMap<u32, BTreeMap<u32, RoaringBitmap>>;

/// Appends the section.
pub fn write(lists: &Lists, out: &mut Vec<u8>) {
    put_varint(out, lists.len() as u64);
    for (name, values) in lists {
        put_varint(out, u64::from(*name));
        put_varint(out, values.len() as u64);
        for (value, ids) in values {
            put_varint(out, u64::from(*value));
            put_bytes(out, &write_list(ids));
        }
    }
}

fn write_list(ids: &RoaringBitmap) -> Vec<u8> {
    let mut list = Vec::new();
    if ids.len() <= SHORT_LIST {
        list.push(0);
        let mut next = 0;
        for id in ids {
            put_varint(&mut list, u64::from(id - next));
            next = id + 1;
        }
    } else {
        list.push(1);
        // Writing into a vector cannot fail.
        let _written = ids.serialize_into(&mut list);
    }
    list
}

fn read_list(bytes: &[u8], into: &mut RoaringBitmap) -> Result<(), CodecError> {
    let mut reader = Reader::new(bytes);
    if reader.byte()? != 0 {
        let ids = RoaringBitmap::deserialize_from(reader.rest()).map_err(|_| CodecError::Invalid("a broken bitmap"))?;
        *into |= ids;
        return Ok(());
    }
    let mut next = 0_u64;
    while !reader.is_empty() {
        let id = next.saturating_add(reader.varint()?);
        into.insert(u32::try_from(id).map_err(|_| CodecError::Invalid("an id is too large"))?);
        next = id + 1;
    }
    Ok(())
}

/// A value's number and where its list lies in the section.
type List = (u32, Range<u32>);

/// Where the lists of an open block lie: name, then value, sorted by number and therefore by text.
#[derive(Debug)]
pub struct PostingsIndex {
    names: Vec<(u32, Vec<List>)>,
}

impl PostingsIndex {
    /// Finds the lists of a section, reading each once so that no later look-up can fail.
    pub fn open(section: &[u8]) -> Result<Self, CodecError> {
        let mut reader = Reader::new(section);
        let mut names = Vec::new();
        for _ in 0..reader.count(section.len())? {
            let name = reader.count(u32::MAX as usize)? as u32;
            let count = reader.count(section.len())?;
            let mut values = Vec::with_capacity(count);
            for _ in 0..count {
                let value = reader.count(u32::MAX as usize)? as u32;
                let list = reader.counted_bytes()?;
                read_list(list, &mut RoaringBitmap::new())?;
                let end = (section.len() - reader.rest().len()) as u32;
                values.push((value, end - list.len() as u32..end));
            }
            names.push((name, values));
        }
        Ok(Self { names })
    }

    /// Names of labels, as numbers of strings.
    pub fn names(&self) -> impl Iterator<Item = u32> + '_ {
        self.names.iter().map(|(name, _)| *name)
    }

    /// Values of a label, as numbers of strings.
    pub fn values(&self, name: u32) -> impl Iterator<Item = u32> + '_ {
        self.lists(name).iter().map(|(value, _)| *value)
    }

    fn lists(&self, name: u32) -> &[List] {
        match self.names.binary_search_by_key(&name, |(name, _)| *name) {
            Ok(index) => &self.names[index].1,
            Err(_) => &[],
        }
    }
}

/// The postings of an open block, borrowed for one look-up.
pub struct BlockPostings<'a> {
    pub(super) index: &'a PostingsIndex,
    pub(super) section: &'a [u8],
    pub(super) symbols: &'a Symbols,
    pub(super) texts: &'a [u8],
    pub(super) series_count: u32,
}

impl BlockPostings<'_> {
    fn add(&self, range: &Range<u32>, into: &mut RoaringBitmap) {
        // Every list was read when the block was opened.
        let _readable = read_list(&self.section[range.start as usize..range.end as usize], into);
    }
}

impl Postings for BlockPostings<'_> {
    fn all(&self) -> RoaringBitmap {
        (0..self.series_count).collect()
    }

    fn add_value(&self, name: &str, value: &str, into: &mut RoaringBitmap) {
        let find = |text| self.symbols.find(self.texts, text);
        let (Some(name), Some(value)) = (find(name), find(value)) else { return };
        let lists = self.index.lists(name);
        if let Ok(index) = lists.binary_search_by_key(&value, |(value, _)| *value) {
            self.add(&lists[index].1, into);
        }
    }

    fn add_values(&self, name: &str, wanted: &mut dyn FnMut(&str) -> bool, into: &mut RoaringBitmap) {
        let Some(name) = self.symbols.find(self.texts, name) else { return };
        for (value, range) in self.index.lists(name) {
            if self.symbols.get(self.texts, *value).is_ok_and(&mut *wanted) {
                self.add(range, into);
            }
        }
    }
}
