//! A column of whole numbers: timestamps, and values that [`super::decimal`] has scaled.
//!
//! 1. Every number is taken relative to the first; zero bits that all of these differences end with are shifted out
//!    (memory in pages, times in whole seconds).
//! 2. Residuals of order 0 (the difference itself), 1 (to the predecessor) or 2 (of the differences) are tried; each
//!    pass over the column costs about a nanosecond a number.
//! 3. For each order, a histogram of the residuals' bit lengths finds the cut where storing the longer ones apart as
//!    outliers pays: an outlier costs about 8 bits of position and its own bytes, and a bit of width costs one bit a
//!    number. A counter's reset or a late scrape thus costs a few bytes instead of widening the whole chunk.
//! 4. What remains is packed relative to its minimum with a fixed width (frame of reference).
//!
//! All arithmetic wraps, so that any `i64` round-trips. Layout: `docs/format/metrics-block.md`, "Integer column".

use super::bits::{Reader, pack, packed_len, put_signed, put_varint, unpack, unzigzag, varint_len, zigzag};
use super::{CHUNK_SAMPLES_MAX, CodecError};

const FLAG_SHIFTED: u8 = 0b0000_0100;
const FLAG_OUTLIERS: u8 = 0b0000_1000;
const ORDER_MASK: u8 = 0b0000_0011;

/// How one order would be stored.
#[derive(Clone, Copy, Debug)]
struct Plan {
    order: usize,
    base: i64,
    width: u32,
    /// Residuals with more zigzag bits than this are outliers.
    cut_bits: u32,
    outliers: usize,
    size_bits: usize,
}

/// Buffers that an encoder or decoder keeps from chunk to chunk.
#[derive(Clone, Debug, Default)]
pub struct Scratch {
    residuals: [Vec<i64>; 3],
    packed: Vec<u64>,
}

/// Appends the column. It must not be empty, and its length must be known to whoever decodes it.
pub fn encode(numbers: &[i64], scratch: &mut Scratch, out: &mut Vec<u8>) {
    let first = numbers.first().copied().unwrap_or_default();
    let all_bits = numbers.iter().fold(0_i64, |bits, number| bits | number.wrapping_sub(first));
    let shift = if all_bits == 0 { 0 } else { all_bits.trailing_zeros() };
    fill_residuals(numbers, first, shift, scratch);
    let candidates = [0, 1, 2].map(|order| plan(order, &scratch.residuals[order]));
    let best = candidates.into_iter().min_by_key(|plan| plan.size_bits).unwrap_or(candidates[0]);
    let residuals = &scratch.residuals[best.order];

    let mut header = best.order as u8;
    header |= if shift > 0 { FLAG_SHIFTED } else { 0 };
    header |= if best.outliers > 0 { FLAG_OUTLIERS } else { 0 };
    out.push(header);
    put_signed(out, first);
    if shift > 0 {
        out.push(shift as u8);
    }
    out.push(best.width as u8);
    put_signed(out, best.base);
    if best.order == 2 {
        put_signed(out, scratch.residuals[1].first().copied().unwrap_or_default());
    }
    if best.outliers > 0 {
        put_outliers(residuals, &best, out);
    }
    let kept = residuals.iter().map(|&residual| {
        if bit_length(residual) > best.cut_bits { 0 } else { residual.wrapping_sub(best.base) as u64 }
    });
    pack(out, kept, best.width);
}

fn fill_residuals(numbers: &[i64], first: i64, shift: u32, scratch: &mut Scratch) {
    let [plain, deltas, seconds] = &mut scratch.residuals;
    plain.clear();
    plain.extend(numbers.iter().skip(1).map(|number| number.wrapping_sub(first) >> shift));
    deltas.clear();
    let mut previous = 0;
    deltas.extend(plain.iter().map(|&number| number.wrapping_sub(std::mem::replace(&mut previous, number))));
    seconds.clear();
    seconds.extend(deltas.windows(2).map(|pair| pair[1].wrapping_sub(pair[0])));
}

fn bit_length(residual: i64) -> u32 {
    64 - zigzag(residual).leading_zeros()
}

