//! The bounds: this is small state, not a place for samples or logs.

use crate::document::Write;
use crate::error::StateError;
use std::time::Duration;

/// Bytes of one key.
pub const KEY_SIZE_BYTES_MAX: usize = 64 << 10;
/// Bytes of one value.
pub const VALUE_SIZE_BYTES_MAX: usize = 4 << 20;
/// Writes in one call.
pub const WRITES_MAX: usize = 20_000;
/// Bytes of the whole file; beyond it writes are refused, reads and deletions go on.
pub const DATABASE_SIZE_BYTES_MAX: i64 = 4 << 30;
/// Calls that wait for the file at once; further callers wait for a place.
pub(crate) const CALLS_WAITING_MAX: usize = 1024;
/// Calls that share one sync.
pub(crate) const CALLS_PER_COMMIT_MAX: usize = 256;
/// How long another process may hold the file before a call gives up.
pub(crate) const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
/// Deletions remembered for [`crate::SmallState::changes`]; readers further behind list the table instead.
pub(crate) const DELETIONS_KEPT: u64 = 200_000;

/// Whether the writes are within the limits.
pub(crate) fn check(writes: &[Write]) -> Result<(), StateError> {
    if writes.len() > WRITES_MAX {
        return Err(StateError::TooMany { count: writes.len() });
    }
    for write in writes {
        if write.key.len() > KEY_SIZE_BYTES_MAX {
            let what = format!("a key of table {:?}", write.table);
            return Err(StateError::TooLarge { what, size: write.key.len(), limit: KEY_SIZE_BYTES_MAX });
        }
        let size = write.value.as_ref().map_or(0, Vec::len);
        if size > VALUE_SIZE_BYTES_MAX {
            let key: String = write.key.chars().take(64).collect();
            let what = format!("the value of {key:?} in table {:?}", write.table);
            return Err(StateError::TooLarge { what, size, limit: VALUE_SIZE_BYTES_MAX });
        }
    }
    Ok(())
}
