//! The selections of a query: each set of matchers is fetched once for every stretch of time that is needed.

use crate::Select;
use lgtm_model::{Matcher, TimestampMs};

/// Collects selections while a query is compiled.
#[derive(Debug, Default)]
pub(crate) struct Slots {
    selects: Vec<Select>,
}

impl Slots {
    /// The number of the selection that holds these series from `start_ms` to `end_ms`. Equal matchers whose times
    /// overlap share one selection, which grows to hold both; far apart (`x` and `x offset 1w`) they stay two.
    pub fn request(&mut self, matchers: &[Matcher], start_ms: i64, end_ms: i64) -> usize {
        let fits =
            |select: &Select| select.matchers == matchers && select.start.0 <= end_ms && start_ms <= select.end.0;
        if let Some(slot) = self.selects.iter().position(fits) {
            let select = &mut self.selects[slot];
            select.start = TimestampMs(select.start.0.min(start_ms));
            select.end = TimestampMs(select.end.0.max(end_ms));
            return slot;
        }
        let (start, end) = (TimestampMs(start_ms), TimestampMs(end_ms));
        self.selects.push(Select { matchers: matchers.to_vec(), start, end, samples_max: 0 });
        self.selects.len() - 1
    }

    /// The selections, each with the limit.
    pub fn finish(mut self, samples_max: usize) -> Vec<Select> {
        for select in &mut self.selects {
            select.samples_max = samples_max;
        }
        self.selects
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_selectors_share_a_selection_when_their_times_meet() {
        let (up, down) = ([Matcher::equal("__name__", "up")], [Matcher::equal("__name__", "down")]);
        let mut slots = Slots::default();
        assert_eq!(slots.request(&up, 10, 20), 0);
        assert_eq!(slots.request(&down, 10, 20), 1);
        assert_eq!(slots.request(&up, 5, 12), 0);
        assert_eq!(slots.request(&up, 100, 120), 2);
        let selects = slots.finish(7);
        assert_eq!((selects[0].start.0, selects[0].end.0, selects[0].samples_max), (5, 20, 7));
    }
}
