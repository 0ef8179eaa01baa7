//! Variable-length integers (LEB128, zigzag for signed ones) and fixed-width bit packing.
//!
//! Packed numbers lie behind one another from the least significant bit on. The unpacker reads eight bytes at the bit's
//! byte address, shifts and masks: no branch a number for widths up to 57, where seven bits of misalignment still fit.

use super::CodecError;

/// Reads from a slice and refuses to run past its end.
#[derive(Clone, Copy, Debug)]
pub struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    /// A reader at the beginning of `bytes`.
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    /// What was not read yet.
    pub fn rest(&self) -> &'a [u8] {
        self.rest
    }

    /// Whether everything was read.
    pub fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    /// The next `count` bytes.
    pub fn bytes(&mut self, count: usize) -> Result<&'a [u8], CodecError> {
        if count > self.rest.len() {
            return Err(CodecError::Truncated);
        }
        let (taken, rest) = self.rest.split_at(count);
        self.rest = rest;
        Ok(taken)
    }

    /// The next byte.
    pub fn byte(&mut self) -> Result<u8, CodecError> {
        let (&byte, rest) = self.rest.split_first().ok_or(CodecError::Truncated)?;
        self.rest = rest;
        Ok(byte)
    }

    /// Four bytes, least significant first.
    pub fn u32(&mut self) -> Result<u32, CodecError> {
        let bytes = self.bytes(4)?;
        Ok(u32::from_le_bytes(bytes.try_into().map_err(|_| CodecError::Truncated)?))
    }

    /// Eight bytes, least significant first.
    pub fn u64(&mut self) -> Result<u64, CodecError> {
        let bytes = self.bytes(8)?;
        Ok(u64::from_le_bytes(bytes.try_into().map_err(|_| CodecError::Truncated)?))
    }

    /// A LEB128 number.
    pub fn varint(&mut self) -> Result<u64, CodecError> {
        let (mut value, mut shift) = (0_u64, 0_u32);
        loop {
            let byte = self.byte()?;
            let part = u64::from(byte & 0x7f);
            if shift > 63 || (shift == 63 && part > 1) {
                return Err(CodecError::Invalid("a variable-length number has more than 64 bits"));
            }
            value |= part << shift;
            if byte & 0x80 == 0 {
                return Ok(value);
            }
            shift += 7;
        }
    }

    /// A LEB128 number after zigzag.
    pub fn signed(&mut self) -> Result<i64, CodecError> {
        Ok(unzigzag(self.varint()?))
    }

    /// A LEB128 number that counts or measures something in memory and may not exceed `max`.
    pub fn count(&mut self, max: usize) -> Result<usize, CodecError> {
        let count = usize::try_from(self.varint()?).unwrap_or(usize::MAX);
        if count > max { Err(CodecError::Invalid("a count is larger than it can be")) } else { Ok(count) }
    }

    /// Bytes after their count, as [`put_bytes`] writes them.
    pub fn counted_bytes(&mut self) -> Result<&'a [u8], CodecError> {
        let count = self.count(self.rest.len())?;
        self.bytes(count)
    }
}

