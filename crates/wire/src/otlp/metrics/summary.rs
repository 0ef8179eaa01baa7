//! Summaries: one series a quantile, `_sum` and `_count`.

use super::super::proto::metrics::v1::SummaryDataPoint;
use super::series::{Identity, named, number_label};
use super::sheet::Sheet;

pub(super) fn add(sheet: &mut Sheet, identity: &Identity, name: &str, points: Vec<SummaryDataPoint>) {
    for point in points {
        let timestamp = sheet.time(point.time_unix_nano);
        let labels = identity.labels(&point.attributes);
        sheet.row(named(&labels, name, "_sum", None), timestamp, point.flags, point.sum);
        sheet.row(named(&labels, name, "_count", None), timestamp, point.flags, point.count as f64);
        for at in point.quantile_values {
            let series = named(&labels, name, "", Some(("quantile", &number_label(at.quantile))));
            sheet.row(series, timestamp, point.flags, at.value);
        }
    }
}
