//! Values that are no short decimals: each is XORed with its predecessor and only the bits that differ are written, as
//! in the Gorilla paper (Pelkonen et al., VLDB 2015).
//!
//! Per value: `0` for the same value again; `10` and the differing bits when they lie within the window used last; `11`,
//! five bits of leading zeros, six bits of length minus one, and the bits otherwise. Bits are written from the least
//! significant on, as everywhere in this crate.

use super::{CHUNK_SAMPLES_MAX, CodecError};

#[derive(Debug)]
struct BitWriter<'a> {
    out: &'a mut Vec<u8>,
    pending: u128,
    pending_bits: u32,
}

impl BitWriter<'_> {
    fn put(&mut self, bits: u64, count: u32) {
        self.pending |= u128::from(bits) << self.pending_bits;
        self.pending_bits += count;
        if self.pending_bits >= 64 {
            self.out.extend_from_slice(&(self.pending as u64).to_le_bytes());
            self.pending >>= 64;
            self.pending_bits -= 64;
        }
    }

    fn finish(self) {
        self.out.extend_from_slice(&self.pending.to_le_bytes()[..self.pending_bits.div_ceil(8) as usize]);
    }
}

#[derive(Debug)]
struct BitReader<'a> {
    rest: &'a [u8],
    pending: u128,
    pending_bits: u32,
}

impl BitReader<'_> {
    fn take(&mut self, count: u32) -> Result<u64, CodecError> {
        if self.pending_bits < count {
            self.refill();
            if self.pending_bits < count {
                return Err(CodecError::Truncated);
            }
        }
        let mask = if count == 64 { u64::MAX } else { (1 << count) - 1 };
        let bits = self.pending as u64 & mask;
        self.pending >>= count;
        self.pending_bits -= count;
        Ok(bits)
    }

    fn refill(&mut self) {
        let taken = self.rest.len().min(8);
        let mut word = [0; 8];
        word[..taken].copy_from_slice(&self.rest[..taken]);
        self.rest = &self.rest[taken..];
        self.pending |= u128::from(u64::from_le_bytes(word)) << self.pending_bits;
        self.pending_bits += taken as u32 * 8;
    }
}

/// Appends the column, or gives up and returns `false` once it has grown beyond `size_max` bytes.
pub fn encode(values: &[f64], size_max: usize, out: &mut Vec<u8>) -> bool {
    let size_end = out.len().saturating_add(size_max);
    let mut writer = BitWriter { out, pending: 0, pending_bits: 0 };
    let mut previous = values.first().map_or(0, |value| value.to_bits());
    writer.put(previous, 64);
    // No window yet: nothing fits into it.
    let (mut leading, mut length) = (64, 0);
    for value in values.iter().skip(1) {
        let difference = value.to_bits() ^ std::mem::replace(&mut previous, value.to_bits());
        if difference == 0 {
            writer.put(0, 1);
            continue;
        }
        let zeros = difference.leading_zeros().min(31);
        let trailing = difference.trailing_zeros();
        if zeros >= leading && trailing >= 64 - leading - length {
            writer.put(0b01, 2);
        } else {
            (leading, length) = (zeros, 64 - zeros - trailing);
            writer.put(0b11 | u64::from(leading) << 2 | u64::from(length - 1) << 7, 13);
        }
        writer.put(difference >> (64 - leading - length), length);
        if writer.out.len() > size_end {
            return false;
        }
    }
    writer.finish();
    true
}

/// Reads `count` values into `into`, replacing what it held.
pub fn decode(bytes: &[u8], count: usize, into: &mut Vec<f64>) -> Result<(), CodecError> {
    into.clear();
    if count == 0 || count > CHUNK_SAMPLES_MAX {
        return Err(CodecError::Invalid("a column is empty or longer than a chunk may be"));
    }
    let mut reader = BitReader { rest: bytes, pending: 0, pending_bits: 0 };
    let mut previous = reader.take(64)?;
    into.reserve(count);
    into.push(f64::from_bits(previous));
    let (mut leading, mut length) = (0, 0);
    for _ in 1..count {
        if reader.take(1)? == 1 {
            if reader.take(1)? == 1 {
                leading = reader.take(5)? as u32;
                length = reader.take(6)? as u32 + 1;
            }
            if length == 0 || leading + length > 64 {
                return Err(CodecError::Invalid("a difference has more than 64 bits"));
            }
            previous ^= reader.take(length)? << (64 - leading - length);
        }
        into.push(f64::from_bits(previous));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn any_column_round_trips(bits in prop::collection::vec(prop_oneof![any::<u64>(), 0_u64..9], 1..200)) {
            let values: Vec<f64> = bits.iter().copied().map(f64::from_bits).collect();
            let mut out = Vec::new();
            prop_assert!(encode(&values, usize::MAX, &mut out));
            let mut back = Vec::new();
            prop_assert!(decode(&out, values.len(), &mut back).is_ok());
            prop_assert_eq!(back.iter().map(|value| value.to_bits()).collect::<Vec<_>>(), bits);
        }

        #[test]
        fn corrupt_bytes_never_panic(noise in prop::collection::vec(any::<u8>(), 0..200), count in 0_usize..300) {
            let mut back = Vec::new();
            if decode(&noise, count, &mut back).is_ok() {
                prop_assert_eq!(back.len(), count);
            }
        }
    }
}
