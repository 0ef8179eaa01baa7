//! Metrics that carry their final names: what [`super::metrics_request`] wrote, read back as it was.

use super::super::proto::metrics::v1::metric::Data;
use super::super::proto::metrics::v1::{Metric, NumberDataPoint};
use super::super::value::{text_of, to_text};
use super::{exemplar, number};
use lgtm_model::{
    Labels, LabelsBuilder, METRIC_NAME, Metadata, MetadataRow, MetricType, SampleBatch, SampleRow, TimestampNs,
};

/// The metadata key that holds a metric's Prometheus type.
pub(super) const TYPE_KEY: &str = "prometheus.type";

/// Every type by its name on the wire.
const TYPES: [MetricType; 8] = [
    MetricType::Counter,
    MetricType::Gauge,
    MetricType::Histogram,
    MetricType::GaugeHistogram,
    MetricType::Summary,
    MetricType::Info,
    MetricType::StateSet,
    MetricType::Unknown,
];

/// Adds all points of a metric. Points without a value only carry exemplars; other kinds than gauges and sums are never
/// written and are passed over.
pub(super) fn take(batch: &mut SampleBatch, metric: Metric) {
    let points = match metric.data {
        Some(Data::Gauge(gauge)) => gauge.data_points,
        Some(Data::Sum(sum)) => sum.data_points,
        _ => Vec::new(),
    };
    if let Some(written) = text_of(&metric.metadata, TYPE_KEY) {
        let metric_type = TYPES.into_iter().find(|known| known.as_str() == written).unwrap_or_default();
        let metadata = Metadata { metric_type, help: metric.description, unit: metric.unit };
        batch.metadata.push(MetadataRow { name: metric.name.clone(), metadata });
    }
    for point in points {
        let labels = labels_of(&metric.name, &point);
        let exemplars = point.exemplars.iter().filter_map(exemplar::verbatim);
        batch.exemplars.extend(exemplars.map(|exemplar| (labels.clone(), exemplar)));
        if point.value.is_some() {
            let timestamp = TimestampNs(point.time_unix_nano.cast_signed()).to_ms();
            batch.rows.push(SampleRow { labels, timestamp, value: number::value_of(point.value) });
        }
    }
}

fn labels_of(name: &str, point: &NumberDataPoint) -> Labels {
    let mut labels = LabelsBuilder::default();
    labels.set(METRIC_NAME, name);
    for pair in &point.attributes {
        labels.set(pair.key.as_str(), to_text(pair.value.as_ref()));
    }
    labels.build()
}
