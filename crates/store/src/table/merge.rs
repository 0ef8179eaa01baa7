//! Several files to one: the rows are read back, sorted together and encoded anew.
//!
//! All rows are in memory at once, so that the caller bounds a merge by the bytes of its inputs.

use super::TableSpec;
use super::encode::{EncodedFile, Level, encode};
use super::error::TableError;
use crate::files::Files;
use datafusion::parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

/// Merges Parquet files of one table into one of the next level. `annex` is the new sidecar's. Rows equal in the sort
/// columns keep the order of `paths`.
///
/// # Errors
/// Files that are missing or damaged; nothing is written either way.
pub async fn merge(
    spec: &TableSpec,
    files: &Files,
    paths: &[String],
    annex: Vec<u8>,
) -> Result<EncodedFile, TableError> {
    let mut inputs = Vec::new();
    for path in paths {
        inputs.push(files.get(path).await?);
    }
    let spec = spec.clone();
    let work = move || {
        let mut batches = Vec::new();
        for bytes in inputs {
            for batch in ParquetRecordBatchReaderBuilder::try_new(bytes)?.build()? {
                batches.push(batch?.with_schema(spec.schema.clone())?);
            }
        }
        encode(&spec, &batches, Level::Merged, &annex)
    };
    tokio::task::spawn_blocking(work).await.map_err(|error| TableError::Interrupted(error.to_string()))?
}
