//! Opening the file: settings, format version, and what is done with a damaged one.

use crate::error::StateError;
use crate::limit::{BUSY_TIMEOUT, DATABASE_SIZE_BYTES_MAX};
use rusqlite::{Connection, ErrorCode};
use std::path::{Path, PathBuf};

/// The format that this program writes; see docs/format/state.md.
const FORMAT: i64 = 1;
const PAGE_SIZE_BYTES: i64 = 4096;

/// The connection, and where a damaged file was moved to.
pub(super) fn open(path: &Path) -> Result<(Connection, Option<PathBuf>), StateError> {
    if let Some(directory) = path.parent().filter(|directory| !directory.as_os_str().is_empty()) {
        std::fs::create_dir_all(directory)
            .map_err(|error| StateError::Storage(format!("{directory:?} cannot be created: {error}")))?;
    }
    match sound(path) {
        Ok(connection) => Ok((connection, None)),
        Err(Fault::Damaged(reason)) => {
            let aside = set_aside(path)?;
            tracing::error!(file = %path.display(), moved_to = %aside.display(), reason, "state file is damaged");
            match sound(path) {
                Ok(connection) => Ok((connection, Some(aside))),
                Err(Fault::Damaged(reason)) => Err(StateError::Storage(reason)),
                Err(Fault::Other(error)) => Err(error),
            }
        }
        Err(Fault::Other(error)) => Err(error),
    }
}

enum Fault {
    Damaged(String),
    Other(StateError),
}

impl From<rusqlite::Error> for Fault {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => Self::Damaged(error.to_string()),
            _ => Self::Other(error.into()),
        }
    }
}

fn sound(path: &Path) -> Result<Connection, Fault> {
    let connection = Connection::open(path)?;
    connection.busy_timeout(BUSY_TIMEOUT)?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "max_page_count", DATABASE_SIZE_BYTES_MAX / PAGE_SIZE_BYTES)?;
    let check: String = connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
    if check != "ok" {
        return Err(Fault::Damaged(check));
    }
    // Two processes may create the file at once: the lock lets one go first, and the other finds it done.
    connection.execute_batch("BEGIN IMMEDIATE")?;
    match prepare(&connection, path) {
        Ok(()) => connection.execute_batch("COMMIT")?,
        Err(fault) => {
            let _first_error_counts = connection.execute_batch("ROLLBACK");
            return Err(fault);
        }
    }
    Ok(connection)
}

fn prepare(connection: &Connection, path: &Path) -> Result<(), Fault> {
    let found: i64 = connection.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    match found {
        0 => connection.execute_batch(&format!(
            "CREATE TABLE documents (
                table_name TEXT NOT NULL,
                key TEXT NOT NULL,
                version INTEGER NOT NULL,
                expires_at INTEGER,
                value BLOB,
                PRIMARY KEY (table_name, key)
            ) WITHOUT ROWID;
            CREATE INDEX documents_by_version ON documents (table_name, version);
            CREATE INDEX documents_by_expiry ON documents (expires_at) WHERE expires_at IS NOT NULL;
            CREATE TABLE counters (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
            INSERT INTO counters VALUES ('revision', 0), ('deletions_known_since', 0);
            PRAGMA user_version = {FORMAT};"
        ))?,
        FORMAT => {}
        _ => return Err(Fault::Other(StateError::Newer { path: path.to_owned(), found, known: FORMAT })),
    }
    Ok(())
}

/// Moves the file and its journal away, to the first free name.
fn set_aside(path: &Path) -> Result<PathBuf, StateError> {
    let named = |suffix: &str| {
        let mut name = path.as_os_str().to_owned();
        name.push(suffix);
        PathBuf::from(name)
    };
    let aside = (1..).map(|number| named(&format!(".damaged-{number}"))).find(|candidate| !candidate.exists());
    let aside = aside.unwrap_or_else(|| named(".damaged"));
    std::fs::rename(path, &aside)
        .map_err(|error| StateError::Storage(format!("{path:?} is damaged and cannot be moved away: {error}")))?;
    for suffix in ["-wal", "-shm"] {
        // An old journal must not be replayed into the new file.
        let journal = named(suffix);
        if journal.exists() {
            let mut moved = aside.as_os_str().to_owned();
            moved.push(suffix);
            std::fs::rename(&journal, PathBuf::from(moved))
                .map_err(|error| StateError::Storage(format!("{journal:?} cannot be moved away: {error}")))?;
        }
    }
    Ok(aside)
}
