//! The bytes of the notifier's documents; see docs/format/state.md.

use lgtm_model::{Labels, TimestampNs};

/// Puts fields behind one another.
pub(crate) struct Writer {
    bytes: Vec<u8>,
}

impl Writer {
    /// Begins with the format's number.
    pub fn new(format: u8) -> Self {
        Self { bytes: vec![format] }
    }

    pub fn byte(&mut self, byte: u8) {
        self.bytes.push(byte);
    }

    pub fn count(&mut self, mut count: usize) {
        while count >= 0x80 {
            self.bytes.push((count as u8 & 0x7f) | 0x80);
            count >>= 7;
        }
        self.bytes.push(count as u8);
    }

    pub fn number(&mut self, number: u64) {
        self.bytes.extend_from_slice(&number.to_le_bytes());
    }

    pub fn time(&mut self, time: TimestampNs) {
        self.bytes.extend_from_slice(&time.0.to_le_bytes());
    }

    pub fn text(&mut self, text: &str) {
        self.count(text.len());
        self.bytes.extend_from_slice(text.as_bytes());
    }

    pub fn labels(&mut self, labels: &Labels) {
        self.count(labels.size_bytes());
        self.bytes.extend_from_slice(labels.as_packed());
    }

    pub fn numbers(&mut self, numbers: &[u64]) {
        self.count(numbers.len());
        numbers.iter().for_each(|number| self.number(*number));
    }

    pub fn pairs<'a>(&mut self, pairs: impl ExactSizeIterator<Item = (&'a String, &'a String)>) {
        self.count(pairs.len());
        for (name, value) in pairs {
            self.text(name);
            self.text(value);
        }
    }

    pub fn finish(self) -> Vec<u8> {
        self.bytes
    }
}

/// Takes fields one after the other; `None` when they are not there.
pub(crate) struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    /// Fails when the bytes are of another format.
    pub fn new(bytes: &'a [u8], format: u8) -> Option<Self> {
        let (found, rest) = bytes.split_first()?;
        (*found == format).then_some(Self { rest })
    }

    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.rest.split_at_checked(length)?;
        self.rest = rest;
        Some(taken)
    }

    pub fn byte(&mut self) -> Option<u8> {
        self.take(1)?.first().copied()
    }

    /// A count of things of which each has at least one byte, so that a broken one cannot ask for much memory.
    pub fn count(&mut self) -> Option<usize> {
        let (mut count, mut shift) = (0_usize, 0_u32);
        loop {
            let byte = self.byte()?;
            count |= usize::from(byte & 0x7f).checked_shl(shift)?;
            if byte & 0x80 == 0 {
                return (count <= self.rest.len()).then_some(count);
            }
            shift += 7;
        }
    }

    pub fn number(&mut self) -> Option<u64> {
        Some(u64::from_le_bytes(self.take(8)?.try_into().ok()?))
    }

    pub fn time(&mut self) -> Option<TimestampNs> {
        Some(TimestampNs(i64::from_le_bytes(self.take(8)?.try_into().ok()?)))
    }

    pub fn text(&mut self) -> Option<String> {
        let length = self.count()?;
        String::from_utf8(self.take(length)?.to_vec()).ok()
    }

    pub fn labels(&mut self) -> Option<Labels> {
        let length = self.count()?;
        Labels::from_packed(self.take(length)?)
    }

    pub fn numbers(&mut self) -> Option<Vec<u64>> {
        let count = self.count()?;
        (0..count).map(|_| self.number()).collect()
    }

    pub fn pairs<T: FromIterator<(String, String)>>(&mut self) -> Option<T> {
        let count = self.count()?;
        (0..count).map(|_| Some((self.text()?, self.text()?))).collect()
    }

    /// Fails when something is left.
    pub fn finish(self) -> Option<()> {
        self.rest.is_empty().then_some(())
    }
}
