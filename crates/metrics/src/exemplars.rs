//! The newest exemplars, in a ring: observations that lead from a graph to a trace.
//!
//! They live in memory only: they point at traces of the last minutes, and a restart may forget them.

use lgtm_model::{Exemplar, Labels, Matcher, TimestampMs};
use parking_lot::Mutex;
use std::collections::VecDeque;

/// A bounded number of exemplars, each with its series.
#[derive(Debug)]
pub struct Exemplars {
    count_max: usize,
    ring: Mutex<VecDeque<(Labels, Exemplar)>>,
}

impl Exemplars {
    /// Room for `count_max`.
    pub fn new(count_max: usize) -> Self {
        Self { count_max, ring: Mutex::default() }
    }

    /// Adds some; the oldest make room. Those without a time get `now`.
    pub fn add(&self, exemplars: Vec<(Labels, Exemplar)>, now: TimestampMs) {
        if exemplars.is_empty() || self.count_max == 0 {
            return;
        }
        let mut ring = self.ring.lock();
        for (labels, mut exemplar) in exemplars {
            exemplar.timestamp.get_or_insert(now);
            if ring.back().is_some_and(|last| last.0 == labels && last.1 == exemplar) {
                continue;
            }
            if ring.len() >= self.count_max {
                ring.pop_front();
            }
            ring.push_back((labels, exemplar));
        }
    }

    /// Those of series that satisfy all matchers, within the range (both ends included), in the order of their arrival.
    pub fn select(&self, matchers: &[Matcher], range: (TimestampMs, TimestampMs)) -> Vec<(Labels, Exemplar)> {
        let ring = self.ring.lock();
        let wanted = |(labels, exemplar): &&(Labels, Exemplar)| {
            exemplar.timestamp.is_some_and(|timestamp| timestamp >= range.0 && timestamp <= range.1)
                && matchers.iter().all(|matcher| matcher.matches(labels.get(matcher.name()).unwrap_or("")))
        };
        ring.iter().filter(wanted).cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_make_room() {
        let exemplars = Exemplars::new(2);
        let labels = Labels::from_pairs([("__name__", "latency")]);
        for second in 0..3 {
            let exemplar = Exemplar { labels: Labels::empty(), value: f64::from(second), timestamp: None };
            exemplars.add(vec![(labels.clone(), exemplar)], TimestampMs(i64::from(second)));
        }
        let found = exemplars.select(&[Matcher::equal("__name__", "latency")], (TimestampMs::MIN, TimestampMs::MAX));
        assert_eq!(found.iter().map(|(_, exemplar)| exemplar.value).collect::<Vec<_>>(), [1.0, 2.0]);
        assert!(exemplars.select(&[Matcher::equal("a", "b")], (TimestampMs::MIN, TimestampMs::MAX)).is_empty());
    }
}
