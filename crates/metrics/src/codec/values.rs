//! A chunk's values: a constant, a column of scaled decimals, or XORed floats, whichever is smallest.
//!
//! The first byte's low two bits tell which; see `docs/format/metrics-block.md`, "Value column".

use super::bits::{Reader, put_signed, put_varint};
use super::{CHUNK_SAMPLES_MAX, CodecError, decimal, integers, xor};

const KIND_CONSTANT_BITS: u8 = 0;
const KIND_CONSTANT_DECIMAL: u8 = 1;
const KIND_DECIMAL: u8 = 2;
const KIND_XOR: u8 = 3;
const FLAG_EXCEPTIONS: u8 = 0b0000_0100;

/// Decimal columns above this many bytes a value are worth an attempt at XOR.
const XOR_TRIED_ABOVE_BYTES: usize = 4;

/// Buffers that an encoder or decoder keeps from chunk to chunk.
#[derive(Clone, Debug, Default)]
pub struct Scratch {
    scaled: decimal::Scaled,
    integers: integers::Scratch,
    attempt: Vec<u8>,
}

/// Appends the column, which must not be empty; whoever decodes it must know its length.
pub fn encode(values: &[f64], scratch: &mut Scratch, out: &mut Vec<u8>) {
    let first = values.first().copied().unwrap_or_default();
    if values.iter().all(|value| value.to_bits() == first.to_bits()) {
        encode_constant(first, scratch, out);
        return;
    }
    let start = out.len();
    decimal::scale(values, &mut scratch.scaled);
    let exceptions = scratch.scaled.exceptions.len();
    if exceptions * 2 < values.len() {
        encode_decimal(scratch, out);
    }
    let decimal_size = out.len() - start;
    if decimal_size > 0 && decimal_size <= values.len() * XOR_TRIED_ABOVE_BYTES {
        return;
    }
    let size_max = if decimal_size == 0 { usize::MAX } else { decimal_size };
    scratch.attempt.clear();
    if xor::encode(values, size_max, &mut scratch.attempt) && scratch.attempt.len() < size_max {
        out.truncate(start);
        out.push(KIND_XOR);
        out.extend_from_slice(&scratch.attempt);
    }
}

fn encode_constant(value: f64, scratch: &mut Scratch, out: &mut Vec<u8>) {
    decimal::scale(&[value], &mut scratch.scaled);
    if scratch.scaled.exceptions.is_empty() {
        out.push(KIND_CONSTANT_DECIMAL | scratch.scaled.exponent << 4);
        put_signed(out, scratch.scaled.numbers[0]);
    } else {
        out.push(KIND_CONSTANT_BITS);
        out.extend_from_slice(&value.to_bits().to_le_bytes());
    }
}

fn encode_decimal(scratch: &mut Scratch, out: &mut Vec<u8>) {
    let scaled = &scratch.scaled;
    let flag = if scaled.exceptions.is_empty() { 0 } else { FLAG_EXCEPTIONS };
    out.push(KIND_DECIMAL | flag | scaled.exponent << 4);
    if !scaled.exceptions.is_empty() {
        put_varint(out, scaled.exceptions.len() as u64);
        let mut next = 0;
        for &(index, bits) in &scaled.exceptions {
            put_varint(out, (index - next) as u64);
            out.extend_from_slice(&bits.to_le_bytes());
            next = index + 1;
        }
    }
    integers::encode(&scaled.numbers, &mut scratch.integers, out);
}

/// Reads a column of `count` values and appends them to `into`; after an error, what was appended means nothing.
pub fn decode(bytes: &[u8], count: usize, scratch: &mut Scratch, into: &mut Vec<f64>) -> Result<(), CodecError> {
    if count == 0 || count > CHUNK_SAMPLES_MAX {
        return Err(CodecError::Invalid("a column is empty or longer than a chunk may be"));
    }
    let mut reader = Reader::new(bytes);
    let header = reader.byte()?;
    let exponent = header >> 4;
    match header & 0b0000_0011 {
        KIND_CONSTANT_BITS => into.resize(into.len() + count, f64::from_bits(reader.u64()?)),
        KIND_CONSTANT_DECIMAL => {
            let start = into.len();
            decimal::unscale(exponent, &[reader.signed()?], into);
            let value = into[start];
            into.resize(start + count, value);
        }
        KIND_DECIMAL => decode_decimal(header, count, &mut reader, scratch, into)?,
        _ => {
            let mut values = Vec::new();
            xor::decode(reader.rest(), count, &mut values)?;
            into.extend_from_slice(&values);
        }
    }
    Ok(())
}

