//! Compensated sums of windows that move forward, in O(1) a sample however long the windows are.
//!
//! Subtracting what leaves a window would lose what compensation gained, so nothing is subtracted. A window is cut in
//! two: of the older part the sums of all its suffixes are known, of the newer part one sum that grows at its end.
//! When the window has left the older part behind, the newer one becomes the older: its suffixes are summed once,
//! backwards. Each sample is added twice in all. Short windows are summed as they are, in upstream's order.

use super::kahan::KahanSum;
use super::window::Window;

/// Windows of up to so many samples are not worth the two parts.
const SHORT_SAMPLES_MAX: usize = 32;

/// Sums windows of one series after another.
#[derive(Debug, Default)]
pub(crate) struct SlidingSum {
    /// The sum from each position of the older part to its end.
    suffixes: Vec<KahanSum>,
    /// The position of the first suffix.
    first: usize,
    /// One past the newer part, whose first position follows the last suffix.
    end: usize,
    newer: KahanSum,
}

impl SlidingSum {
    /// Forgets the series before.
    pub fn begin(&mut self) {
        self.suffixes.clear();
        (self.first, self.end) = (0, 0);
    }

    /// The sum of a window; its `sum` is infinite if adding in order overflows.
    pub fn sum(&mut self, window: &Window<'_>) -> KahanSum {
        if window.values.len() <= SHORT_SAMPLES_MAX {
            return in_order(window.values);
        }
        let end = window.first + window.values.len();
        if window.first < self.first || window.first >= self.first + self.suffixes.len() {
            self.suffixes.clear();
            let mut sum = KahanSum::default();
            let backwards = window.values.iter().rev().map(|value| {
                sum = sum.plus(*value);
                sum
            });
            self.suffixes.extend(backwards);
            self.suffixes.reverse();
            (self.first, self.end, self.newer) = (window.first, end, KahanSum::default());
        }
        for value in &window.values[self.end - window.first..] {
            self.newer = self.newer.plus(*value);
        }
        self.end = end;
        let older = self.suffixes[window.first - self.first];
        let mut sum = older.plus(self.newer.sum);
        sum.lost += self.newer.lost;
        // Where infinities are about, the order of addition decides, so that it must be upstream's.
        if sum.total().is_finite() { sum } else { in_order(window.values) }
    }
}

fn in_order(values: &[f64]) -> KahanSum {
    values.iter().copied().fold(KahanSum::default(), KahanSum::plus)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn windows_sum_as_if_summed_alone(
            values in prop::collection::vec(prop_oneof![8 => -1e6..1e6_f64, 1 => Just(1e100), 1 => Just(-1e100)], 1..400),
            moves in prop::collection::vec((0_usize..30, 0_usize..60), 1..60),
        ) {
            let mut sliding = SlidingSum::default();
            sliding.begin();
            let (mut first, mut end) = (0, 0);
            for (leave, enter) in moves {
                end = (end + enter).min(values.len());
                first = (first + leave).min(end);
                if first == end {
                    continue;
                }
                let slice = &values[first..end];
                let window =
                    Window { times: &[], values: slice, first, start_ms: 0, end_ms: 0, eval_ms: 0, step: 0 };
                let (got, want) = (sliding.sum(&window).total(), in_order(slice).total());
                let scale = slice.iter().map(|value| value.abs()).fold(1.0, f64::max);
                prop_assert!((got - want).abs() <= scale * 1e-12, "{got} {want}");
            }
        }
    }
}
