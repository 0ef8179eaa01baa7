//! `start` and `end` in whole seconds, as Tempo takes them.

use lgtm_model::TimestampNs;
use lgtm_runtime::SharedClock;
use serde::Deserialize;

/// How far back a search without a start goes.
const SEARCH_RANGE_NS: i64 = 3_600_000_000_000;

/// The time range of a request; both ends may be left out.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
pub struct Range {
    start: Option<i64>,
    end: Option<i64>,
}

impl Range {
    /// The range, the last hour where the request says nothing. The last second counts whole.
    pub fn or_last_hour(self, clock: &SharedClock) -> (TimestampNs, TimestampNs) {
        let end = self.end.map_or_else(|| clock.now(), end_of_second);
        (self.start.map_or_else(|| end.add_ns(-SEARCH_RANGE_NS), start_of_second), end)
    }

    /// The range, if the request gives both ends.
    pub fn given(self) -> Option<(TimestampNs, TimestampNs)> {
        Some((start_of_second(self.start?), end_of_second(self.end?)))
    }
}

fn start_of_second(seconds: i64) -> TimestampNs {
    TimestampNs(seconds.saturating_mul(1_000_000_000))
}

fn end_of_second(seconds: i64) -> TimestampNs {
    start_of_second(seconds).add_ns(999_999_999)
}
