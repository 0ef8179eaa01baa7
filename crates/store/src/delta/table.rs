//! Opens, creates and commits to a published table.

use super::DeltaSettings;
use super::actions::PARTITION;
use crate::catalog::Catalog;
use crate::error::StoreError;
use crate::signal::Signal;
use deltalake_core::arrow::datatypes::SchemaRef;
use deltalake_core::kernel::engine::arrow_conversion::TryIntoKernel;
use deltalake_core::kernel::transaction::{CommitBuilder, CommitProperties};
use deltalake_core::kernel::{Action, DataType, MetadataExt, StructField, StructType};
use deltalake_core::operations::create::CreateBuilder;
use deltalake_core::protocol::{DeltaOperation, SaveMode};
use deltalake_core::{DeltaTable, DeltaTableBuilder, DeltaTableError};
use std::path::Path;

/// The folder of the table's log in the store.
pub(super) fn log_folder(signal: Signal) -> String {
    format!("{signal}/_delta_log")
}

/// The table as it is now, with the columns of `schema`; created when there is none.
pub(super) async fn open_or_create(
    catalog: &Catalog,
    signal: Signal,
    schema: &SchemaRef,
    settings: &DeltaSettings,
) -> Result<DeltaTable, DeltaTableError> {
    let mut table = locate(catalog, signal)?;
    let wanted = columns(schema)?;
    if !table.verify_deltatable_existence().await? {
        return create(&table, signal, wanted, settings).await;
    }
    table.load().await?;
    adopt_columns(table, wanted).await
}

fn locate(catalog: &Catalog, signal: Signal) -> Result<DeltaTable, DeltaTableError> {
    let invalid = |reason: String| DeltaTableError::InvalidTableLocation(reason);
    if let Some(folder) = catalog.files().local_path(signal.as_str()) {
        let folder = std::path::absolute(&folder)?;
        let location = url::Url::from_directory_path(&folder).map_err(|()| invalid(folder.display().to_string()))?;
        return DeltaTableBuilder::from_url(location)?.build();
    }
    let objects = catalog.files().objects().map_err(|error| invalid(error.to_string()))?;
    // The scheme only chooses the kind of log; all reading and writing goes through `objects`, whose root is the store's.
    // (A local folder cannot take this way: for schemes but `file` the library expects listings in order.)
    let location = url::Url::parse(&format!("memory:///{signal}/")).map_err(|error| invalid(error.to_string()))?;
    DeltaTableBuilder::from_url(location.clone())?.with_storage_backend(objects, location).build()
}

fn columns(schema: &SchemaRef) -> Result<StructType, DeltaTableError> {
    let files: StructType = schema.as_ref().try_into_kernel()?;
    let partition = StructField::nullable(PARTITION, DataType::DATE);
    let fields = files.fields().cloned().chain([partition]);
    StructType::try_new(fields).map_err(|error| DeltaTableError::Generic(error.to_string()))
}

async fn create(
    table: &DeltaTable,
    signal: Signal,
    columns: StructType,
    settings: &DeltaSettings,
) -> Result<DeltaTable, DeltaTableError> {
    let hours = (settings.log_retention_ms / 3_600_000).max(1);
    let configuration = [
        ("delta.checkpointInterval", Some(settings.commits_per_checkpoint.to_string())),
        ("delta.logRetentionDuration", Some(format!("interval {hours} hours"))),
        // Only a vacuum needs to remember removed files, and the catalog deletes them itself: without this, checkpoints
        // would carry a week of them.
        ("delta.deletedFileRetentionDuration", Some("interval 1 hours".to_owned())),
    ];
    CreateBuilder::new()
        .with_log_store(table.log_store())
        .with_table_name(signal.as_str())
        .with_columns(columns.fields().cloned())
        .with_partition_columns([PARTITION])
        .with_configuration(configuration)
        .await
}

/// Columns come and go with what is promoted from the attributes: the table takes the newest schema.
async fn adopt_columns(mut table: DeltaTable, wanted: StructType) -> Result<DeltaTable, DeltaTableError> {
    if table.snapshot()?.schema().as_ref() == &wanted {
        return Ok(table);
    }
    let metadata = table.snapshot()?.metadata().clone().with_schema(&wanted)?;
    let operation = DeltaOperation::SetTableProperties { properties: Default::default() };
    let state = table.snapshot()?;
    CommitBuilder::from(properties(false))
        .with_actions(vec![Action::Metadata(metadata)])
        .build(Some(state), table.log_store(), operation)
        .await?;
    table.update_state().await?;
    Ok(table)
}

fn properties(create_checkpoint: bool) -> CommitProperties {
    CommitProperties::default().with_create_checkpoint(create_checkpoint).with_cleanup_expired_logs(Some(false))
}

/// Commits `actions`; returns the table's version.
pub(super) async fn commit(
    mut table: DeltaTable,
    actions: Vec<Action>,
    settings: &DeltaSettings,
) -> Result<u64, DeltaTableError> {
    let operation = DeltaOperation::Write {
        mode: SaveMode::Append,
        partition_by: Some(vec![PARTITION.to_owned()]),
        predicate: None,
    };
    let state = table.snapshot()?;
    let done = CommitBuilder::from(properties(true))
        .with_actions(actions)
        .build(Some(state), table.log_store(), operation)
        .await?;
    let version = done.version();
    if (version + 1).is_multiple_of(settings.commits_per_checkpoint.max(1)) {
        table.update_state().await?;
        deltalake_core::checkpoints::cleanup_metadata(&table, None).await?;
    }
    Ok(version)
}

/// Makes the log's newest entries survive a power cut: the library's local backend never syncs.
pub(super) async fn sync(catalog: &Catalog, signal: Signal, version: u64) -> Result<(), StoreError> {
    let Some(folder) = catalog.files().local_path(&log_folder(signal)) else { return Ok(()) };
    let synced = tokio::task::spawn_blocking(move || sync_folder(&folder, version)).await;
    synced.unwrap_or_else(|error| Err(StoreError::Published { signal, reason: error.to_string() }))
}

fn sync_folder(folder: &Path, version: u64) -> Result<(), StoreError> {
    let names =
        [format!("{version:020}.json"), format!("{version:020}.checkpoint.parquet"), "_last_checkpoint".to_owned()];
    for path in names.iter().map(|name| folder.join(name)).chain([folder.to_owned()]) {
        match std::fs::File::open(&path).and_then(|file| file.sync_all()) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                return Err(StoreError::disk("sync", &path)(error));
            }
            _synced_or_not_there => {}
        }
    }
    Ok(())
}
