//! Samples that are not written yet, and which rule each belongs to.

use super::GroupState;
use lgtm_flow::{SampleSink, SinkError};
use lgtm_model::{Labels, SampleBatch, SampleRow, TimestampMs, stale_nan};
use std::collections::HashSet;

/// What one rule gave.
struct Part {
    rule: usize,
    rows: Vec<SampleRow>,
    /// The series without those that only got a staleness marker.
    series: HashSet<Labels>,
}

/// What is not written yet.
#[derive(Default)]
pub(super) struct Pending {
    parts: Vec<Part>,
    /// Ends of series whose rules are gone.
    ends: Vec<SampleRow>,
}

impl Pending {
    /// Whether a reader would miss something.
    pub fn holds_rows(&self) -> bool {
        self.parts.iter().any(|part| !part.rows.is_empty())
    }

    /// Adds what a rule gave, and the ends of the series that it gave last time and now no more.
    pub fn add(&mut self, rule: usize, mut rows: Vec<SampleRow>, previous: &HashSet<Labels>, at: TimestampMs) {
        let series: HashSet<Labels> = rows.iter().map(|row| row.labels.clone()).collect();
        let gone = previous.iter().filter(|labels| !series.contains(*labels));
        rows.extend(gone.map(|labels| end(labels.clone(), at)));
        self.parts.push(Part { rule, rows, series });
    }

    /// Adds the ends of series whose rules are gone, unless a rule gave one of them now.
    pub fn end(&mut self, stale: Vec<Labels>, at: TimestampMs) {
        self.ends.extend(stale.into_iter().map(|labels| end(labels, at)));
    }

    /// Writes everything. What fails is the rule's failure; a batch that is refused is tried again rule by rule, so
    /// that one rule's mistake is not another's.
    pub fn write(&mut self, state: &mut GroupState, sink: &dyn SampleSink) {
        let parts = std::mem::take(&mut self.parts);
        let live = |row: &SampleRow| !state.rules.iter().any(|rule| rule.previous.contains(&row.labels));
        let ends: Vec<SampleRow> = std::mem::take(&mut self.ends).into_iter().filter(live).collect();
        let rows: Vec<SampleRow> = parts.iter().flat_map(|part| &part.rows).chain(&ends).cloned().collect();
        let outcome = send(rows, sink);
        let is_refused = matches!(outcome, Err(SinkError::Refused(_))) && parts.len() > 1;
        for part in parts {
            let outcome = if is_refused { send(part.rows, sink) } else { outcome.clone() };
            let Some(rule) = state.rules.get_mut(part.rule) else { continue };
            match outcome {
                Ok(()) => rule.previous = part.series,
                Err(error) => rule.fail(error.to_string()),
            }
        }
    }
}

fn end(labels: Labels, at: TimestampMs) -> SampleRow {
    SampleRow { labels, timestamp: at, value: stale_nan() }
}

fn send(rows: Vec<SampleRow>, sink: &dyn SampleSink) -> Result<(), SinkError> {
    if rows.is_empty() {
        return Ok(());
    }
    futures::executor::block_on(sink.write_samples(SampleBatch { rows, ..SampleBatch::default() }))
}
