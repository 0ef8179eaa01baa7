//! Samples to OTLP under their final names, so that [`super::samples`] yields the very same samples.
//!
//! Each metric name becomes one metric, in the order in which the names first appear: a monotonic cumulative sum where
//! the metadata says counter, a gauge otherwise. Series of histograms and summaries travel as the plain series that they
//! are. A declared family without samples of its own name (a histogram's) becomes a metric without points.

use super::super::VERBATIM_SCOPE;
use super::super::proto::collector::metrics::v1::ExportMetricsServiceRequest;
use super::super::proto::common::v1::{InstrumentationScope, KeyValue};
use super::super::proto::metrics::v1::metric::Data;
use super::super::proto::metrics::v1::number_data_point::Value;
use super::super::proto::metrics::v1::{
    AggregationTemporality, Gauge, Metric, NumberDataPoint, ResourceMetrics, ScopeMetrics, Sum,
};
use super::super::value::{text_of, text_pair};
use super::exemplar;
use super::verbatim::TYPE_KEY;
use lgtm_model::{Exemplar, Labels, METRIC_NAME, MetadataRow, MetricType, SampleBatch, SampleRow, is_stale_nan};
use std::collections::HashMap;

/// `DataPointFlags.NO_RECORDED_VALUE_MASK`, for other programs; here the value's bits say it.
const NO_RECORDED_VALUE: u32 = 1;

/// A request that holds all samples, exemplars and declarations.
///
/// A declaration that repeats a name within one batch replaces the earlier one. A timestamp beyond what nanoseconds can
/// hold (the year 2262) is moved to that limit.
pub fn metrics_request(batch: &SampleBatch) -> ExportMetricsServiceRequest {
    let mut sheet = Metrics::default();
    batch.metadata.iter().for_each(|row| sheet.declare(row));
    let mut places: HashMap<&Labels, (usize, usize)> = HashMap::new();
    for row in &batch.rows {
        places.insert(&row.labels, sheet.point(&row.labels, point_of(row)));
    }
    for (labels, exemplar) in &batch.exemplars {
        let place = *places.entry(labels).or_insert_with(|| sheet.point(labels, bare_point(labels)));
        sheet.exemplar(place, exemplar);
    }
    let scope = InstrumentationScope { name: VERBATIM_SCOPE.to_owned(), ..InstrumentationScope::default() };
    let scope_metrics = ScopeMetrics { scope: Some(scope), metrics: sheet.build(), ..ScopeMetrics::default() };
    let resource_metrics = ResourceMetrics { scope_metrics: vec![scope_metrics], ..ResourceMetrics::default() };
    ExportMetricsServiceRequest { resource_metrics: vec![resource_metrics] }
}

/// Metrics under construction, each with its points.
#[derive(Default)]
struct Metrics {
    metrics: Vec<(Metric, Vec<NumberDataPoint>)>,
    places: HashMap<String, usize>,
}

impl Metrics {
    fn place(&mut self, name: &str) -> usize {
        if let Some(place) = self.places.get(name) {
            return *place;
        }
        self.places.insert(name.to_owned(), self.metrics.len());
        self.metrics.push((Metric { name: name.to_owned(), ..Metric::default() }, Vec::new()));
        self.metrics.len() - 1
    }

    fn declare(&mut self, row: &MetadataRow) {
        let place = self.place(&row.name);
        let (metric, _) = &mut self.metrics[place];
        metric.description = row.metadata.help.clone();
        metric.unit = row.metadata.unit.clone();
        metric.metadata = vec![text_pair(TYPE_KEY, row.metadata.metric_type.as_str())];
    }

    /// Adds a point; returns the place of its metric and its place within.
    fn point(&mut self, labels: &Labels, point: NumberDataPoint) -> (usize, usize) {
        let place = self.place(labels.metric_name().unwrap_or_default());
        let (_, points) = &mut self.metrics[place];
        points.push(point);
        (place, points.len() - 1)
    }

    fn exemplar(&mut self, (metric, point): (usize, usize), exemplar: &Exemplar) {
        self.metrics[metric].1[point].exemplars.push(exemplar::to_proto(exemplar));
    }

    fn build(self) -> Vec<Metric> {
        self.metrics.into_iter().map(|(metric, points)| with_points(metric, points)).collect()
    }
}

fn with_points(mut metric: Metric, data_points: Vec<NumberDataPoint>) -> Metric {
    let declared = text_of(&metric.metadata, TYPE_KEY);
    metric.data = if data_points.is_empty() {
        None
    } else if declared == Some(MetricType::Counter.as_str()) {
        let aggregation_temporality = AggregationTemporality::Cumulative.into();
        Some(Data::Sum(Sum { is_monotonic: true, aggregation_temporality, data_points }))
    } else {
        Some(Data::Gauge(Gauge { data_points }))
    };
    metric
}

