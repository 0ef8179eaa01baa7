//! What the catalog remembers of a published table: the mark `published/<signal>`.
//!
//! Readers of a published table do not follow the catalog, so that a file stays on the disk as long as a version of
//! that table lists it, and one publication longer, for those who are in the middle of reading. The mark holds the
//! table's version and the times of the last two publications.

use crate::catalog::Snapshot;
use crate::error::StoreError;
use crate::signal::Signal;
use async_trait::async_trait;
use lgtm_model::TimestampNs;

/// Brings a published table up to date; [`Housekeeping`](crate::housekeeping) calls it every few minutes.
#[async_trait]
pub trait Publish: Send + Sync + 'static {
    /// Publishes what is due. Idempotent: after an error or a kill, the next call does what is missing.
    async fn publish(&self) -> Result<(), StoreError>;
}

/// What was published last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PublishedMark {
    /// The published table's version.
    pub version: u64,
    /// The table lists what the catalog listed at this time.
    pub last: TimestampNs,
    /// The same of the publication before.
    pub previous: TimestampNs,
}

impl PublishedMark {
    /// What the catalog remembers for `signal`; `None` when nothing was ever published.
    pub fn read(snapshot: &Snapshot, signal: Signal) -> Option<Self> {
        let mut parts = snapshot.mark(&name(signal))?.split(' ');
        let version = parts.next()?.parse().ok()?;
        let mut time = || Some(TimestampNs(parts.next()?.parse().ok()?));
        Some(Self { version, last: time()?, previous: time()? })
    }

    /// The mark to commit, as name and value.
    pub fn to_mark(self, signal: Signal) -> (String, String) {
        (name(signal), format!("{} {} {}", self.version, self.last.0, self.previous.0))
    }
}

/// A file of `signal` that was removed at or after this time may still be read through the published table.
pub(crate) fn held_from(snapshot: &Snapshot, signal: Signal) -> Option<TimestampNs> {
    PublishedMark::read(snapshot, signal).map(|mark| mark.previous)
}

fn name(signal: Signal) -> String {
    format!("published/{signal}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::Change;

    #[test]
    fn the_mark_is_read_back() {
        let mark = PublishedMark { version: 7, last: TimestampNs(20), previous: TimestampNs(-1) };
        let change = Change { marks: vec![mark.to_mark(Signal::Logs)], ..Change::default() };
        let snapshot = Snapshot::default().apply(&change, TimestampNs(0)).unwrap();
        assert_eq!(PublishedMark::read(&snapshot, Signal::Logs), Some(mark));
        assert_eq!(PublishedMark::read(&snapshot, Signal::Spans), None);
    }
}
