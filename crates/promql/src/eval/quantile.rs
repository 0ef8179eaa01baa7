//! The φ-quantile of values, interpolated between the two nearest ranks.

/// Sorts the values and takes the quantile; NaN counts as the smallest value.
///
/// NaN without values or for a NaN `quantile`, ±Inf for one outside 0 to 1, as upstream.
pub(crate) fn quantile(quantile: f64, values: &mut [f64]) -> f64 {
    if values.is_empty() || quantile.is_nan() {
        return f64::NAN;
    }
    if quantile < 0.0 {
        return f64::NEG_INFINITY;
    }
    if quantile > 1.0 {
        return f64::INFINITY;
    }
    values
        .sort_unstable_by(|left, right| left.partial_cmp(right).unwrap_or_else(|| right.is_nan().cmp(&left.is_nan())));
    let last = (values.len() - 1) as f64;
    let rank = quantile * last;
    let lower = rank.floor().max(0.0);
    let upper = (lower + 1.0).min(last);
    let weight = rank - rank.floor();
    values[lower as usize] * (1.0 - weight) + values[upper as usize] * weight
}

#[cfg(test)]
mod tests {
    use super::quantile;

    #[test]
    fn ranks_between_two_values_are_interpolated() {
        assert_eq!(quantile(0.5, &mut [3.0, 1.0, 2.0]), 2.0);
        assert_eq!(quantile(0.5, &mut [2.0, 1.0]), 1.5);
        assert_eq!(quantile(1.0, &mut [f64::NAN, 1.0]), 1.0);
        assert!(quantile(0.0, &mut [1.0, f64::NAN]).is_nan());
        assert_eq!(quantile(2.0, &mut [1.0]), f64::INFINITY);
        assert!(quantile(0.5, &mut []).is_nan());
    }
}
