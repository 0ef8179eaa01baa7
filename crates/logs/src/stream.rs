//! Streams: which exist, and the list of them that each file carries in its sidecar, so that a selector is resolved
//! without reading rows. The list is laid out in `docs/format/logs.md`.

use crate::record::{put_number, put_signed, take_bytes, take_number, take_signed};
use lgtm_model::{Labels, Matcher, TimestampNs};
use lgtm_store::table::hash_id;
use std::collections::BTreeMap;

/// The label that names a stream's service.
pub(crate) const SERVICE: &str = "service_name";

/// A stream's number: a hash of its labels, so that two processes agree without talking.
pub(crate) fn stream_id(labels: &Labels) -> i64 {
    hash_id(labels.as_packed()) as i64
}

/// One stream within a file or a memory table.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct StreamSpan {
    pub labels: Labels,
    pub time_min: TimestampNs,
    pub time_max: TimestampNs,
    pub rows: u64,
}

/// The streams of a file, by their numbers.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct StreamList(pub BTreeMap<i64, StreamSpan>);

impl StreamList {
    /// Counts a row of a stream.
    pub fn add(&mut self, id: i64, labels: &Labels, time: TimestampNs) {
        let span = self.0.entry(id).or_insert_with(|| StreamSpan {
            labels: labels.clone(),
            time_min: time,
            time_max: time,
            rows: 0,
        });
        span.time_min = span.time_min.min(time);
        span.time_max = span.time_max.max(time);
        span.rows += 1;
    }

    /// Adds another list, as a merge of files does with their rows.
    pub fn merge(&mut self, other: &Self) {
        for (id, span) in &other.0 {
            match self.0.get_mut(id) {
                None => drop(self.0.insert(*id, span.clone())),
                Some(mine) => {
                    mine.time_min = mine.time_min.min(span.time_min);
                    mine.time_max = mine.time_max.max(span.time_max);
                    mine.rows += span.rows;
                }
            }
        }
    }

    /// The streams with rows in `start ..= end` that satisfy all matchers.
    pub fn select<'a>(
        &'a self,
        matchers: &'a [Matcher],
        start: TimestampNs,
        end: TimestampNs,
    ) -> impl Iterator<Item = (i64, &'a Labels)> {
        self.0.iter().filter(move |(_, span)| span.time_min <= end && span.time_max >= start).filter_map(
            move |(id, span)| {
                let matches = |matcher: &Matcher| matcher.matches(span.labels.get(matcher.name()).unwrap_or(""));
                matchers.iter().all(matches).then_some((*id, &span.labels))
            },
        )
    }

    /// The list as a sidecar's annex.
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        put_number(&mut bytes, self.0.len() as u64);
        for span in self.0.values() {
            let packed = span.labels.as_packed();
            put_number(&mut bytes, packed.len() as u64);
            bytes.extend_from_slice(packed);
            put_signed(&mut bytes, span.time_min.0);
            put_number(&mut bytes, span.time_max.since_ns(span.time_min).unsigned_abs());
            put_number(&mut bytes, span.rows);
        }
        bytes
    }

    /// Reads an annex; `None` when the bytes are none.
    pub fn decode(mut bytes: &[u8]) -> Option<Self> {
        let mut list = Self::default();
        for _stream in 0..take_number(&mut bytes)? {
            let labels = Labels::from_packed(take_bytes(&mut bytes)?)?;
            let time_min = TimestampNs(take_signed(&mut bytes)?);
            let time_max = time_min.add_ns(i64::try_from(take_number(&mut bytes)?).ok()?);
            let rows = take_number(&mut bytes)?;
            list.0.insert(stream_id(&labels), StreamSpan { labels, time_min, time_max, rows });
        }
        bytes.is_empty().then_some(list)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_survive_the_annex_and_broken_ones_are_refused() {
        let mut list = StreamList::default();
        for (service, time) in [("a", -5), ("b", 7), ("a", i64::MAX / 2)] {
            let labels = Labels::from_pairs([(SERVICE, service)]);
            list.add(stream_id(&labels), &labels, TimestampNs(time));
        }
        let bytes = list.encode();
        assert_eq!(StreamList::decode(&bytes), Some(list.clone()));
        for cut in 0..bytes.len() {
            assert_eq!(StreamList::decode(&bytes[..cut]), None, "{cut}");
        }
        let matchers = [Matcher::equal(SERVICE, "a")];
        assert_eq!(list.select(&matchers, TimestampNs(0), TimestampNs(1)).count(), 1);
        assert_eq!(list.select(&matchers, TimestampNs::MIN, TimestampNs(-6)).count(), 0);
    }
}
