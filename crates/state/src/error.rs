//! Why state was not read or written.

use std::path::PathBuf;
use thiserror::Error;

/// Something that was not read, or not written; of a write nothing may be assumed stored.
#[derive(Clone, Debug, Error)]
pub enum StateError {
    /// A limit of this crate; trying again does not help.
    #[error("{what} is {size} bytes long, at most {limit} are allowed")]
    TooLarge {
        /// What is too large, with its name.
        what: String,
        /// Its size in bytes.
        size: usize,
        /// The limit in bytes.
        limit: usize,
    },
    /// More writes in one call than fit into one transaction.
    #[error("{count} writes in one call, at most {limit} are allowed", limit = crate::WRITES_MAX)]
    TooMany {
        /// How many there were.
        count: usize,
    },
    /// The file has reached [`crate::DATABASE_SIZE_BYTES_MAX`], or the disk is full. Delete something first.
    #[error("the state file is full: {0}")]
    Full(String),
    /// Another process held the file longer than the busy timeout. Trying again later may help.
    #[error("the state file is in use by another process: {0}")]
    Busy(String),
    /// The file was written by a newer version of this program.
    #[error(
        "{path:?} has format {found}, this program knows formats up to {known}; update it or use another data directory"
    )]
    Newer {
        /// The file.
        path: PathBuf,
        /// The format it has.
        found: i64,
        /// The newest known format.
        known: i64,
    },
    /// The file cannot be opened, read or written.
    #[error("state: {0}")]
    Storage(String),
    /// The program is ending.
    #[error("state is closed")]
    Closed,
}

impl From<rusqlite::Error> for StateError {
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::ErrorCode;
        match error.sqlite_error_code() {
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Self::Busy(error.to_string()),
            Some(ErrorCode::DiskFull) => Self::Full(error.to_string()),
            _ => Self::Storage(error.to_string()),
        }
    }
}
