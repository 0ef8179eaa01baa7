//! Sliding windows from counts in buckets.
//!
//! The bucket's width divides both the step and the window, and the first window begins at a bucket's edge; so every
//! window is a whole number of buckets, and one pass with two pointers gives all of them.

/// Buckets for windows of `range_ns` every `step_ns`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Buckets {
    /// Where the first window begins, exclusive.
    pub origin_ns: i64,
    pub width_ns: i64,
    per_step: i64,
    per_window: i64,
    steps: usize,
}

impl Buckets {
    /// For `steps` windows of which the first ends at `start_ns`.
    pub fn new(start_ns: i64, step_ns: i64, range_ns: i64, steps: usize) -> Self {
        // A single window needs no common divisor.
        let width_ns = if steps <= 1 { range_ns } else { divisor(step_ns, range_ns) };
        Self {
            origin_ns: start_ns.saturating_sub(range_ns),
            width_ns,
            per_step: step_ns / width_ns,
            per_window: range_ns / width_ns,
            steps,
        }
    }

    /// The values of all windows, from buckets in ascending order; `None` where a window has none.
    pub fn slide(&self, buckets: &[(i64, f64)]) -> Vec<Option<f64>> {
        let (mut first, mut behind) = (0, 0);
        let window = |step: usize| {
            let lowest = step as i64 * self.per_step;
            while behind < buckets.len() && buckets[behind].0 < lowest + self.per_window {
                behind += 1;
            }
            while first < behind && buckets[first].0 < lowest {
                first += 1;
            }
            // Counts are whole numbers, which a sum of floats keeps exact up to 2^53: no running sum is needed.
            (first < behind).then(|| buckets[first..behind].iter().map(|bucket| bucket.1).sum())
        };
        (0..self.steps).map(window).collect()
    }
}

fn divisor(mut a: i64, mut b: i64) -> i64 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a.max(1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    proptest! {
        #[test]
        fn windows_are_those_of_the_definition(
            times in prop::collection::vec(0_i64..200, 0..40), start in 20_i64..60, step in 1_i64..20,
            range in 1_i64..40, steps in 1_usize..12,
        ) {
            let buckets = Buckets::new(start, step, range, steps);
            let mut counts: BTreeMap<i64, f64> = BTreeMap::new();
            for time in &times {
                let since = time - buckets.origin_ns - 1;
                if since >= 0 { *counts.entry(since / buckets.width_ns).or_default() += 1.0; }
            }
            let got = buckets.slide(&counts.into_iter().collect::<Vec<_>>());
            for (index, value) in got.into_iter().enumerate() {
                let end = start + index as i64 * step;
                let want = times.iter().filter(|time| **time > end - range && **time <= end).count();
                prop_assert_eq!(value, (want > 0).then_some(want as f64));
            }
        }
    }
}
