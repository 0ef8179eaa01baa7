//! The rows of one scan as a DataFusion table: files through a plain `DataSourceExec` with an access plan each, and the
//! batches in memory beside them.
//!
//! Filters are left to DataFusion: it keeps them above the scan, and its own rules push them into the Parquet source
//! for pruning by statistics, and for decoding where the session asks for it.

use super::TableSpec;
use super::engine::{ScanCounts, ScanFile};
use async_trait::async_trait;
use datafusion::arrow::datatypes::SchemaRef;
use datafusion::arrow::record_batch::RecordBatch;
use datafusion::catalog::{Session, TableProvider};
use datafusion::common::Result;
use datafusion::datasource::listing::PartitionedFile;
use datafusion::datasource::memory::MemorySourceConfig;
use datafusion::datasource::physical_plan::parquet::{CachedParquetFileReaderFactory, ParquetAccessPlan};
use datafusion::datasource::physical_plan::{FileGroup, FileScanConfigBuilder, ParquetSource};
use datafusion::datasource::source::DataSourceExec;
use datafusion::execution::object_store::ObjectStoreUrl;
use datafusion::logical_expr::{Expr, TableType};
use datafusion::object_store::ObjectStore;
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::union::UnionExec;
use std::fmt;
use std::sync::Arc;

/// A table's rows for one query: register it in a session or read it with `SessionContext::read_table`.
pub struct TableScan {
    spec: Arc<TableSpec>,
    url: ObjectStoreUrl,
    objects: Arc<dyn ObjectStore>,
    files: Vec<PartitionedFile>,
    memory: Vec<RecordBatch>,
    counts: ScanCounts,
}

impl TableScan {
    pub(super) fn new(
        spec: Arc<TableSpec>,
        url: ObjectStoreUrl,
        objects: Arc<dyn ObjectStore>,
        memory: Vec<RecordBatch>,
    ) -> Self {
        Self { spec, url, objects, files: Vec::new(), memory, counts: ScanCounts::default() }
    }

    /// Adds a file of which all row groups, or those that are marked, are read.
    pub(super) fn add_file(&mut self, file: &ScanFile, selection: Option<Vec<bool>>) {
        let mut partitioned = PartitionedFile::new(file.path.clone(), file.size_bytes);
        if let Some(groups) = selection.filter(|groups| groups.contains(&false)) {
            let mut plan = ParquetAccessPlan::new_all(groups.len());
            groups.iter().enumerate().filter(|(_, read)| !**read).for_each(|(index, _)| plan.skip(index));
            partitioned = partitioned.with_extension(plan);
        }
        self.files.push(partitioned);
    }

    pub(super) fn set_counts(&mut self, counts: ScanCounts) {
        self.counts = counts;
    }

    /// How much of the table the token filters left to read.
    pub fn counts(&self) -> ScanCounts {
        self.counts
    }

    fn files_plan(&self, state: &dyn Session, projection: Option<&Vec<usize>>) -> Result<Arc<dyn ExecutionPlan>> {
        let cache = state.runtime_env().cache_manager.get_file_metadata_cache();
        let reader = Arc::new(CachedParquetFileReaderFactory::new(Arc::clone(&self.objects), cache));
        let mut options = datafusion::config::TableParquetOptions::new();
        options.global = state.config_options().execution.parquet.clone();
        let source = ParquetSource::new(Arc::clone(&self.spec.schema))
            .with_table_parquet_options(options)
            .with_parquet_file_reader_factory(reader);
        let groups = self.files.iter().map(|file| FileGroup::new(vec![file.clone()])).collect::<Vec<_>>();
        let groups = spread(groups, state.config().target_partitions());
        let config = FileScanConfigBuilder::new(self.url.clone(), Arc::new(source))
            .with_file_groups(groups)
            .with_projection_indices(projection.cloned())?
            .build();
        Ok(DataSourceExec::from_data_source(config))
    }
}

/// Deals the files out to at most `partitions` groups.
fn spread(files: Vec<FileGroup>, partitions: usize) -> Vec<FileGroup> {
    let mut groups: Vec<Vec<PartitionedFile>> = vec![Vec::new(); partitions.min(files.len()).max(1)];
    let count = groups.len();
    for (index, file) in files.into_iter().flat_map(FileGroup::into_inner).enumerate() {
        groups[index % count].push(file);
    }
    groups.into_iter().map(FileGroup::new).collect()
}

impl fmt::Debug for TableScan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TableScan({}, {} files, {} batches)", self.spec.name, self.files.len(), self.memory.len())
    }
}

#[async_trait]
impl TableProvider for TableScan {
    fn schema(&self) -> SchemaRef {
        Arc::clone(&self.spec.schema)
    }

    fn table_type(&self) -> TableType {
        TableType::Base
    }

    async fn scan(
        &self,
        state: &dyn Session,
        projection: Option<&Vec<usize>>,
        _filters: &[Expr],
        _limit: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let mut inputs: Vec<Arc<dyn ExecutionPlan>> = Vec::new();
        if !self.files.is_empty() {
            inputs.push(self.files_plan(state, projection)?);
        }
        if !self.memory.is_empty() || inputs.is_empty() {
            let partitions = [self.memory.clone()];
            inputs.push(MemorySourceConfig::try_new_exec(&partitions, self.schema(), projection.cloned())?);
        }
        UnionExec::try_new(inputs)
    }
}
