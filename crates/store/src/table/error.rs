//! What can go wrong with a table.

use crate::error::StoreError;
use datafusion::arrow::error::ArrowError;
use datafusion::error::DataFusionError;
use datafusion::parquet::errors::ParquetError;
use std::sync::Arc;
use thiserror::Error;

/// Why a table could not be written or read.
#[derive(Clone, Debug, Error)]
pub enum TableError {
    /// The files or the catalog failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Rows could not be encoded, or a query could not be planned or run.
    #[error("{0}")]
    Engine(Arc<DataFusionError>),
    /// A background thread ended early, as it does when the process stops.
    #[error("the work was interrupted: {0}")]
    Interrupted(String),
}

impl From<DataFusionError> for TableError {
    fn from(error: DataFusionError) -> Self {
        Self::Engine(Arc::new(error))
    }
}

impl From<ArrowError> for TableError {
    fn from(error: ArrowError) -> Self {
        DataFusionError::from(error).into()
    }
}

impl From<ParquetError> for TableError {
    fn from(error: ParquetError) -> Self {
        DataFusionError::from(error).into()
    }
}
