//! Histograms with explicit bounds.

use super::super::proto::metrics::v1::HistogramDataPoint;
use super::buckets::{self, Buckets};
use super::series::Identity;
use super::sheet::Sheet;

pub(super) fn add(sheet: &mut Sheet, identity: &Identity, name: &str, points: Vec<HistogramDataPoint>) {
    for point in points {
        let counts = point.explicit_bounds.iter().copied().zip(point.bucket_counts.iter().copied()).collect();
        let timestamp = sheet.time(point.time_unix_nano);
        let labels = identity.labels(&point.attributes);
        let (flags, count, sum) = (point.flags, point.count, point.sum);
        let exemplars = &point.exemplars;
        buckets::add(sheet, Buckets { name, labels, timestamp, flags, counts, count, sum, exemplars });
    }
}
