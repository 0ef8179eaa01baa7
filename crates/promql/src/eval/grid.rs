//! The points in time at which an expression is evaluated: a start and a number of equal steps.

/// Evenly spaced evaluation times. An instant query has one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Grid {
    /// The first time.
    pub start_ms: i64,
    /// Between two times; at least one, and without meaning when there is one time.
    pub step_ms: i64,
    /// How many times there are; may be none, when a subquery's range holds no aligned step.
    pub steps: usize,
}

impl Grid {
    /// A single time.
    pub fn instant(time_ms: i64) -> Self {
        Self { start_ms: time_ms, step_ms: 1, steps: 1 }
    }

    /// From `start_ms` to at most `end_ms`, both inclusive.
    pub fn between(start_ms: i64, end_ms: i64, step_ms: i64) -> Self {
        let step_ms = step_ms.max(1);
        let steps = if end_ms < start_ms { 0 } else { (end_ms.saturating_sub(start_ms) / step_ms) as usize + 1 };
        Self { start_ms, step_ms, steps }
    }

    /// The time of a step.
    pub fn time_ms(&self, step: usize) -> i64 {
        self.start_ms.saturating_add(self.step_ms.saturating_mul(step as i64))
    }

    /// The time of the last step; the start if there is none.
    pub fn last_ms(&self) -> i64 {
        self.time_ms(self.steps.saturating_sub(1))
    }

    /// All times in order.
    pub fn times_ms(&self) -> impl Iterator<Item = i64> + '_ {
        (0..self.steps).map(|step| self.time_ms(step))
    }

    /// The same start alone: what a step-invariant expression needs.
    pub fn first_only(&self) -> Self {
        Self { steps: self.steps.min(1), ..*self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_counts_only_when_a_step_falls_on_it() {
        assert_eq!(Grid::between(0, 10, 5).times_ms().collect::<Vec<_>>(), [0, 5, 10]);
        assert_eq!(Grid::between(0, 9, 5).last_ms(), 5);
        assert_eq!(Grid::between(1, 0, 5).steps, 0);
    }
}
