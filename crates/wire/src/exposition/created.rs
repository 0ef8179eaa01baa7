//! `_created` lines of OpenMetrics: when a counter, summary or histogram began to count.
//!
//! A `_created` line belongs to the samples of its family that have the same labels, bucket bounds and quantiles left
//! out. As upstream, a sample looks ahead, no further than to the next `_created` line; what was found holds for the
//! samples that follow directly and have the same labels.

use super::entry::Entry;
use lgtm_model::{Labels, METRIC_NAME, MetricType, TimestampMs};

/// Takes the `_created` lines out and notes their times as the start of the samples that they belong to.
pub fn fold_created(entries: Vec<Entry<'_>>) -> Vec<Entry<'_>> {
    let mut folded = Vec::with_capacity(entries.len());
    let mut family = Vec::new();
    for entry in entries {
        if matches!(entry, Entry::Type { .. }) {
            fold_family(&mut family, &mut folded);
        }
        family.push(entry);
    }
    fold_family(&mut family, &mut folded);
    folded
}

fn fold_family<'a>(family: &mut Vec<Entry<'a>>, folded: &mut Vec<Entry<'a>>) {
    let lines: Vec<Created> = family.iter().enumerate().filter_map(|(index, entry)| created(index, entry)).collect();
    let mut created = lines.iter().peekable();
    let mut current: Option<&Created> = None;
    for (index, mut entry) in family.drain(..).enumerate() {
        if created.next_if(|line| line.index == index).is_some() {
            continue;
        }
        if let Entry::Series(series) = &mut entry
            && !lines.is_empty()
            && let Ok(labels) = series.labels()
        {
            let rest = identity(&labels, series.metric_type);
            let is_mine = |line: &&Created| line.labels == rest && is_sample_of(&labels, &line.family);
            current = current.filter(is_mine).or_else(|| created.peek().copied().filter(is_mine));
            series.start = current.and_then(|line| line.start);
        }
        folded.push(entry);
    }
}

/// A `_created` line.
struct Created {
    /// Its place among the entries of the family.
    index: usize,
    family: String,
    labels: Labels,
    start: Option<TimestampMs>,
}

fn is_sample_of(labels: &Labels, family: &str) -> bool {
    let suffix = labels.metric_name().and_then(|name| name.strip_prefix(family));
    matches!(suffix, Some("" | "_total" | "_bucket" | "_count" | "_sum"))
}

fn created(index: usize, entry: &Entry<'_>) -> Option<Created> {
    let Entry::Series(series) = entry else { return None };
    let counts = matches!(series.metric_type, MetricType::Counter | MetricType::Summary | MetricType::Histogram);
    if !counts || !series.text.contains("_created") {
        return None;
    }
    let labels = series.labels().ok()?;
    let family = labels.metric_name()?.strip_suffix("_created")?.to_owned();
    let start = super::float::seconds_to_ms(series.value).map(TimestampMs);
    Some(Created { index, family, labels: identity(&labels, series.metric_type), start })
}

fn identity(labels: &Labels, metric_type: MetricType) -> Labels {
    let inner = match metric_type {
        MetricType::Histogram => "le",
        MetricType::Summary => "quantile",
        _ => METRIC_NAME,
    };
    labels.filter(|name| name != METRIC_NAME && name != inner)
}
