//! What can go wrong between a batch and a block.

use crate::codec::CodecError;
use lgtm_flow::SinkError;
use lgtm_promql::SourceError;
use lgtm_store::StoreError;
use std::time::Duration;
use thiserror::Error;

/// Why the metrics signal could not do its work.
#[derive(Clone, Debug, Error)]
pub enum MetricsError {
    /// The journal, the files or the catalog.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A block's bytes are not what its writer wrote.
    #[error("{path}: {reason}")]
    Block {
        /// The block's path in the store.
        path: String,
        /// Which check failed.
        reason: String,
    },
    /// A background computation was cancelled because the runtime ends.
    #[error("the process is ending")]
    Ending,
}

impl MetricsError {
    /// For `map_err` on decoding: names the block.
    pub(crate) fn block(path: &str) -> impl Fn(CodecError) -> Self {
        move |error| Self::Block { path: path.to_owned(), reason: error.to_string() }
    }
}

impl From<MetricsError> for SourceError {
    fn from(error: MetricsError) -> Self {
        Self::Unavailable(error.to_string())
    }
}

/// What a failed append means to whoever sent the batch.
pub(crate) fn refuse(error: StoreError) -> SinkError {
    match error {
        StoreError::Overloaded { .. } => {
            SinkError::Overloaded { limit: error.to_string(), retry_after: Duration::from_secs(1) }
        }
        StoreError::RecordTooLarge { .. } => SinkError::Refused(error.to_string()),
        other => SinkError::Unavailable(other.to_string()),
    }
}
