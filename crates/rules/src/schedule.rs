//! When a group is evaluated: once an interval, at a place within it that its file and name alone decide, so that
//! groups are spread evenly and a restart changes nothing.

use lgtm_model::TimestampMs;

/// A group's times.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Schedule {
    pub interval_ms: i64,
    offset_ms: i64,
}

impl Schedule {
    pub fn new(key: &str, interval_ms: i64) -> Self {
        let interval_ms = interval_ms.max(1);
        let offset_ms = (fnv1a(key) % interval_ms.unsigned_abs()).cast_signed();
        Self { interval_ms, offset_ms }
    }

    /// The latest of its times that is not after `now`.
    pub fn at_or_before(&self, now: TimestampMs) -> TimestampMs {
        let since = now.0.saturating_sub(self.offset_ms).rem_euclid(self.interval_ms);
        TimestampMs(now.0 - since)
    }

    /// The time that follows `last`, when it is `now`, and how many times before it have been missed.
    pub fn next(&self, last: TimestampMs, now: TimestampMs) -> (TimestampMs, u64) {
        let missed = (now.0.saturating_sub(last.0) / self.interval_ms - 1).max(0);
        (last.add_ms((missed + 1) * self.interval_ms), missed.unsigned_abs())
    }
}

/// Fowler, Noll and Vo's hash: the same on every machine and in every version.
fn fnv1a(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_evenly_spaced_and_never_in_the_future() {
        let schedule = Schedule::new("a.yml;b", 60_000);
        for now in [0, 1, 59_999, 60_000, 1_700_000_000_123] {
            let at = schedule.at_or_before(TimestampMs(now)).0;
            assert!(at <= now && now - at < 60_000 && at.rem_euclid(60_000) == schedule.offset_ms);
        }
        assert_ne!(schedule, Schedule::new("a.yml;c", 60_000));
    }

    #[test]
    fn what_a_long_evaluation_missed_is_counted() {
        let schedule = Schedule::new("", 10);
        let next = |now| schedule.next(TimestampMs(100), TimestampMs(now));
        assert_eq!(next(103), (TimestampMs(110), 0));
        assert_eq!(next(119), (TimestampMs(110), 0));
        assert_eq!(next(125), (TimestampMs(120), 1));
        assert_eq!(next(131), (TimestampMs(130), 2));
    }
}