/// Finds the cheapest cut between packed residuals and outliers for one order.
fn plan(order: usize, residuals: &[i64]) -> Plan {
    let mut histogram = [0_u32; 65];
    for &residual in residuals {
        histogram[bit_length(residual) as usize] += 1;
    }
    let longest = histogram.iter().rposition(|count| *count > 0).unwrap_or(0);
    let (mut cut, mut cheapest) = (longest, residuals.len() * longest);
    let (mut outliers, mut outlier_bits) = (0_usize, 0_usize);
    for bits in (1..=longest).rev() {
        let count = histogram[bits] as usize;
        outliers += count;
        outlier_bits += count * (8 + bits.div_ceil(7) * 8);
        let size = residuals.len() * (bits - 1) + outlier_bits;
        if size < cheapest {
            (cut, cheapest) = (bits - 1, size);
        }
        if outliers * 4 > residuals.len() {
            break;
        }
    }
    let cut_bits = cut as u32;
    let (mut low, mut high, mut outliers, mut outlier_bytes) = (i64::MAX, i64::MIN, 0, 0);
    for &residual in residuals {
        if bit_length(residual) > cut_bits {
            outliers += 1;
            outlier_bytes += 1 + varint_len(zigzag(residual));
        } else {
            low = low.min(residual);
            high = high.max(residual);
        }
    }
    let (base, width) = if low > high { (0, 0) } else { (low, 64 - (high.wrapping_sub(low) as u64).leading_zeros()) };
    let size_bytes = packed_len(residuals.len(), width) + outlier_bytes + varint_len(zigzag(base)) + order;
    Plan { order, base, width, cut_bits, outliers, size_bits: size_bytes * 8 }
}

fn put_outliers(residuals: &[i64], plan: &Plan, out: &mut Vec<u8>) {
    put_varint(out, plan.outliers as u64);
    let mut next = 0;
    for (index, &residual) in residuals.iter().enumerate() {
        if bit_length(residual) > plan.cut_bits {
            put_varint(out, (index - next) as u64);
            put_varint(out, zigzag(residual));
            next = index + 1;
        }
    }
}

/// Reads a column of `count` numbers into `into`, replacing what it held.
pub fn decode(
    reader: &mut Reader<'_>,
    count: usize,
    scratch: &mut Scratch,
    into: &mut Vec<i64>,
) -> Result<(), CodecError> {
    into.clear();
    if count == 0 || count > CHUNK_SAMPLES_MAX {
        return Err(CodecError::Invalid("a column is empty or longer than a chunk may be"));
    }
    let header = reader.byte()?;
    if header & !(ORDER_MASK | FLAG_SHIFTED | FLAG_OUTLIERS) != 0 || header & ORDER_MASK == 3 {
        return Err(CodecError::Invalid("unknown kind of integer column"));
    }
    let order = usize::from(header & ORDER_MASK);
    let first = reader.signed()?;
    let shift = if header & FLAG_SHIFTED == 0 { 0 } else { u32::from(reader.byte()?) };
    if shift > 63 {
        return Err(CodecError::Invalid("a shift is wider than 63 bits"));
    }
    let width = u32::from(reader.byte()?);
    let base = reader.signed()?;
    let first_delta = if order == 2 { reader.signed()? } else { 0 };
    let residual_count = (count - 1).saturating_sub(usize::from(order == 2));
    let outliers = if header & FLAG_OUTLIERS == 0 { None } else { Some(skip_outliers(reader, residual_count)?) };
    scratch.packed.resize(residual_count, 0);
    unpack(reader, width, &mut scratch.packed)?;
    for residual in &mut scratch.packed {
        *residual = residual.wrapping_add(base as u64);
    }
    if let Some((mut outliers, outlier_count)) = outliers {
        let mut next = 0;
        for _ in 0..outlier_count {
            let index = next + outliers.count(residual_count)?;
            let slot = scratch.packed.get_mut(index).ok_or(CodecError::Invalid("an outlier lies beyond the column"))?;
            *slot = unzigzag(outliers.varint()?) as u64;
            next = index + 1;
        }
    }
    into.reserve(count);
    into.push(first);
    match order {
        0 => into.extend(scratch.packed.iter().map(|&offset| first.wrapping_add((offset << shift) as i64))),
        1 => {
            let mut offset = 0_u64;
            into.extend(scratch.packed.iter().map(|&delta| {
                offset = offset.wrapping_add(delta);
                first.wrapping_add((offset << shift) as i64)
            }));
        }
        _ if count == 1 => {}
        _ => {
            let mut delta = first_delta as u64;
            let mut offset = delta;
            into.push(first.wrapping_add((offset << shift) as i64));
            into.extend(scratch.packed.iter().map(|&second| {
                delta = delta.wrapping_add(second);
                offset = offset.wrapping_add(delta);
                first.wrapping_add((offset << shift) as i64)
            }));
        }
    }
    Ok(())
}

