//! Values that are short decimals, as whole numbers times a negative power of ten.
//!
//! What programs expose is nearly always a decimal of at most fifteen digits: counts, bytes, milliseconds, percentages.
//! `v` is such a decimal at exponent `e` when `round(v × 10^e) / 10^e` has the very bits of `v`; as both operands of the
//! division are exact in an `f64`, the decoder's one division gives back the same bits. Once exact at `e`, a value is
//! exact at every larger exponent within range, so that one pass that only ever raises the exponent finds the column's.
//!
//! Values that no exponent fits (NaN, the staleness marker, infinities, −0, long fractions) become exceptions: stored as
//! raw bits beside the column, which repeats the preceding number in their place so that deltas stay small.

/// The largest exponent tried: an `f64` has hardly more than fifteen decimal digits.
pub const EXPONENT_MAX: u8 = 15;

const POWERS: [f64; EXPONENT_MAX as usize + 1] =
    [1.0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15];

/// Adding and subtracting it rounds numbers below 2^51 to whole ones, on every processor, without a function call.
const ROUNDER: f64 = 6_755_399_441_055_744.0;
const SCALED_MAX: f64 = 2_251_799_813_685_248.0;
const WHOLE_MAX: f64 = 4_611_686_018_427_387_904.0;

/// A column scaled to whole numbers.
#[derive(Clone, Debug, Default)]
pub struct Scaled {
    /// The power of ten that every number is to be divided by.
    pub exponent: u8,
    /// One whole number a value.
    pub numbers: Vec<i64>,
    /// Positions and bits of the values that are none.
    pub exceptions: Vec<(usize, u64)>,
}

/// The whole number that gives back `value` at `exponent`, if there is one.
fn scale_one(value: f64, exponent: u8) -> Option<i64> {
    if exponent == 0 {
        let whole = value as i64;
        return (value.abs() < WHOLE_MAX && (whole as f64).to_bits() == value.to_bits()).then_some(whole);
    }
    let power = POWERS[usize::from(exponent)];
    let product = value * power;
    // Also false for NaN.
    if product.abs() < SCALED_MAX {
        let rounded = product + ROUNDER - ROUNDER;
        if ((rounded as i64 as f64) / power).to_bits() == value.to_bits() {
            return Some(rounded as i64);
        }
    }
    None
}

/// The smallest exponent at which every value that has one at all is exact, unless it grows out of range.
fn common_exponent(values: &[f64]) -> u8 {
    let mut exponent = 0;
    let mut last_misfit = 0_u64;
    for &value in values {
        if scale_one(value, exponent).is_some() || value.to_bits() == last_misfit {
            continue;
        }
        match (exponent + 1..=EXPONENT_MAX).find(|&candidate| scale_one(value, candidate).is_some()) {
            Some(larger) => exponent = larger,
            None => last_misfit = value.to_bits(),
        }
    }
    exponent
}

/// Scales a column; every value either is a number at the common exponent or an exception.
pub fn scale(values: &[f64], into: &mut Scaled) {
    into.numbers.clear();
    into.exceptions.clear();
    into.exponent = common_exponent(values);
    let mut previous = values.iter().find_map(|&value| scale_one(value, into.exponent)).unwrap_or(0);
    for (index, &value) in values.iter().enumerate() {
        match scale_one(value, into.exponent) {
            Some(number) => previous = number,
            None => into.exceptions.push((index, value.to_bits())),
        }
        into.numbers.push(previous);
    }
}

/// Undoes [`scale`], but for the exceptions.
pub fn unscale(exponent: u8, numbers: &[i64], into: &mut Vec<f64>) {
    match POWERS.get(usize::from(exponent)) {
        Some(&power) if exponent > 0 => into.extend(numbers.iter().map(|&number| number as f64 / power)),
        _ => into.extend(numbers.iter().map(|&number| number as f64)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scaled(values: &[f64]) -> Scaled {
        let mut into = Scaled::default();
        scale(values, &mut into);
        into
    }

    #[test]
    fn short_decimals_become_whole_numbers() {
        let column = scaled(&[0.25, 1.0, 17.5, -3.0]);
        assert_eq!((column.exponent, column.numbers), (2, vec![25, 100, 1_750, -300]));
        assert!(column.exceptions.is_empty());
    }

    #[test]
    fn strange_values_are_exceptions_and_spoil_nothing() {
        let stale = lgtm_model::stale_nan();
        let column = scaled(&[f64::NAN, 5.0, -0.0, 6.0, f64::INFINITY, stale, 7.0]);
        assert_eq!((column.exponent, column.numbers), (0, vec![5, 5, 5, 6, 6, 6, 7]));
        assert_eq!(column.exceptions.iter().map(|(index, _)| *index).collect::<Vec<_>>(), [0, 2, 4, 5]);
    }

    #[test]
    fn whole_numbers_beyond_two_to_the_fifty_third_are_kept() {
        let values = [9_007_199_254_740_994.0, 1e18, -1e18];
        let column = scaled(&values);
        let mut back = Vec::new();
        unscale(column.exponent, &column.numbers, &mut back);
        assert_eq!(back, values);
    }
}