fn attributes_of(labels: &Labels) -> Vec<KeyValue> {
    labels.iter().filter(|(name, _)| *name != METRIC_NAME).map(|(name, value)| text_pair(name, value)).collect()
}

fn point_of(row: &SampleRow) -> NumberDataPoint {
    NumberDataPoint {
        attributes: attributes_of(&row.labels),
        time_unix_nano: row.timestamp.to_ns().0.cast_unsigned(),
        flags: if is_stale_nan(row.value) { NO_RECORDED_VALUE } else { 0 },
        value: Some(Value::AsDouble(row.value)),
        ..NumberDataPoint::default()
    }
}

/// A point without a value, for exemplars whose series has no sample in the batch.
fn bare_point(labels: &Labels) -> NumberDataPoint {
    NumberDataPoint { attributes: attributes_of(labels), ..NumberDataPoint::default() }
}

#[cfg(test)]
mod tests {
    use super::super::super::decode::from_protobuf;
    use super::super::samples;
    use super::*;
    use lgtm_model::{Metadata, TimestampMs};
    use proptest::prelude::*;
    use prost::Message;
    use std::collections::BTreeMap;

    fn labels() -> impl Strategy<Value = Labels> {
        let name = prop_oneof![Just("node_cpu_seconds_total"), Just("x_bucket"), Just("up"), Just("a.b")];
        let label = ("[a-z_]{1,4}", ".{0,4}");
        (name, proptest::collection::vec(label, 0..4)).prop_map(|(name, pairs)| {
            let pairs = pairs.into_iter().filter(|(name, _)| name != METRIC_NAME);
            Labels::from_pairs(pairs.chain([(METRIC_NAME.to_owned(), name.to_owned())]))
        })
    }

    fn batch() -> impl Strategy<Value = SampleBatch> {
        let row = (labels(), 0..9_000_000_000_000_i64, any::<u64>().prop_map(f64::from_bits));
        let rows = proptest::collection::vec(row, 0..20).prop_map(|mut rows| {
            rows.sort_by_key(|(_, time, _)| *time);
            let row = |(labels, time, value)| SampleRow { labels, timestamp: TimestampMs(time), value };
            rows.into_iter().map(row).collect::<Vec<_>>()
        });
        let kind = prop_oneof![Just(MetricType::Counter), Just(MetricType::Histogram), Just(MetricType::Unknown)];
        let metadata = ("[a-z_]{1,6}(_total)?", kind, ".{0,8}", "[a-z]{0,5}").prop_map(|(name, kind, help, unit)| {
            MetadataRow { name, metadata: Metadata { metric_type: kind, help, unit } }
        });
        let exemplar = (labels(), labels(), any::<f64>(), proptest::option::of(1..1_000_000_i64), any::<[u8; 16]>());
        let exemplar = exemplar.prop_map(|(series, labels, value, time, id)| {
            let mut labels = labels.to_builder();
            labels.set("trace_id", hex_of(&id));
            (series, Exemplar { labels: labels.build(), value, timestamp: time.map(TimestampMs) })
        });
        let lists = (rows, proptest::collection::vec(metadata, 0..5), proptest::collection::vec(exemplar, 0..5));
        lists.prop_map(|(rows, metadata, exemplars)| {
            let by_name: BTreeMap<_, _> = metadata.into_iter().map(|row| (row.name.clone(), row)).collect();
            SampleBatch { rows, metadata: by_name.into_values().collect(), exemplars }
        })
    }

    fn hex_of(bytes: &[u8]) -> String {
        bytes.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// Everything in a batch, in an order that does not depend on how it was grouped.
    fn content(batch: &SampleBatch) -> [Vec<String>; 3] {
        let mut rows: Vec<_> = batch
            .rows
            .iter()
            .map(|row| format!("{:?} {:?} {}", row.labels, row.timestamp, row.value.to_bits()))
            .collect();
        let mut metadata: Vec<_> = batch.metadata.iter().map(|row| format!("{row:?}")).collect();
        let mut exemplars: Vec<_> = batch.exemplars.iter().map(|pair| format!("{pair:?}")).collect();
        rows.sort();
        metadata.sort();
        exemplars.sort();
        [rows, metadata, exemplars]
    }

    proptest! {
        #[test]
        fn every_sample_comes_back_unchanged(batch in batch()) {
            let bytes = metrics_request(&batch).encode_to_vec();
            let back = samples(from_protobuf(&bytes).unwrap(), TimestampMs(1));
            prop_assert_eq!(back.rejected, 0);
            prop_assert_eq!(content(&back.data), content(&batch));
        }
    }
}
