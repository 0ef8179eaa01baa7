//! Handing out records and taking their acknowledgements.

use super::record::HEADER_BYTES;
use super::segment::{self, FIRST_RECORD};
use super::{Extent, Inner, Position, Queue, QueueError, State, cursor};
use bytes::Bytes;
use std::path::PathBuf;
use std::sync::Arc;

/// A record on its way to the consumer.
#[derive(Clone, Debug)]
pub struct Delivery {
    /// What the producer called it.
    pub kind: u8,
    /// What the producer pushed.
    pub payload: Bytes,
    end: Position,
}

impl Queue {
    /// The oldest record that has not been handed out since the queue was opened; waits until there is one.
    ///
    /// Dropping the future loses nothing. One consumer at a time: two would be handed the same record.
    pub async fn next(&self) -> Result<Delivery, QueueError> {
        let mut committed = self.inner.committed.subscribe();
        loop {
            committed.mark_unchanged();
            let Some((at, end)) = self.inner.state.lock().readable() else {
                // The sender lives in `inner`, so that the wait can only end by a commit.
                let _changed = committed.changed().await;
                continue;
            };
            let path = segment::path(&self.inner.directory, at.segment);
            let Some((record, after)) = blocking(path, move |path| segment::read(path, at.offset, end)).await? else {
                self.inner.skip_damaged(at, end);
                continue;
            };
            let end = Position { segment: at.segment, offset: after };
            self.inner.state.lock().read = end;
            return Ok(Delivery { kind: record.kind, payload: record.payload, end });
        }
    }

    /// Marks a record, and everything handed out before it, as delivered: it does not come again.
    pub async fn ack(&self, delivery: &Delivery) -> Result<(), QueueError> {
        let (inner, end) = (Arc::clone(&self.inner), delivery.end);
        let bytes = HEADER_BYTES as u64 + delivery.payload.len() as u64;
        blocking(self.inner.directory.clone(), move |_directory| inner.acknowledge(end, bytes)).await
    }
}

async fn blocking<T: Send + 'static>(
    path: PathBuf,
    work: impl FnOnce(&PathBuf) -> Result<T, QueueError> + Send + 'static,
) -> Result<T, QueueError> {
    let worked_on = path.clone();
    let done = tokio::task::spawn_blocking(move || work(&worked_on)).await;
    done.unwrap_or_else(|error| Err(QueueError::Io { path, reason: error.to_string() }))
}

impl State {
    /// The next record's place and the end of its segment; moves on to the next segment at the end of one.
    pub(super) fn readable(&mut self) -> Option<(Position, u64)> {
        let read = self.read;
        let Extent { number, length } = *self.segments.iter().find(|extent| {
            extent.number > read.segment || (extent.number == read.segment && extent.length > read.offset)
        })?;
        let offset = if number == read.segment { read.offset } else { FIRST_RECORD };
        self.read = Position { segment: number, offset };
        Some((self.read, length))
    }
}

impl Inner {
    /// Goes past the rest of a segment that was good when the queue was opened and is not any more.
    fn skip_damaged(&self, at: Position, end: u64) {
        let lost = end - at.offset;
        self.meters.corrupt_bytes.add(lost);
        tracing::warn!(segment = at.segment, bytes = lost, "left out the damaged end of a queue segment");
        let mut state = self.state.lock();
        state.read.offset = end;
        state.bytes = state.bytes.saturating_sub(lost);
        self.meters.bytes.set(state.bytes as f64);
    }

    fn acknowledge(&self, end: Position, bytes: u64) -> Result<(), QueueError> {
        // The disk's lock keeps two acknowledgements from writing the cursor in the wrong order.
        let disk = self.disk.lock();
        let mut finished = Vec::new();
        {
            let mut state = self.state.lock();
            if end <= state.acknowledged {
                return Ok(());
            }
            state.acknowledged = end;
            state.bytes = state.bytes.saturating_sub(bytes);
            self.meters.bytes.set(state.bytes as f64);
            self.meters.acknowledged.increment();
            // The newest segment stays: more may be appended to it.
            while state.segments.len() > 1 && is_finished(state.segments[0], end) {
                finished.extend(state.segments.pop_front());
            }
        }
        cursor::write(&self.directory, end)?;
        for extent in finished {
            let path = segment::path(&self.directory, extent.number);
            if let Err(error) = std::fs::remove_file(&path) {
                tracing::warn!(path = %path.display(), %error, "could not remove a finished queue segment");
            }
        }
        drop(disk);
        Ok(())
    }
}

fn is_finished(extent: Extent, acknowledged: Position) -> bool {
    Position { segment: extent.number, offset: extent.length } <= acknowledged
}
