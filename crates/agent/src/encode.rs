//! Items of a signal: how many a batch has, how two become one, how they are encoded and split.

use bytes::Bytes;
use lgtm_flow::SampleBatch;
use lgtm_model::{LogRecord, Span};
use lgtm_wire::otlp::{Signal, logs_request, metrics_request, traces_request};
use prost::Message;

/// Data of one signal that can be put together and sent.
pub(crate) trait Items: Default + Send + 'static {
    /// The signal.
    const SIGNAL: Signal;

    /// How many records, spans or samples.
    fn count(&self) -> usize;

    /// Adds others behind these.
    fn append(&mut self, others: Self);

    /// Takes the items from `at` on away.
    fn split_off(&mut self, at: usize) -> Self;

    /// The OTLP export request.
    fn encode(&self) -> Bytes;
}

impl Items for Vec<LogRecord> {
    const SIGNAL: Signal = Signal::Logs;

    fn count(&self) -> usize {
        self.len()
    }

    fn append(&mut self, others: Self) {
        self.extend(others);
    }

    fn split_off(&mut self, at: usize) -> Self {
        self.split_off(at)
    }

    fn encode(&self) -> Bytes {
        logs_request(self).encode_to_vec().into()
    }
}

impl Items for Vec<Span> {
    const SIGNAL: Signal = Signal::Traces;

    fn count(&self) -> usize {
        self.len()
    }

    fn append(&mut self, others: Self) {
        self.extend(others);
    }

    fn split_off(&mut self, at: usize) -> Self {
        self.split_off(at)
    }

    fn encode(&self) -> Bytes {
        traces_request(self).encode_to_vec().into()
    }
}

impl Items for SampleBatch {
    const SIGNAL: Signal = Signal::Metrics;

    fn count(&self) -> usize {
        self.rows.len()
    }

    fn append(&mut self, others: Self) {
        self.rows.extend(others.rows);
        self.exemplars.extend(others.exemplars);
        for row in others.metadata {
            // Clients declare the same families with every request; once a batch is enough.
            if !self.metadata.contains(&row) {
                self.metadata.push(row);
            }
        }
    }

    fn split_off(&mut self, at: usize) -> Self {
        Self { rows: self.rows.split_off(at), ..Self::default() }
    }

    fn encode(&self) -> Bytes {
        metrics_request(self).encode_to_vec().into()
    }
}

/// The items as requests of at most `bytes_max` bytes each: halved until they fit. A single item is never split.
pub(crate) fn requests<T: Items>(mut items: T, bytes_max: usize) -> Vec<Bytes> {
    let encoded = items.encode();
    if encoded.len() <= bytes_max || items.count() < 2 {
        return vec![encoded];
    }
    let rest = items.split_off(items.count() / 2);
    let mut all = requests(items, bytes_max);
    all.extend(requests(rest, bytes_max));
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use lgtm_model::{Labels, Severity, TimestampNs};
    use lgtm_wire::otlp::decode::from_protobuf;
    use lgtm_wire::otlp::log_records;

    #[test]
    fn large_batches_are_split_and_lose_nothing() {
        let record = |index: i64| LogRecord {
            stream: Labels::from_pairs([("service_name", "a")]),
            timestamp: TimestampNs(index),
            severity: Severity(0),
            body: "x".repeat(100),
            trace_id: None,
            span_id: None,
            attributes: Labels::empty(),
        };
        let records: Vec<LogRecord> = (0..100).map(record).collect();
        let requests = requests(records.clone(), 2_000);
        assert!(requests.len() > 5);
        assert!(requests.iter().all(|request| request.len() <= 2_000));
        let back: Vec<LogRecord> =
            requests.iter().flat_map(|request| log_records(from_protobuf(request).unwrap(), TimestampNs(0))).collect();
        assert_eq!(back, records);
    }
}
