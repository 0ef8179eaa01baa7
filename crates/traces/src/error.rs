//! What can go wrong with spans.

use datafusion::error::DataFusionError;
use lgtm_flow::SinkError;
use lgtm_store::StoreError;
use lgtm_store::table::TableError;
use lgtm_traceql::SearchError;
use std::time::Duration;
use thiserror::Error;

use crate::decode::DecodeError;

/// When a refused batch may be sent again.
const RETRY_AFTER: Duration = Duration::from_secs(5);

/// Why spans could not be stored or read.
#[derive(Debug, Error)]
pub enum TracesError {
    /// The log, the files or the catalog failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Rows could not be encoded, or a query could not run.
    #[error(transparent)]
    Table(#[from] TableError),
    /// A file's rows are no spans.
    #[error(transparent)]
    Decode(#[from] DecodeError),
}

impl From<DataFusionError> for TracesError {
    fn from(error: DataFusionError) -> Self {
        Self::Table(error.into())
    }
}

impl From<TracesError> for SearchError {
    fn from(error: TracesError) -> Self {
        Self::Unavailable(error.to_string())
    }
}

/// What the sender of a batch must do about an error of the store.
pub fn sink_error(error: StoreError) -> SinkError {
    match error {
        StoreError::Overloaded { .. } => SinkError::Overloaded { limit: error.to_string(), retry_after: RETRY_AFTER },
        StoreError::RecordTooLarge { .. } => SinkError::Refused(error.to_string()),
        other => SinkError::Unavailable(other.to_string()),
    }
}

/// The active generation is full because flushing does not keep up.
pub fn too_many_recent(bytes: usize, bytes_max: usize) -> SinkError {
    let limit = format!("traces: recent_bytes_max is reached ({bytes} of {bytes_max} bytes wait to be flushed)");
    SinkError::Overloaded { limit, retry_after: RETRY_AFTER }
}