fn decode_decimal(
    header: u8,
    count: usize,
    reader: &mut Reader<'_>,
    scratch: &mut Scratch,
    into: &mut Vec<f64>,
) -> Result<(), CodecError> {
    let mut exceptions = *reader;
    let mut exception_count = 0;
    if header & FLAG_EXCEPTIONS != 0 {
        exception_count = reader.count(count)?;
        exceptions = *reader;
        for _ in 0..exception_count {
            reader.varint()?;
            reader.bytes(8)?;
        }
    }
    let start = into.len();
    integers::decode(reader, count, &mut scratch.integers, &mut scratch.scaled.numbers)?;
    decimal::unscale(header >> 4, &scratch.scaled.numbers, into);
    let mut next = 0;
    for _ in 0..exception_count {
        let index = next + exceptions.count(count)?;
        let slot = into.get_mut(start + index).ok_or(CodecError::Invalid("an exception lies beyond the column"))?;
        *slot = f64::from_bits(exceptions.u64()?);
        next = index + 1;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn encoded(values: &[f64]) -> Vec<u8> {
        let mut out = Vec::new();
        encode(values, &mut Scratch::default(), &mut out);
        out
    }

    fn decoded(bytes: &[u8], count: usize) -> Result<Vec<u64>, CodecError> {
        let mut into = vec![1.0];
        decode(bytes, count, &mut Scratch::default(), &mut into)?;
        Ok(into[1..].iter().map(|value| value.to_bits()).collect())
    }

    fn bits(values: &[f64]) -> Vec<u64> {
        values.iter().map(|value| value.to_bits()).collect()
    }

    #[test]
    fn constants_are_tiny() {
        assert_eq!(encoded(&[1.0; 1_200]).len(), 2);
        assert_eq!(encoded(&[f64::NAN; 1_200]).len(), 9);
        assert_eq!(decoded(&encoded(&[0.5; 7]), 7), Ok(bits(&[0.5; 7])));
    }

    #[test]
    fn a_staleness_marker_costs_its_own_bytes_only() {
        let mut values: Vec<f64> = (0..120).map(|index| f64::from(index) * 3.0).collect();
        let before = encoded(&values).len();
        values[119] = lgtm_model::stale_nan();
        assert!(encoded(&values).len() <= before + 14);
        assert_eq!(decoded(&encoded(&values), 120), Ok(bits(&values)));
    }

    #[test]
    fn long_fractions_fall_back_to_xor() {
        let values: Vec<f64> = (1..=120).map(|index| f64::from(index).sqrt()).collect();
        let bytes = encoded(&values);
        assert_eq!(bytes[0] & 3, KIND_XOR);
        assert_eq!(decoded(&bytes, 120), Ok(bits(&values)));
    }

    fn value() -> impl Strategy<Value = f64> {
        prop_oneof![
            8 => (-1_000_000_i64..1_000_000, 0_i32..6).prop_map(|(number, exponent)| number as f64 / 10_f64.powi(exponent)),
            4 => (0_u32..50).prop_map(f64::from),
            1 => any::<u64>().prop_map(f64::from_bits),
            1 => prop::sample::select(vec![-0.0, f64::INFINITY, f64::NAN, lgtm_model::stale_nan(), 1e300, 5e-324]),
        ]
    }

    proptest! {
        #[test]
        fn any_column_round_trips(values in prop::collection::vec(value(), 1..200)) {
            prop_assert_eq!(decoded(&encoded(&values), values.len()), Ok(bits(&values)));
        }

        #[test]
        fn any_bits_round_trip(values in prop::collection::vec(any::<u64>().prop_map(f64::from_bits), 1..100)) {
            prop_assert_eq!(decoded(&encoded(&values), values.len()), Ok(bits(&values)));
        }

        #[test]
        fn corrupt_bytes_are_an_error_or_a_column(
            values in prop::collection::vec(value(), 1..200), at in any::<prop::sample::Index>(), flip in 1_u8..,
            noise in prop::collection::vec(any::<u8>(), 0..200),
        ) {
            let mut bytes = encoded(&values);
            let index = at.index(bytes.len());
            bytes[index] ^= flip;
            for bytes in [&bytes, &noise] {
                if let Ok(column) = decoded(bytes, values.len()) {
                    prop_assert_eq!(column.len(), values.len());
                }
            }
        }
    }
}
