//! How long the windows really are: as written, or all shortened by one factor so that a demo shows in minutes what
//! takes hours.

use lgtm_model::format_duration_ms;
use lgtm_settings::Node;

/// How often events are counted: the finest step of every window.
const SLICE_MS: i64 = 15_000;

/// No slice is shorter, however much windows are scaled: targets are not scraped more often.
const SLICE_MS_MIN: i64 = 5_000;

/// How late samples may arrive. A failing probe is stored when it gives up, under the time at which it began.
const SETTLE_MS: i64 = 10_000;

/// How often slices are summed to blocks, of which the window of the budget is built.
const BLOCK_MS: i64 = 120_000;

/// The largest factor: beyond it short windows would hold no slice.
pub const SCALE_MAX: u32 = 60;

/// A factor by which all windows and waiting times are shortened. One is real time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scale {
    factor: u32,
}

impl Default for Scale {
    fn default() -> Self {
        Self { factor: 1 }
    }
}

impl Scale {
    /// `None` beyond 1 to [`SCALE_MAX`].
    pub fn new(factor: u32) -> Option<Self> {
        (1..=SCALE_MAX).contains(&factor).then_some(Self { factor })
    }

    /// Reads a setting: a whole number from 1 to [`SCALE_MAX`].
    pub fn read(node: Node<'_>) -> Option<Self> {
        let factor = node.integer(1..=i64::from(SCALE_MAX))?;
        Self::new(u32::try_from(factor).ok()?)
    }

    /// The factor.
    pub fn factor(self) -> u32 {
        self.factor
    }

    /// How often events are counted.
    pub fn slice_ms(self) -> i64 {
        whole_seconds(SLICE_MS / i64::from(self.factor)).max(SLICE_MS_MIN)
    }

    /// How far behind the clock they are counted.
    pub fn settle_ms(self) -> i64 {
        whole_seconds(SETTLE_MS / i64::from(self.factor)).max(SLICE_MS_MIN)
    }

    /// How often slices are summed; a whole number of slices, and at least two.
    pub fn block_ms(self) -> i64 {
        self.in_slices(BLOCK_MS / i64::from(self.factor)).max(2) * self.slice_ms()
    }

    /// A window as it really is: a whole number of slices, at least one.
    pub fn window_ms(self, nominal_ms: i64) -> i64 {
        self.in_slices(nominal_ms / i64::from(self.factor)).max(1) * self.slice_ms()
    }

    /// The budget's window as it really is: a whole number of blocks, at least one.
    pub fn budget_window_ms(self, nominal_ms: i64) -> i64 {
        let block_ms = self.block_ms();
        ((nominal_ms / i64::from(self.factor) + block_ms / 2) / block_ms).max(1) * block_ms
    }

    /// A waiting time as it really is.
    pub fn wait_ms(self, nominal_ms: i64) -> i64 {
        nominal_ms / i64::from(self.factor)
    }

    fn in_slices(self, duration_ms: i64) -> i64 {
        (duration_ms + self.slice_ms() / 2) / self.slice_ms()
    }
}

fn whole_seconds(duration_ms: i64) -> i64 {
    duration_ms / 1000 * 1000
}

/// A duration as rules write it.
pub(crate) fn text(duration_ms: i64) -> String {
    format_duration_ms(duration_ms)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn twelve_to_one_turns_an_hour_into_five_minutes() {
        let scale = Scale::new(12).unwrap();
        let effective: Vec<String> =
            [3_600_000, 300_000, 21_600_000, 1_800_000].map(|ms| text(scale.window_ms(ms))).to_vec();
        assert_eq!(effective, ["5m", "25s", "30m", "2m30s"]);
        assert_eq!(text(scale.budget_window_ms(30 * 86_400_000)), "2d12h");
        assert_eq!(text(scale.wait_ms(120_000)), "10s");
        assert_eq!((scale.slice_ms(), scale.settle_ms(), scale.block_ms()), (5_000, 5_000, 10_000));
    }

    #[test]
    fn at_every_scale_windows_are_whole_slices_and_blocks() {
        for factor in 1..=SCALE_MAX {
            let scale = Scale::new(factor).unwrap();
            for nominal_ms in [300_000, 1_800_000, 3_600_000, 21_600_000] {
                assert_eq!(scale.window_ms(nominal_ms) % scale.slice_ms(), 0);
                assert!(scale.window_ms(nominal_ms) >= scale.slice_ms());
            }
            assert_eq!(scale.block_ms() % scale.slice_ms(), 0);
            assert_eq!(scale.budget_window_ms(30 * 86_400_000) % scale.block_ms(), 0);
        }
        assert!(Scale::new(0).is_none() && Scale::new(SCALE_MAX + 1).is_none());
    }
}
