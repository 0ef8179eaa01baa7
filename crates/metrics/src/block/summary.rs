//! What a chunk says about its samples without being decoded.
//!
//! Staleness markers are no samples here: they count only into the chunk's length.

use crate::codec::bits::{Reader, put_varint};
use crate::codec::{CodecError, values};
use lgtm_model::is_stale_nan;

/// Aggregates of one chunk.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Summary {
    /// Samples that are no staleness markers.
    pub count: u32,
    /// Times that the value fell: resets, if the series is a counter.
    pub resets: u32,
    /// The smallest value that is a number; NaN when there is none.
    pub min: f64,
    /// The largest value that is a number; NaN when there is none.
    pub max: f64,
    /// The compensated sum (Neumaier).
    pub sum: f64,
    /// The first value.
    pub first: f64,
    /// The last value.
    pub last: f64,
}

impl Summary {
    /// Sums up a chunk.
    pub fn of(values: &[f64]) -> Self {
        let nan = f64::NAN;
        let mut summary = Self { count: 0, resets: 0, min: nan, max: nan, sum: 0.0, first: nan, last: nan };
        let mut compensation = 0.0;
        for &value in values.iter().filter(|value| !is_stale_nan(**value)) {
            if summary.count == 0 {
                summary.first = value;
            } else if value < summary.last {
                summary.resets += 1;
            }
            summary.count += 1;
            summary.last = value;
            // `f64::min` prefers the number to NaN.
            summary.min = summary.min.min(value);
            summary.max = summary.max.max(value);
            let sum = summary.sum + value;
            compensation +=
                if summary.sum.abs() >= value.abs() { summary.sum - sum + value } else { value - sum + summary.sum };
            summary.sum = sum;
        }
        if compensation.is_finite() {
            summary.sum += compensation;
        }
        summary
    }

    /// Appends it.
    pub fn put(&self, scratch: &mut values::Scratch, out: &mut Vec<u8>) {
        put_varint(out, u64::from(self.count));
        put_varint(out, u64::from(self.resets));
        let mut column = Vec::new();
        values::encode(&[self.min, self.max, self.first, self.last, self.sum], scratch, &mut column);
        put_varint(out, column.len() as u64);
        out.extend_from_slice(&column);
    }

    /// Reads it back.
    pub fn read(reader: &mut Reader<'_>, scratch: &mut values::Scratch) -> Result<Self, CodecError> {
        let count = reader.count(u32::MAX as usize)? as u32;
        let resets = reader.count(u32::MAX as usize)? as u32;
        let mut column = Vec::with_capacity(5);
        values::decode(reader.counted_bytes()?, 5, scratch, &mut column)?;
        let [min, max, first, last, sum] = column[..] else { return Err(CodecError::Truncated) };
        Ok(Self { count, resets, min, max, sum, first, last })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn staleness_markers_are_left_out_and_falls_are_resets() {
        let summary = Summary::of(&[5.0, lgtm_model::stale_nan(), 7.0, 1.0, 1.0]);
        assert_eq!((summary.count, summary.resets, summary.min, summary.max), (4, 1, 1.0, 7.0));
        assert_eq!((summary.first, summary.last, summary.sum), (5.0, 1.0, 14.0));
        let mut out = Vec::new();
        summary.put(&mut values::Scratch::default(), &mut out);
        assert_eq!(Summary::read(&mut Reader::new(&out), &mut values::Scratch::default()), Ok(summary));
        assert!(Summary::of(&[]).min.is_nan());
    }
}