/// Appends a LEB128 number.
pub fn put_varint(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

/// Appends a signed number, small magnitudes in few bytes.
pub fn put_signed(out: &mut Vec<u8>, value: i64) {
    put_varint(out, zigzag(value));
}

/// Appends bytes after their count.
pub fn put_bytes(out: &mut Vec<u8>, bytes: &[u8]) {
    put_varint(out, bytes.len() as u64);
    out.extend_from_slice(bytes);
}

/// Folds the sign into the lowest bit, so that small magnitudes are small numbers.
pub fn zigzag(value: i64) -> u64 {
    ((value << 1) ^ (value >> 63)) as u64
}

/// Undoes [`zigzag`].
pub fn unzigzag(value: u64) -> i64 {
    (value >> 1) as i64 ^ -((value & 1) as i64)
}

/// Bytes that [`put_varint`] appends.
pub fn varint_len(value: u64) -> usize {
    (64 - (value | 1).leading_zeros() as usize).div_ceil(7)
}

/// Bytes that `count` numbers of `width` bits take.
pub fn packed_len(count: usize, width: u32) -> usize {
    (count * width as usize).div_ceil(8)
}

/// Appends the lowest `width` bits of every number.
pub fn pack(out: &mut Vec<u8>, numbers: impl Iterator<Item = u64>, width: u32) {
    if width == 0 {
        return;
    }
    let mask = u64::MAX >> (64 - width);
    let (mut pending, mut pending_bits) = (0_u128, 0_u32);
    for number in numbers {
        pending |= u128::from(number & mask) << pending_bits;
        pending_bits += width;
        if pending_bits >= 64 {
            out.extend_from_slice(&(pending as u64).to_le_bytes());
            pending >>= 64;
            pending_bits -= 64;
        }
    }
    out.extend_from_slice(&pending.to_le_bytes()[..pending_bits.div_ceil(8) as usize]);
}

/// Reads `into.len()` numbers of `width` bits (at most 64).
pub fn unpack(reader: &mut Reader<'_>, width: u32, into: &mut [u64]) -> Result<(), CodecError> {
    if width > 64 {
        return Err(CodecError::Invalid("numbers are wider than 64 bits"));
    }
    let packed = reader.bytes(packed_len(into.len(), width))?;
    if width == 0 {
        into.fill(0);
        return Ok(());
    }
    let mask = u64::MAX >> (64 - width);
    let width = width as usize;
    // Numbers whose eight (nine for wide ones) bytes lie within the slice take the quick way, the last few the careful one.
    let reach = if width <= 57 { 8 } else { 9 };
    let quick = if packed.len() < reach { 0 } else { ((packed.len() - reach) * 8 / width + 1).min(into.len()) };
    let (head, tail) = into.split_at_mut(quick);
    for (index, number) in head.iter_mut().enumerate() {
        let bit = index * width;
        let at = bit >> 3;
        let word = u64::from_le_bytes(packed[at..at + 8].try_into().map_err(|_| CodecError::Truncated)?) >> (bit & 7);
        *number = if width > 57 && bit & 7 != 0 {
            (word | u64::from(packed[at + 8]) << (64 - (bit & 7))) & mask
        } else {
            word & mask
        };
    }
    for (index, number) in tail.iter_mut().enumerate() {
        let bit = (quick + index) * width;
        let mut window = [0_u8; 16];
        let available = &packed[bit >> 3..];
        let taken = available.len().min(16);
        window[..taken].copy_from_slice(&available[..taken]);
        *number = (u128::from_le_bytes(window) >> (bit & 7)) as u64 & mask;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn overlong_numbers_are_refused() {
        assert_eq!(Reader::new(&[0x80]).varint(), Err(CodecError::Truncated));
        assert!(Reader::new(&[0xff; 11]).varint().is_err());
        assert!(Reader::new(&[5, 1, 2]).counted_bytes().is_err());
    }

    proptest! {
        #[test]
        fn packing_round_trips(numbers in prop::collection::vec(any::<u64>(), 0..300), width in 0_u32..=64) {
            let mask = if width == 0 { 0 } else { u64::MAX >> (64 - width) };
            let mut out = Vec::new();
            pack(&mut out, numbers.iter().copied(), width);
            prop_assert_eq!(out.len(), packed_len(numbers.len(), width));
            let mut back = vec![0; numbers.len()];
            unpack(&mut Reader::new(&out), width, &mut back).unwrap();
            let want: Vec<u64> = numbers.iter().map(|number| number & mask).collect();
            prop_assert_eq!(back, want);
        }

        #[test]
        fn variable_length_numbers_round_trip(number in any::<i64>()) {
            let mut out = Vec::new();
            put_signed(&mut out, number);
            prop_assert_eq!(out.len(), varint_len(zigzag(number)));
            prop_assert_eq!(Reader::new(&out).signed(), Ok(number));
        }
    }
}
