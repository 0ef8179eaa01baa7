//! Small files of spans to larger ones, for the store's housekeeping.

use crate::flush::{RESOURCE_NAMES, SERVICES, SPAN_NAMES, list, property};
use async_trait::async_trait;
use bytes::Bytes;
use lgtm_model::TimestampNs;
use lgtm_runtime::Random;
use lgtm_store::compaction::Compactor;
use lgtm_store::table::{TableError, TableSpec, merge, sidecar_path};
use lgtm_store::{FileEntry, Files, Signal, StoreError};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Merges files of spans.
pub struct SpanCompactor {
    spec: Arc<TableSpec>,
    files: Arc<Files>,
    random: Random,
}

impl SpanCompactor {
    /// A compactor of the spans in `files`.
    pub fn new(files: Arc<Files>, random: Random) -> Self {
        Self { spec: crate::table::spec(), files, random }
    }

    /// What the store must know of a failed merge: which input is damaged, if one is.
    async fn fault(&self, paths: &[String], error: TableError) -> StoreError {
        match error {
            TableError::Store(error) => error,
            TableError::Interrupted(_) => StoreError::Closed { signal: Signal::Spans },
            TableError::Engine(reason) => {
                for path in paths {
                    let alone = merge(&self.spec, &self.files, std::slice::from_ref(path), Vec::new()).await;
                    if let Err(TableError::Engine(reason)) = alone {
                        return StoreError::damaged(path, reason.to_string());
                    }
                }
                StoreError::Contradiction { reason: format!("files of spans cannot be merged: {reason}") }
            }
        }
    }
}

#[async_trait]
impl Compactor for SpanCompactor {
    fn signal(&self) -> Signal {
        Signal::Spans
    }

    async fn merge(&self, inputs: &[Arc<FileEntry>], level: u8) -> Result<Vec<FileEntry>, StoreError> {
        let paths: Vec<String> = inputs.iter().map(|input| input.path.clone()).collect();
        let encoded = match merge(&self.spec, &self.files, &paths, Vec::new()).await {
            Ok(encoded) => encoded,
            Err(error) => return Err(self.fault(&paths, error).await),
        };
        let day = inputs.first().map_or(0, |input| input.day);
        let path = FileEntry::new_path(Signal::Spans, day, level, &self.random, "parquet");
        let sidecar = sidecar_path(&path);
        let entry = FileEntry {
            signal: Signal::Spans,
            day,
            level,
            rows: encoded.rows,
            bytes: encoded.parquet.len() as u64,
            time_min: inputs.iter().map(|input| input.time_min).min().unwrap_or(TimestampNs(0)),
            time_max: inputs.iter().map(|input| input.time_max).max().unwrap_or(TimestampNs(0)),
            sidecars: vec![sidecar.clone()],
            properties: properties(inputs),
            path: path.clone(),
        };
        self.files.put(&sidecar, Bytes::from(encoded.sidecar)).await?;
        self.files.put(&path, Bytes::from(encoded.parquet)).await?;
        Ok(vec![entry])
    }
}

fn properties(inputs: &[Arc<FileEntry>]) -> BTreeMap<String, String> {
    let union = |name: &str| {
        let names: Vec<String> = inputs.iter().flat_map(|input| property(input, name)).collect();
        (name.to_owned(), list(names.iter().map(String::as_str).collect::<BTreeSet<_>>()))
    };
    BTreeMap::from([union(SERVICES), union(RESOURCE_NAMES), union(SPAN_NAMES)])
}
