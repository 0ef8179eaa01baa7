//! `target_info`: one series a resource, whose labels are what the resource says about itself beyond `job` and
//! `instance`.

use super::super::proto::common::v1::KeyValue;
use super::series::{IDENTIFYING, Identity};
use lgtm_model::{METRIC_NAME, Metadata, MetadataRow, MetricType, SampleBatch, SampleRow, TimestampMs};

const NAME: &str = "target_info";
/// Half of the five minutes that a sample stays visible: requests that span more get the series repeated this often.
const INTERVAL_MS: i64 = 150_000;
/// How often it is repeated at most, so that a request with absurd times stays small.
const REPEATS_MAX: i64 = 48;

/// Adds the series for the rows from `first_row` on, at the time of their last.
pub(super) fn add(batch: &mut SampleBatch, first_row: usize, identity: &Identity, resource: &[KeyValue]) {
    let times = || batch.rows[first_row..].iter().map(|row| row.timestamp);
    let (Some(first), Some(last)) = (times().min(), times().max()) else { return };
    if identity.job.is_empty() && identity.instance.is_empty() {
        return;
    }
    let describing: Vec<KeyValue> =
        resource.iter().filter(|pair| !IDENTIFYING.contains(&pair.key.as_str())).cloned().collect();
    if describing.is_empty() {
        return;
    }
    let mut labels = identity.labels(&describing);
    labels.set(METRIC_NAME, NAME);
    let labels = labels.build();
    for timestamp in repeats(first, last) {
        batch.rows.push(SampleRow { labels: labels.clone(), timestamp, value: 1.0 });
    }
    if !batch.metadata.iter().any(|row| row.name == NAME) {
        let metadata =
            Metadata { metric_type: MetricType::Gauge, help: "Target metadata".to_owned(), unit: String::new() };
        batch.metadata.push(MetadataRow { name: NAME.to_owned(), metadata });
    }
}

/// Times from `first` to `last`, `last` among them.
fn repeats(first: TimestampMs, last: TimestampMs) -> impl Iterator<Item = TimestampMs> {
    let steps = (last.0.saturating_sub(first.0) / INTERVAL_MS).clamp(0, REPEATS_MAX);
    (0..=steps).rev().map(move |step| last.add_ms(-step * INTERVAL_MS))
}
