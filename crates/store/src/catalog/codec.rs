//! Numbers and texts as manifest objects hold them: LEB128 numbers, zigzag for signed ones, texts behind their length.

use super::snapshot::{Change, FileEntry, FileKey};
use crate::journal::Position;
use crate::signal::Signal;
use lgtm_model::TimestampNs;

/// Appends values to a buffer.
#[derive(Default)]
pub(super) struct Encoder(pub Vec<u8>);

impl Encoder {
    pub(super) fn number(&mut self, mut value: u64) {
        while value >= 0x80 {
            self.0.push((value as u8 & 0x7f) | 0x80);
            value >>= 7;
        }
        self.0.push(value as u8);
    }

    pub(super) fn signed(&mut self, value: i64) {
        self.number(((value << 1) ^ (value >> 63)) as u64);
    }

    pub(super) fn text(&mut self, text: &str) {
        self.number(text.len() as u64);
        self.0.extend_from_slice(text.as_bytes());
    }

    pub(super) fn list<T>(&mut self, items: impl ExactSizeIterator<Item = T>, mut each: impl FnMut(&mut Self, T)) {
        self.number(items.len() as u64);
        for item in items {
            each(self, item);
        }
    }

    pub(super) fn signal(&mut self, signal: Signal) {
        self.0.push(signal.code());
    }

    pub(super) fn key(&mut self, key: &FileKey) {
        self.signal(key.signal);
        self.signed(key.day);
        self.text(&key.path);
    }

    pub(super) fn entry(&mut self, entry: &FileEntry) {
        self.signal(entry.signal);
        self.signed(entry.day);
        self.text(&entry.path);
        self.0.push(entry.level);
        self.number(entry.rows);
        self.number(entry.bytes);
        self.signed(entry.time_min.0);
        self.signed(entry.time_max.0);
        self.list(entry.sidecars.iter(), |encoder, path| encoder.text(path));
        self.list(entry.properties.iter(), Self::pair);
    }

    pub(super) fn pair(&mut self, (name, value): (&String, &String)) {
        self.text(name);
        self.text(value);
    }

    pub(super) fn offset(&mut self, (signal, position): (Signal, Position)) {
        self.signal(signal);
        self.number(position.0);
    }

    pub(super) fn change(&mut self, change: &Change) {
        self.list(change.add.iter(), Self::entry);
        self.list(change.remove.iter(), Self::key);
        self.list(change.set_aside.iter(), |encoder, (key, reason)| {
            encoder.key(key);
            encoder.text(reason);
        });
        self.list(change.offsets.iter().copied(), Self::offset);
        self.list(change.marks.iter(), |encoder, (name, value)| encoder.pair((name, value)));
        self.list(change.forget.iter(), Self::key);
    }
}

/// Takes values from the front of a buffer; `None` when the bytes are no such value.
pub(super) struct Decoder<'a>(pub &'a [u8]);

impl Decoder<'_> {
    pub(super) fn byte(&mut self) -> Option<u8> {
        let (&byte, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(byte)
    }

    pub(super) fn number(&mut self) -> Option<u64> {
        let mut value = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            value |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Some(value);
            }
        }
        None
    }

    pub(super) fn signed(&mut self) -> Option<i64> {
        let value = self.number()?;
        Some((value >> 1) as i64 ^ -((value & 1) as i64))
    }

    pub(super) fn text(&mut self) -> Option<String> {
        let length = usize::try_from(self.number()?).ok().filter(|length| *length <= self.0.len())?;
        let (text, rest) = self.0.split_at(length);
        self.0 = rest;
        String::from_utf8(text.to_vec()).ok()
    }

    pub(super) fn list<T>(&mut self, mut each: impl FnMut(&mut Self) -> Option<T>) -> Option<Vec<T>> {
        // Every item takes a byte at least: a count beyond that is damage, not a reason to reserve memory.
        let count = usize::try_from(self.number()?).ok().filter(|count| *count <= self.0.len())?;
        (0..count).map(|_| each(self)).collect()
    }

    pub(super) fn signal(&mut self) -> Option<Signal> {
        Signal::from_code(self.byte()?)
    }

    pub(super) fn key(&mut self) -> Option<FileKey> {
        Some(FileKey { signal: self.signal()?, day: self.signed()?, path: self.text()? })
    }

    pub(super) fn entry(&mut self) -> Option<FileEntry> {
        Some(FileEntry {
            signal: self.signal()?,
            day: self.signed()?,
            path: self.text()?,
            level: self.byte()?,
            rows: self.number()?,
            bytes: self.number()?,
            time_min: TimestampNs(self.signed()?),
            time_max: TimestampNs(self.signed()?),
            sidecars: self.list(Self::text)?,
            properties: self.list(Self::pair)?.into_iter().collect(),
        })
    }

    pub(super) fn pair(&mut self) -> Option<(String, String)> {
        Some((self.text()?, self.text()?))
    }

    pub(super) fn offset(&mut self) -> Option<(Signal, Position)> {
        Some((self.signal()?, Position(self.number()?)))
    }

    pub(super) fn change(&mut self) -> Option<Change> {
        Some(Change {
            add: self.list(Self::entry)?,
            remove: self.list(Self::key)?,
            set_aside: self.list(|decoder| Some((decoder.key()?, decoder.text()?)))?,
            offsets: self.list(Self::offset)?,
            marks: self.list(Self::pair)?,
            forget: self.list(Self::key)?,
        })
    }
}
