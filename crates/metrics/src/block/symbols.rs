//! All names and values of labels, each once, sorted: a string's number orders as the string does.

use crate::codec::CodecError;
use crate::codec::bits::{Reader, put_bytes, put_varint};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

/// Gives each string its number and appends the table.
pub fn write<'a>(texts: BTreeSet<&'a str>, out: &mut Vec<u8>) -> BTreeMap<&'a str, u32> {
    put_varint(out, texts.len() as u64);
    for text in &texts {
        put_bytes(out, text.as_bytes());
    }
    texts.into_iter().zip(0..).collect()
}

/// The table of an open block: where each string lies.
#[derive(Debug)]
pub struct Symbols {
    ranges: Vec<Range<u32>>,
}

impl Symbols {
    /// Finds the strings of a section.
    pub fn open(section: &[u8]) -> Result<Self, CodecError> {
        let mut reader = Reader::new(section);
        let count = reader.count(section.len())?;
        let mut ranges = Vec::with_capacity(count);
        for _ in 0..count {
            let text = reader.counted_bytes()?;
            std::str::from_utf8(text).map_err(|_| CodecError::Invalid("a string is not UTF-8"))?;
            let end = (section.len() - reader.rest().len()) as u32;
            ranges.push(end - text.len() as u32..end);
        }
        Ok(Self { ranges })
    }

    /// The string with this number.
    pub fn get<'a>(&self, section: &'a [u8], number: u32) -> Result<&'a str, CodecError> {
        let range = self.ranges.get(number as usize).ok_or(CodecError::Invalid("no string has this number"))?;
        let bytes = section.get(range.start as usize..range.end as usize).ok_or(CodecError::Truncated)?;
        std::str::from_utf8(bytes).map_err(|_| CodecError::Invalid("a string is not UTF-8"))
    }

    /// The number of a string.
    pub fn find(&self, section: &[u8], text: &str) -> Option<u32> {
        let found = self.ranges.binary_search_by(|range| {
            section.get(range.start as usize..range.end as usize).unwrap_or_default().cmp(text.as_bytes())
        });
        found.ok().map(|index| index as u32)
    }
}
