//! What all tables share: the DataFusion runtime over the store's files, the resident sidecars, and the counters that
//! tell how much a query read.

use super::TableSpec;
use super::error::TableError;
use super::needle::Needle;
use super::provider::TableScan;
use super::sidecar::Sidecar;
use super::sidecar_cache::SidecarCache;
use crate::error::StoreError;
use crate::files::Files;
use datafusion::arrow::record_batch::RecordBatch;
use datafusion::execution::object_store::ObjectStoreUrl;
use datafusion::execution::runtime_env::{RuntimeEnv, RuntimeEnvBuilder};
use datafusion::object_store::ObjectStore;
use datafusion::prelude::{SessionConfig, SessionContext};
use lgtm_runtime::metrics::{Counter, Registry};
use std::sync::Arc;

/// The limits of an engine.
#[derive(Clone, Debug)]
pub struct TableEngineSettings {
    /// Bytes that all running queries together may hold.
    pub query_memory_bytes_max: usize,
    /// Bytes of token filters kept in memory.
    pub token_filter_bytes_max: usize,
    /// Partitions a query is split into; the number of cores is a good choice.
    pub query_partitions: usize,
}

impl Default for TableEngineSettings {
    fn default() -> Self {
        Self { query_memory_bytes_max: 512 << 20, token_filter_bytes_max: 256 << 20, query_partitions: 2 }
    }
}

/// A Parquet file to scan: its path in the store and its length.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScanFile {
    /// Its path in the store.
    pub path: String,
    /// Its length in bytes.
    pub size_bytes: u64,
}

/// How much of a table a scan reads.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ScanCounts {
    /// Files that are read in part or whole.
    pub files_read: u64,
    /// Files that the token filters ruled out.
    pub files_skipped: u64,
    /// Row groups that are read, unless statistics rule them out later.
    pub row_groups_read: u64,
    /// Row groups that the token filters ruled out.
    pub row_groups_skipped: u64,
}

/// Runs queries over tables. Share it in an `Arc`.
pub struct TableEngine {
    files: Arc<Files>,
    objects: Arc<dyn ObjectStore>,
    runtime: Arc<RuntimeEnv>,
    url: ObjectStoreUrl,
    sidecars: SidecarCache,
    query_partitions: usize,
    registry: Registry,
}

impl TableEngine {
    /// An engine over the store's files.
    ///
    /// # Errors
    /// The files' object store cannot be used.
    pub fn new(files: Arc<Files>, settings: &TableEngineSettings, registry: &Registry) -> Result<Self, TableError> {
        let objects = files.objects()?;
        let url = ObjectStoreUrl::parse("lgtm://store")?;
        let runtime = RuntimeEnvBuilder::new().with_memory_limit(settings.query_memory_bytes_max, 1.0).build_arc()?;
        runtime.register_object_store(url.as_ref(), Arc::clone(&objects));
        Ok(Self {
            files,
            objects,
            runtime,
            url,
            sidecars: SidecarCache::new(settings.token_filter_bytes_max, registry),
            query_partitions: settings.query_partitions.max(1),
            registry: registry.clone(),
        })
    }

    /// A session for one query. `selective` says that few rows pass its filters: they are then evaluated while Parquet
    /// is decoded, which saves decoding the other columns and costs where most rows pass.
    pub fn session(&self, selective: bool) -> SessionContext {
        let mut config = SessionConfig::new().with_target_partitions(self.query_partitions);
        let parquet = &mut config.options_mut().execution.parquet;
        parquet.pushdown_filters = selective;
        parquet.reorder_filters = selective;
        SessionContext::new_with_config_rt(config, Arc::clone(&self.runtime))
    }

    /// The sidecar of a Parquet file, from memory or storage.
    ///
    /// # Errors
    /// It is missing or damaged.
    pub async fn sidecar(&self, path: &str) -> Result<Arc<Sidecar>, StoreError> {
        self.sidecars.get(&self.files, path).await
    }

    /// A provider of the rows in `files` and `memory` that leaves out the row groups in which the needle cannot lie.
    ///
    /// A sidecar that cannot be read costs time, not rows: its file is scanned as a whole.
    pub async fn scan(
        &self,
        spec: &Arc<TableSpec>,
        files: &[ScanFile],
        memory: Vec<RecordBatch>,
        needle: &Needle,
    ) -> TableScan {
        let mut scan = TableScan::new(Arc::clone(spec), self.url.clone(), Arc::clone(&self.objects), memory);
        let mut counts = ScanCounts::default();
        for file in files {
            let selection = if needle.is_empty() { None } else { self.selection(file, needle).await };
            match &selection {
                None => counts.files_read += 1,
                Some(groups) => {
                    let read = groups.iter().filter(|read| **read).count() as u64;
                    counts.row_groups_read += read;
                    counts.row_groups_skipped += groups.len() as u64 - read;
                    if read == 0 {
                        counts.files_skipped += 1;
                        continue;
                    }
                    counts.files_read += 1;
                }
            }
            scan.add_file(file, selection);
        }
        self.count(spec.name, counts);
        scan.set_counts(counts);
        scan
    }

    async fn selection(&self, file: &ScanFile, needle: &Needle) -> Option<Vec<bool>> {
        match self.sidecar(&file.path).await {
            Ok(sidecar) => Some(sidecar.select(needle)),
            Err(error) => {
                tracing::warn!(path = file.path, %error, "scanning a file without its token filter");
                None
            }
        }
    }

    fn count(&self, table: &str, counts: ScanCounts) {
        let counter = |outcome: &str| -> Counter {
            let help = "Row groups with token filters looked up, by whether they had to be read.";
            self.registry.counter("lgtm_table_row_groups_total", help, &[("table", table), ("outcome", outcome)])
        };
        counter("read").add(counts.row_groups_read);
        counter("skipped").add(counts.row_groups_skipped);
    }
}
