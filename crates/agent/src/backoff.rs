//! How long to wait before the next attempt.

use lgtm_runtime::Random;
use std::time::Duration;

/// Exponential back-off with jitter.
///
/// The wait before attempt *n* + 1 is between half and all of `first * 2^(n - 1)`, at most `max`. The jitter keeps many
/// agents from coming back to a restarted server in the same moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Backoff {
    /// After the first failure (default: 500 ms).
    pub first: Duration,
    /// The longest wait (default: 30 s).
    pub max: Duration,
}

impl Default for Backoff {
    fn default() -> Self {
        Self { first: Duration::from_millis(500), max: Duration::from_secs(30) }
    }
}

impl Backoff {
    /// The wait after `failures` failures in a row.
    pub fn wait(&self, failures: u32, random: &Random) -> Duration {
        let doublings = failures.saturating_sub(1).min(31);
        let full = self.first.saturating_mul(1 << doublings).min(self.max);
        full.mul_f64(0.5 + 0.5 * random.fraction())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_the_limit_and_are_never_the_same_for_all() {
        let (backoff, random) = (Backoff::default(), Random::from_seed(1));
        for (failures, full_ms) in [(0, 500), (1, 500), (2, 1_000), (3, 2_000), (7, 30_000), (1_000, 30_000)] {
            let wait = backoff.wait(failures, &random).as_millis();
            assert!((full_ms / 2..=full_ms).contains(&wait), "{failures}: {wait}");
        }
        assert_ne!(backoff.wait(1, &Random::from_seed(1)), backoff.wait(1, &Random::from_seed(2)));
    }
}
