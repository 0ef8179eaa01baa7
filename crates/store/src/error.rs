//! What can go wrong in the cellar.

use crate::signal::Signal;
use std::io;
use std::path::Path;
use std::sync::Arc;
use thiserror::Error;

/// Why something could not be stored or read. Cheap to clone, since one failed fsync answers many writers.
#[derive(Clone, Debug, Error)]
pub enum StoreError {
    /// A file operation failed; try again later, nothing was acknowledged.
    #[error("cannot {action} {path}: {source}")]
    Disk {
        /// What was attempted, as a verb: `write`, `sync`, `rename`.
        action: &'static str,
        /// Which file.
        path: String,
        /// What the operating system said.
        source: Arc<io::Error>,
    },
    /// The object store failed; try again later, nothing was acknowledged.
    #[error("object storage: {0}")]
    Objects(Arc<object_store::Error>),
    /// There is no such file.
    #[error("no file {path} in the store")]
    Missing {
        /// Its path in the store.
        path: String,
    },
    /// A create-if-absent found the object in place.
    #[error("{path} exists already")]
    Exists {
        /// Its path in the store.
        path: String,
    },
    /// A named limit is reached: shed load and try again later.
    #[error("{signal}: {limit} is reached ({value} of {value_max})")]
    Overloaded {
        /// Whose journal refuses.
        signal: Signal,
        /// The setting that raises the limit.
        limit: &'static str,
        /// What there would be with the refused record.
        value: u64,
        /// The limit.
        value_max: u64,
    },
    /// One record is larger than a record may be; sending it again cannot help.
    #[error("{signal}: a record of {bytes} bytes exceeds record_bytes_max = {bytes_max}")]
    RecordTooLarge {
        /// Whose journal refuses.
        signal: Signal,
        /// The record's size.
        bytes: u64,
        /// The limit.
        bytes_max: u64,
    },
    /// The journal is shutting down.
    #[error("{signal}: the journal is closed")]
    Closed {
        /// Whose journal it was.
        signal: Signal,
    },
    /// Another process writes to the same store; this one must stop writing.
    #[error("{what} was changed by another writer of this store: stop one of the two")]
    Fenced {
        /// What the other writer changed.
        what: String,
    },
    /// A commit contradicts the catalog: it removes what is not there, adds what is, or moves an offset back.
    #[error("commit refused: {reason}")]
    Contradiction {
        /// What does not fit.
        reason: String,
    },
    /// The published table cannot be brought up to date; the store itself is not affected.
    #[error("published table of {signal}: {reason}")]
    Published {
        /// Whose table.
        signal: Signal,
        /// What went wrong.
        reason: String,
    },
    /// A file of ours has bytes that it should not have.
    #[error("{path} is damaged: {reason}")]
    Damaged {
        /// Which file.
        path: String,
        /// Which check failed.
        reason: String,
    },
}

impl StoreError {
    /// For `map_err` on file operations.
    pub(crate) fn disk(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.display().to_string();
        move |source| Self::Disk { action, path, source: Arc::new(source) }
    }

    /// A damaged file, with the check that failed.
    pub fn damaged(path: impl Into<String>, reason: impl Into<String>) -> Self {
        Self::Damaged { path: path.into(), reason: reason.into() }
    }
}

impl From<object_store::Error> for StoreError {
    fn from(error: object_store::Error) -> Self {
        match error {
            object_store::Error::NotFound { path, .. } => Self::Missing { path },
            object_store::Error::AlreadyExists { path, .. } | object_store::Error::Precondition { path, .. } => {
                Self::Exists { path }
            }
            other => Self::Objects(Arc::new(other)),
        }
    }
}
