//! A frozen generation to files: one a day (UTC, by start), since whole days are what retention drops.

use crate::encode::encode;
use crate::error::TracesError;
use crate::recent::Recent;
use bytes::Bytes;
use lgtm_model::{Span, TimestampNs};
use lgtm_runtime::Random;
use lgtm_store::table::{self, Level, TableSpec, sidecar_path};
use lgtm_store::{FileEntry, Files, Signal};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Names kept in a catalog entry; a file with more is found all the same, only completion misses the rest.
const NAMES_MAX: usize = 256;

/// Catalog properties of a file of spans, each a JSON list of texts.
pub const SERVICES: &str = "services";
/// Names of resource attributes in the file.
pub const RESOURCE_NAMES: &str = "resource_attributes";
/// Names of span attributes in the file.
pub const SPAN_NAMES: &str = "span_attributes";

/// Writes the generation's spans and returns the entries to commit.
pub async fn write(
    recent: &Recent,
    spec: &Arc<TableSpec>,
    files: &Files,
    random: &Random,
) -> Result<Vec<FileEntry>, TracesError> {
    let mut days: BTreeMap<i64, Vec<Arc<Span>>> = BTreeMap::new();
    for span in recent.all() {
        days.entry(span.start.day()).or_default().push(span);
    }
    let mut entries = Vec::new();
    for (day, spans) in days {
        let (spec, spans) = (Arc::clone(spec), Arc::new(spans));
        let rows = Arc::clone(&spans);
        let encoded = tokio::task::spawn_blocking(move || {
            let batch = encode(&rows).map_err(table::TableError::from)?;
            table::encode(&spec, &[batch], Level::Fresh, &[])
        });
        let encoded = encoded.await.map_err(|error| table::TableError::Interrupted(error.to_string()))??;
        let path = FileEntry::new_path(Signal::Spans, day, 0, random, "parquet");
        let mut entry = FileEntry { bytes: encoded.parquet.len() as u64, rows: encoded.rows, ..describe(&spans) };
        entry.day = day;
        entry.sidecars = vec![sidecar_path(&path)];
        files.put(&entry.sidecars[0], Bytes::from(encoded.sidecar)).await?;
        files.put(&path, Bytes::from(encoded.parquet)).await?;
        entry.path = path;
        entries.push(entry);
    }
    Ok(entries)
}

fn describe(spans: &[Arc<Span>]) -> FileEntry {
    let starts = || spans.iter().map(|span| span.start);
    let names = |of: fn(&Span) -> &lgtm_model::Attributes| -> String {
        let names: BTreeSet<&str> = spans.iter().flat_map(|span| of(span).iter().map(|(name, _)| name)).collect();
        list(names)
    };
    let services: BTreeSet<&str> = spans.iter().map(|span| span.resource.service.as_str()).collect();
    FileEntry {
        signal: Signal::Spans,
        time_min: starts().min().unwrap_or(TimestampNs(0)),
        time_max: starts().max().unwrap_or(TimestampNs(0)),
        properties: BTreeMap::from([
            (SERVICES.to_owned(), list(services)),
            (RESOURCE_NAMES.to_owned(), names(|span| &span.resource.attributes)),
            (SPAN_NAMES.to_owned(), names(|span| &span.attributes)),
        ]),
        ..FileEntry::default()
    }
}

/// A property that lists texts, at most `NAMES_MAX` of them.
pub fn list(names: BTreeSet<&str>) -> String {
    serde_json::json!(names.into_iter().take(NAMES_MAX).collect::<Vec<_>>()).to_string()
}

/// The texts of a property; none when it is missing or no list.
pub fn property(entry: &FileEntry, name: &str) -> Vec<String> {
    entry.properties.get(name).and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default()
}
