//! The classic series of one histogram point: `_bucket` by upper bound, `_sum`, `_count`.

use super::super::proto::metrics::v1::Exemplar as ProtoExemplar;
use super::exemplar;
use super::series::{named, number_label};
use super::sheet::Sheet;
use lgtm_model::{LabelsBuilder, TimestampMs};

/// A histogram point, whatever layout it came in.
pub(super) struct Buckets<'a> {
    pub name: &'a str,
    pub labels: LabelsBuilder,
    pub timestamp: TimestampMs,
    pub flags: u32,
    /// Upper bounds, ascending, each with the count of its own bucket; without the last one, which has no bound.
    pub counts: Vec<(f64, u64)>,
    pub count: u64,
    pub sum: Option<f64>,
    pub exemplars: &'a [ProtoExemplar],
}

/// Adds all series of a point.
pub(super) fn add(sheet: &mut Sheet, point: Buckets<'_>) {
    let Buckets { name, labels, timestamp, flags, counts, count, sum, exemplars } = point;
    if let Some(sum) = sum {
        sheet.row(named(&labels, name, "_sum", None), timestamp, flags, sum);
    }
    sheet.row(named(&labels, name, "_count", None), timestamp, flags, count as f64);
    let mut exemplars: Vec<_> = exemplars.iter().filter_map(exemplar::translated).collect();
    exemplars.sort_by(|left, right| left.value.total_cmp(&right.value));
    let mut exemplars = exemplars.into_iter().peekable();
    let mut total = 0_u64;
    let bounded = counts.into_iter().filter(|(bound, _)| *bound != f64::INFINITY);
    for (bound, bucket) in bounded.map(|(bound, bucket)| (bound, Some(bucket))).chain([(f64::INFINITY, None)]) {
        let series = named(&labels, name, "_bucket", Some(("le", &number_label(bound))));
        while let Some(exemplar) = exemplars.next_if(|exemplar| exemplar.value <= bound || bucket.is_none()) {
            sheet.exemplar(series.clone(), exemplar);
        }
        total = bucket.map_or(count, |bucket| total.saturating_add(bucket));
        sheet.row(series, timestamp, flags, total as f64);
    }
}
