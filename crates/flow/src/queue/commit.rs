//! Writing: all pending records in one write and one fsync.

use super::record::encode;
use super::segment::{self, FIRST_RECORD, MAGIC};
use super::{Extent, Inner, QueueError, RETRY_AFTER, recover::io_error};
use crate::SinkError;
use std::fs::{File, OpenOptions};
use std::io::Write;
use tokio::sync::oneshot;

type Reply = oneshot::Sender<Result<(), SinkError>>;

/// A record that waits for the next commit.
#[derive(Debug)]
pub(super) struct Pending {
    record: Vec<u8>,
    reply: Reply,
}

/// The segment that is written to.
#[derive(Debug)]
pub(super) struct Disk {
    number: u64,
    /// The open file and its length; `None` before the first write and after a failed one.
    file: Option<(File, u64)>,
}

impl Disk {
    /// Ready to begin the segment after `newest`.
    pub(super) fn after(newest: u64) -> Self {
        Self { number: newest, file: None }
    }
}

/// The answer to a push. The sender is dropped without one only when the committing thread died.
pub(super) fn result_of(received: Result<Result<(), SinkError>, oneshot::error::RecvError>) -> Result<(), SinkError> {
    received.unwrap_or_else(|_gone| Err(SinkError::Unavailable("the queue's writer ended".to_owned())))
}

impl Inner {
    /// Puts a record among the pending ones if there is room for it.
    pub(super) fn enqueue(&self, kind: u8, payload: &[u8], reply: Reply) -> Result<(), SinkError> {
        let too_large = || SinkError::Refused(format!("a queue record of {} bytes is too large", payload.len()));
        let record = encode(kind, payload).ok_or_else(too_large)?;
        let bytes_max = self.config.bytes_max;
        let bytes = record.len() as u64;
        if bytes > bytes_max {
            return Err(too_large());
        }
        let mut state = self.state.lock();
        if state.bytes + bytes > bytes_max {
            self.meters.refused.increment();
            let (name, setting) = (&self.config.name, &self.config.bytes_max_setting);
            let limit = format!("the queue {name:?} holds its {bytes_max} bytes (raise {setting})");
            return Err(SinkError::Overloaded { limit, retry_after: RETRY_AFTER });
        }
        state.bytes += bytes;
        state.pending.push(Pending { record, reply });
        self.meters.bytes.set(state.bytes as f64);
        Ok(())
    }

    /// Writes and fsyncs all pending records and answers their pushes. Blocks.
    pub(super) fn commit(&self) {
        let mut disk = self.disk.lock();
        let pending = std::mem::take(&mut self.state.lock().pending);
        if pending.is_empty() {
            return;
        }
        let bytes: u64 = pending.iter().map(|pending| pending.record.len() as u64).sum();
        let result = self.append(&mut disk, &pending);
        let mut state = self.state.lock();
        let result = match result {
            Ok(extent) => {
                match state.segments.back_mut() {
                    Some(last) if last.number == extent.number => *last = extent,
                    _ => state.segments.push_back(extent),
                }
                self.meters.pushed.add(pending.len() as u64);
                Ok(())
            }
            Err(error) => {
                state.bytes -= bytes;
                self.meters.bytes.set(state.bytes as f64);
                Err(SinkError::Unavailable(error.to_string()))
            }
        };
        drop(state);
        self.committed.send_modify(|commits| *commits += 1);
        for pending in pending {
            // A push whose future was dropped no longer listens.
            let _ = pending.reply.send(result.clone());
        }
    }

    /// Appends records to the current segment, or to a new one when it is full or there is none.
    fn append(&self, disk: &mut Disk, pending: &[Pending]) -> Result<Extent, QueueError> {
        let full = |length: u64| length >= self.config.segment_bytes_max;
        let (mut file, length) = match disk.file.take() {
            Some((file, length)) if !full(length) => (file, length),
            _ => {
                disk.number += 1;
                (self.begin_segment(disk.number)?, FIRST_RECORD)
            }
        };
        let path = segment::path(&self.directory, disk.number);
        let mut buffer = Vec::with_capacity(pending.iter().map(|pending| pending.record.len()).sum());
        pending.iter().for_each(|pending| buffer.extend_from_slice(&pending.record));
        if let Err(error) = file.write_all(&buffer).and_then(|()| file.sync_data()) {
            // What got through must not be delivered, since its pushes are told that it failed. The file is given up
            // either way: the next commit begins a new one.
            let cut = file.set_len(length);
            tracing::warn!(path = %path.display(), %error, cut = cut.is_ok(), "could not write to the queue");
            return Err(io_error(&path)(error));
        }
        let length = length + buffer.len() as u64;
        disk.file = Some((file, length));
        Ok(Extent { number: disk.number, length })
    }

    /// Creates a segment with its header and makes its name durable.
    fn begin_segment(&self, number: u64) -> Result<File, QueueError> {
        let path = segment::path(&self.directory, number);
        let mut file = OpenOptions::new().create_new(true).append(true).open(&path).map_err(io_error(&path))?;
        file.write_all(MAGIC).map_err(io_error(&path))?;
        let directory = File::open(&self.directory).map_err(io_error(&self.directory))?;
        directory.sync_all().map_err(io_error(&self.directory))?;
        Ok(file)
    }
}
