//! The seam: what every keeper of small state must do.

use crate::document::{Changes, Condition, Document, Revision, Write};
use crate::error::StateError;
use async_trait::async_trait;
use lgtm_model::TimestampNs;

/// Keeps documents by table and key.
///
/// Called from any number of tasks, and the same place may be opened by several processes. Every implementation must:
///
/// - make a write durable before it returns `Ok`, so that a kill or a power cut right after loses nothing;
/// - do a call's writes all or none, and let no reader see half of them;
/// - order all writes: each gets a [`Revision`] later than every one that was visible before it, across processes;
/// - decide conditions and write in one step, so that of two callers that saw the same version one succeeds;
/// - show a write to every later read of every process;
/// - keep blocking work off the async runtime.
///
/// When a future is dropped half-way its writes may or may not have happened; a condition on the version tells.
#[async_trait]
pub trait SmallState: Send + Sync + 'static {
    /// One document.
    async fn get(&self, table: &'static str, key: &str) -> Result<Option<Document>, StateError>;

    /// All documents of a table, in the order of their keys.
    async fn list(&self, table: &'static str) -> Result<Vec<Document>, StateError>;

    /// What changed in a table after `since`.
    async fn changes(&self, table: &'static str, since: Revision) -> Result<Changes, StateError>;

    /// Does all writes, or none if a condition does not hold, which is `Ok(None)`.
    async fn write(&self, writes: Vec<Write>) -> Result<Option<Revision>, StateError>;

    /// Removes documents that expired before `now`, and returns how many. Readers are not told: they know the time.
    async fn purge(&self, now: TimestampNs) -> Result<u64, StateError>;

    /// Puts one document whatever was there.
    async fn put(
        &self,
        table: &'static str,
        key: &str,
        value: Vec<u8>,
        expires_at: Option<TimestampNs>,
    ) -> Result<Revision, StateError> {
        Ok(self.write(vec![Write::put(table, key, value, expires_at)]).await?.unwrap_or_default())
    }

    /// Puts one document if it has the version `expected` (`None`: if it is not there). `Ok(None)` means that it has
    /// not, and that nothing was written.
    async fn compare_and_put(
        &self,
        table: &'static str,
        key: &str,
        expected: Option<Revision>,
        value: Vec<u8>,
        expires_at: Option<TimestampNs>,
    ) -> Result<Option<Revision>, StateError> {
        let condition = expected.map_or(Condition::Absent, Condition::Version);
        self.write(vec![Write { condition, ..Write::put(table, key, value, expires_at) }]).await
    }

    /// Deletes one document; that it is not there is fine.
    async fn delete(&self, table: &'static str, key: &str) -> Result<(), StateError> {
        self.write(vec![Write::delete(table, key)]).await.map(|_revision| ())
    }
}
