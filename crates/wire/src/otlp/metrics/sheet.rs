//! The samples of a request as they are being translated, and what all kinds of metrics have in common.

use super::super::name::{NamedType, metric_name, unit_name};
use super::super::outcome::Outcome;
use super::super::proto::metrics::v1::metric::Data;
use super::super::proto::metrics::v1::{AggregationTemporality, Metric};
use super::series::Identity;
use super::{exponential, histogram, number, summary};
use lgtm_model::{
    Exemplar, Labels, Metadata, MetadataRow, MetricType, SampleBatch, SampleRow, TimestampMs, TimestampNs, stale_nan,
};

/// `DataPointFlags.NO_RECORDED_VALUE_MASK`.
const NO_RECORDED_VALUE: u32 = 1;

pub(super) struct Sheet {
    pub outcome: Outcome<SampleBatch>,
    now: TimestampMs,
}

impl Sheet {
    pub(super) fn new(now: TimestampMs) -> Self {
        Self { outcome: Outcome::default(), now }
    }

    /// The time of a point; that of receipt when it carries none.
    pub(super) fn time(&self, unix_nano: u64) -> TimestampMs {
        match i64::try_from(unix_nano) {
            Ok(0) => self.now,
            Ok(unix_nano) => TimestampNs(unix_nano).to_ms(),
            Err(_) => TimestampNs::MAX.to_ms(),
        }
    }

    /// Adds a sample; the staleness marker when the point's flags say that there is no value.
    pub(super) fn row(&mut self, labels: Labels, timestamp: TimestampMs, flags: u32, value: f64) {
        let value = if flags & NO_RECORDED_VALUE == 0 { value } else { stale_nan() };
        self.outcome.data.rows.push(SampleRow { labels, timestamp, value });
    }

    pub(super) fn exemplar(&mut self, labels: Labels, exemplar: Exemplar) {
        self.outcome.data.exemplars.push((labels, exemplar));
    }

    /// Translates one metric with all its points.
    pub(super) fn metric(&mut self, identity: &Identity, metric: Metric) {
        let Some(data) = metric.data else { return };
        let points = points_of(&data);
        if !is_cumulative(&data) {
            let name = metric.name;
            let reason = || format!("metric {name:?} is not cumulative; only cumulative temporality is supported");
            return self.outcome.reject(points, reason);
        }
        let (named_type, metric_type) = types_of(&data);
        let Some(name) = metric_name(&metric.name, &metric.unit, named_type) else {
            let reason = || format!("metric {:?} has no character that a metric name may have", metric.name);
            return self.outcome.reject(points, reason);
        };
        if points == 0 {
            return;
        }
        let metadata = Metadata { metric_type, help: metric.description, unit: unit_name(&metric.unit) };
        self.outcome.data.metadata.push(MetadataRow { name: name.clone(), metadata });
        match data {
            Data::Gauge(gauge) => number::add(self, identity, &name, gauge.data_points),
            Data::Sum(sum) => number::add(self, identity, &name, sum.data_points),
            Data::Histogram(data) => histogram::add(self, identity, &name, data.data_points),
            Data::ExponentialHistogram(data) => exponential::add(self, identity, &name, data.data_points),
            Data::Summary(data) => summary::add(self, identity, &name, data.data_points),
        }
    }
}

fn points_of(data: &Data) -> u64 {
    let points = match data {
        Data::Gauge(data) => data.data_points.len(),
        Data::Sum(data) => data.data_points.len(),
        Data::Histogram(data) => data.data_points.len(),
        Data::ExponentialHistogram(data) => data.data_points.len(),
        Data::Summary(data) => data.data_points.len(),
    };
    points as u64
}

fn is_cumulative(data: &Data) -> bool {
    let temporality = match data {
        Data::Gauge(_) | Data::Summary(_) => return true,
        Data::Sum(data) => data.aggregation_temporality,
        Data::Histogram(data) => data.aggregation_temporality,
        Data::ExponentialHistogram(data) => data.aggregation_temporality,
    };
    temporality == AggregationTemporality::Cumulative as i32
}

fn types_of(data: &Data) -> (NamedType, MetricType) {
    match data {
        Data::Gauge(_) => (NamedType::Gauge, MetricType::Gauge),
        Data::Sum(sum) if sum.is_monotonic => (NamedType::Counter, MetricType::Counter),
        // A sum that may fall is a gauge in Prometheus' eyes, but upstream gives it no `_ratio`.
        Data::Sum(_) => (NamedType::Other, MetricType::Gauge),
        Data::Histogram(_) | Data::ExponentialHistogram(_) => (NamedType::Other, MetricType::Histogram),
        Data::Summary(_) => (NamedType::Other, MetricType::Summary),
    }
}
