//! From an answer to a batch: parse, relabel, limit, and find out what vanished.

use crate::cache::{SeriesCache, Sighting};
use crate::client::Answer;
use crate::config::Job;
use lgtm_flow::{MetadataRow, SampleBatch, SampleRow};
use lgtm_model::{Labels, TimestampMs, relabel, stale_nan};
use lgtm_wire::exposition::{Entry, Series, parse};
use std::collections::BTreeMap;

/// What a scrape counted.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Counts {
    pub scraped: usize,
    pub kept: usize,
    pub added: usize,
}

/// Adds an answer's samples to `batch`. On an error nothing of it may be used, and the cache must be cleared.
pub(crate) fn ingest(
    job: &Job,
    target: &Labels,
    answer: &Answer,
    at: TimestampMs,
    cache: &mut SeriesCache,
    batch: &mut SampleBatch,
) -> Result<Counts, String> {
    let format = answer.protocol.format().ok_or("the protobuf exposition format is not read yet")?;
    let mut counts = Counts::default();
    let mut declared: BTreeMap<String, MetadataRow> = BTreeMap::new();
    for entry in parse(&answer.body, format) {
        match entry.map_err(|error| error.to_string())? {
            Entry::Series(series) => sample(job, target, series, at, cache, batch, &mut counts)?,
            entry => declaration(entry, cache, &mut declared),
        }
        if job.limits.samples > 0 && counts.kept as u64 > job.limits.samples {
            return Err(format!("sample_limit of {} samples exceeded", job.limits.samples));
        }
    }
    batch.metadata.extend(declared.into_values());
    Ok(counts)
}

fn sample(
    job: &Job,
    target: &Labels,
    series: Series<'_>,
    at: TimestampMs,
    cache: &mut SeriesCache,
    batch: &mut SampleBatch,
    counts: &mut Counts,
) -> Result<(), String> {
    counts.scraped += 1;
    let own_time = series.timestamp.filter(|_| job.honor_timestamps);
    let tracked = own_time.is_none() || job.track_timestamps_staleness;
    let (labels, sighting) = cache.sight(series.text, tracked, || {
        let labels = series.labels().map_err(|error| error.to_string())?;
        let labels = merge(job, target, &labels, |name| series.writes_label(name));
        labels.map(|labels| limited(job, labels)).transpose()
    })?;
    let Some(labels) = labels else { return Ok(()) };
    counts.kept += 1;
    match sighting {
        // The same series twice at the same time: the first wins. With times of its own, each line is a sample.
        Sighting::Repeated if own_time.is_none() => return Ok(()),
        Sighting::Repeated | Sighting::Continued => {}
        Sighting::Added => counts.added += 1,
    }
    if let Some(exemplar) = series.exemplar {
        batch.exemplars.push((labels.clone(), exemplar));
    }
    batch.rows.push(SampleRow { labels: labels.clone(), timestamp: own_time.unwrap_or(at), value: series.value });
    Ok(())
}

/// The target's labels and the series' own, then the job's rules. `None` when these drop the series.
///
/// Where both have a label, `honor_labels` decides who keeps it; the loser is renamed to `exported_…`. An honored label
/// may be empty (`is_written`, though `series` does not have it): then the series ends up without it.
fn merge(job: &Job, target: &Labels, series: &Labels, is_written: impl Fn(&str) -> bool) -> Option<Labels> {
    let mut labels = series.to_builder();
    for (name, value) in target {
        match labels.get(name).map(str::to_owned) {
            None if job.honor_labels && is_written(name) => {}
            None => drop(labels.set(name, value)),
            Some(_) if job.honor_labels => {}
            Some(own) => {
                let mut exported = format!("exported_{name}");
                while series.get(&exported).is_some() || target.get(&exported).is_some() {
                    exported.insert_str(0, "exported_");
                }
                labels.set(exported, own);
                labels.set(name, value);
            }
        }
    }
    (relabel(&mut labels, &job.metric_relabel)).then(|| labels.build()).filter(|labels| !labels.is_empty())
}

fn limited(job: &Job, labels: Labels) -> Result<Labels, String> {
    if labels.metric_name().is_none() {
        return Err(format!("a series without a metric name after relabelling: {labels}"));
    }
    let limits = &job.limits;
    if limits.labels > 0 && labels.len() as u64 > limits.labels {
        return Err(format!("label_limit of {} exceeded by {labels}, which has {}", limits.labels, labels.len()));
    }
    for (name, value) in &labels {
        if !job.protocols.names.allow_label(name) {
            return Err(format!("{name:?} is not a valid label name"));
        }
        if limits.label_name_bytes > 0 && name.len() as u64 > limits.label_name_bytes {
            return Err(format!("label_name_length_limit of {} exceeded by {name:?}", limits.label_name_bytes));
        }
        if limits.label_value_bytes > 0 && value.len() as u64 > limits.label_value_bytes {
            return Err(format!("label_value_length_limit of {} exceeded by {name:?}", limits.label_value_bytes));
        }
    }
    Ok(labels)
}

fn declaration(entry: Entry<'_>, cache: &mut SeriesCache, declared: &mut BTreeMap<String, MetadataRow>) {
    let news = match &entry {
        Entry::Help { name, text } => {
            cache.is_news(name, |known| known.help = text.to_string()).map(|news| (name, news))
        }
        Entry::Type { name, metric_type } => {
            cache.is_news(name, |known| known.metric_type = *metric_type).map(|news| (name, news))
        }
        Entry::Unit { name, unit } => {
            cache.is_news(name, |known| known.unit = (*unit).to_owned()).map(|news| (name, news))
        }
        Entry::Comment(_) | Entry::Series(_) => None,
    };
    if let Some((name, metadata)) = news {
        // Type, help and unit of one family come as one declaration.
        declared.insert(name.to_string(), MetadataRow { name: name.to_string(), metadata });
    }
}

/// Staleness markers for series that are no longer there.
pub(crate) fn mark_stale(vanished: Vec<Labels>, at: TimestampMs, batch: &mut SampleBatch) {
    batch.rows.extend(vanished.into_iter().map(|labels| SampleRow { labels, timestamp: at, value: stale_nan() }));
}
