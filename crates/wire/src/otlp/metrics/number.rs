//! Gauges and sums: one sample a point.

use super::super::proto::metrics::v1::NumberDataPoint;
use super::super::proto::metrics::v1::number_data_point::Value;
use super::exemplar;
use super::series::{Identity, named};
use super::sheet::Sheet;

pub(super) fn add(sheet: &mut Sheet, identity: &Identity, name: &str, points: Vec<NumberDataPoint>) {
    for point in points {
        let labels = named(&identity.labels(&point.attributes), name, "", None);
        for exemplar in point.exemplars.iter().filter_map(exemplar::translated) {
            sheet.exemplar(labels.clone(), exemplar);
        }
        sheet.row(labels, sheet.time(point.time_unix_nano), point.flags, value_of(point.value));
    }
}

/// The number; a point without one counts as zero, as protobuf's default has it.
pub(super) fn value_of(value: Option<Value>) -> f64 {
    match value {
        Some(Value::AsDouble(value)) => value,
        Some(Value::AsInt(value)) => value as f64,
        None => 0.0,
    }
}