/// Returns a reader at the outliers and their number, and moves `reader` behind them.
fn skip_outliers<'a>(reader: &mut Reader<'a>, residual_count: usize) -> Result<(Reader<'a>, usize), CodecError> {
    let count = reader.count(residual_count)?;
    let at = *reader;
    for _ in 0..count {
        reader.varint()?;
        reader.varint()?;
    }
    Ok((at, count))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn encoded(numbers: &[i64]) -> Vec<u8> {
        let mut out = Vec::new();
        encode(numbers, &mut Scratch::default(), &mut out);
        out
    }

    fn decoded(bytes: &[u8], count: usize) -> Result<Vec<i64>, CodecError> {
        let mut into = Vec::new();
        decode(&mut Reader::new(bytes), count, &mut Scratch::default(), &mut into)?;
        Ok(into)
    }

    #[test]
    fn regular_timestamps_take_next_to_nothing() {
        let regular: Vec<i64> = (0..120).map(|index| 1_700_000_000_000 + index * 15_000).collect();
        assert!(encoded(&regular).len() <= 14);
        let mut late = regular;
        for timestamp in &mut late[60..] {
            *timestamp += 977;
        }
        assert!(encoded(&late).len() <= 20, "one late scrape is an outlier, not a wider column");
        assert_eq!(decoded(&encoded(&late), 120), Ok(late));
    }

    #[test]
    fn a_reset_does_not_spoil_a_counter() {
        let counter: Vec<i64> =
            (0..120).map(|index: i64| if index < 70 { 1_000_000 + index * 7 } else { index }).collect();
        assert!(encoded(&counter).len() < 70);
        assert_eq!(decoded(&encoded(&counter), 120), Ok(counter));
    }

    fn column() -> impl Strategy<Value = Vec<i64>> {
        let step = prop_oneof![
            4 => -5_i64..100,
            2 => (-5_i64..5).prop_map(|steps| steps * 4_096),
            1 => any::<i64>(),
            1 => Just(0_i64),
        ];
        let summed = prop::collection::vec(step, 1..200).prop_map(|steps| {
            let mut sum = 0_i64;
            steps
                .into_iter()
                .map(|step| {
                    sum = sum.wrapping_add(step);
                    sum
                })
                .collect()
        });
        prop_oneof![summed, prop::collection::vec(any::<i64>(), 1..200)]
    }

    proptest! {
        #[test]
        fn any_column_round_trips(numbers in column()) {
            prop_assert_eq!(decoded(&encoded(&numbers), numbers.len()), Ok(numbers));
        }

        #[test]
        fn corrupt_bytes_are_an_error_or_a_column(
            numbers in column(), at in any::<prop::sample::Index>(), flip in 1_u8.., cut in any::<prop::sample::Index>(),
            noise in prop::collection::vec(any::<u8>(), 0..200),
        ) {
            let mut bytes = encoded(&numbers);
            prop_assert!(decoded(&bytes[..cut.index(bytes.len())], numbers.len()).is_err());
            let index = at.index(bytes.len());
            bytes[index] ^= flip;
            for bytes in [&bytes, &noise] {
                if let Ok(column) = decoded(bytes, numbers.len()) {
                    prop_assert_eq!(column.len(), numbers.len());
                }
            }
            prop_assert!(decoded(&noise, usize::MAX).is_err());
        }
    }
}
