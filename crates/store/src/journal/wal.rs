//! The write-ahead log of one signal: appends from many tasks, one thread that writes, one sync for all that waits.
//!
//! 1. [`Wal::append`] puts the payload into a queue with a limit on its bytes and waits.
//! 2. The writer thread takes everything that is queued, gives each record the next position, encodes all of it into
//!    one buffer, writes it once and syncs it once. While it syncs, the next group gathers: the slower the disk, the
//!    larger the groups.
//! 3. Only then are the appenders of the group told their positions.
//!
//! When a write or a sync fails, what reached the disk is unknown, so that the segment is never written to again: the
//! group is refused, and the next group begins a new segment at the same position, which voids whatever the old one
//! holds from there on.

use super::Position;
use super::record;
use super::segment::{self, SEGMENT_HEADER_BYTES, Segment};
use crate::disk::{DiskFile, SharedDisk};
use crate::error::StoreError;
use crate::signal::Signal;
use lgtm_runtime::SharedClock;
use lgtm_runtime::metrics::{Counter, Gauge, Histogram, Registry};
use parking_lot::{Condvar, Mutex};
use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::JoinHandle;
use tokio::sync::oneshot;

/// The limits of one journal.
#[derive(Clone, Debug)]
pub struct JournalSettings {
    /// A segment that has reached this size is followed by the next.
    pub segment_bytes_max: u64,
    /// The largest payload of one record.
    pub record_bytes_max: u64,
    /// Payload bytes that may wait for the disk; beyond it appends are refused.
    pub pending_bytes_max: u64,
    /// Payload bytes written and synced at once.
    pub group_bytes_max: u64,
    /// Generations that may wait to be flushed; beyond it rotations are refused.
    pub frozen_generations_max: usize,
}

impl Default for JournalSettings {
    fn default() -> Self {
        Self {
            segment_bytes_max: 64 << 20,
            record_bytes_max: 32 << 20,
            pending_bytes_max: 64 << 20,
            group_bytes_max: 8 << 20,
            frozen_generations_max: 4,
        }
    }
}

struct Pending {
    payload: Vec<u8>,
    reply: oneshot::Sender<Result<Position, StoreError>>,
}

#[derive(Default)]
struct Queue {
    pending: VecDeque<Pending>,
    bytes: u64,
    closed: bool,
}

struct Shared {
    signal: Signal,
    settings: JournalSettings,
    queue: Mutex<Queue>,
    wake: Condvar,
    last: AtomicU64,
    roll: AtomicBool,
    segments: Mutex<Vec<Segment>>,
    refused: Counter,
    segment_count: Gauge,
}

/// The log. Dropping it writes what is queued and ends the thread.
pub(super) struct Wal {
    shared: Arc<Shared>,
    disk: SharedDisk,
    writer: Option<JoinHandle<()>>,
}

/// Where a log lies and what it measures itself with.
pub(super) struct WalPlace {
    pub signal: Signal,
    pub dir: PathBuf,
    pub disk: SharedDisk,
    pub clock: SharedClock,
    pub registry: Registry,
}

impl Wal {
    /// Starts the writer; the first record gets the position `next`.
    pub(super) fn start(
        place: WalPlace,
        settings: JournalSettings,
        next: Position,
        segments: Vec<Segment>,
    ) -> Result<Self, StoreError> {
        let WalPlace { signal, dir, disk, clock, registry } = place;
        let label = &[("signal", signal.as_str())][..];
        let shared = Arc::new(Shared {
            signal,
            settings,
            queue: Mutex::default(),
            wake: Condvar::new(),
            last: AtomicU64::new(next.0 - 1),
            roll: AtomicBool::new(false),
            segments: Mutex::new(segments),
            refused: registry.counter(
                "lgtm_wal_refused_total",
                "Records refused because pending_bytes_max was reached.",
                label,
            ),
            segment_count: registry.gauge("lgtm_wal_segments", "Segments of the write-ahead log.", label),
        });
        let writer = Writer::new(Arc::clone(&shared), dir.clone(), Arc::clone(&disk), clock, &registry, next);
        let thread = std::thread::Builder::new().name(format!("wal-{signal}")).spawn(move || writer.run());
        let writer = Some(thread.map_err(StoreError::disk("start the writer of", &dir))?);
        Ok(Self { shared, disk, writer })
    }

    /// Appends one record; returns once it survives a power cut. Dropping the future does not take the record back.
    pub(super) async fn append(&self, payload: Vec<u8>) -> Result<Position, StoreError> {
        let (reply, answer) = oneshot::channel();
        self.enqueue(Pending { payload, reply })?;
        answer.await.map_err(|_closed| StoreError::Closed { signal: self.shared.signal })?
    }

    fn enqueue(&self, pending: Pending) -> Result<(), StoreError> {
        let Shared { signal, settings, .. } = &*self.shared;
        let bytes = pending.payload.len() as u64;
        if bytes > settings.record_bytes_max {
            self.shared.refused.increment();
            return Err(StoreError::RecordTooLarge { signal: *signal, bytes, bytes_max: settings.record_bytes_max });
        }
        let mut queue = self.shared.queue.lock();
        if queue.closed {
            return Err(StoreError::Closed { signal: *signal });
        }
        if queue.bytes + bytes > settings.pending_bytes_max {
            self.shared.refused.increment();
            return Err(StoreError::Overloaded {
                signal: *signal,
                limit: "pending_bytes_max",
                value: queue.bytes + bytes,
                value_max: settings.pending_bytes_max,
            });
        }
        queue.bytes += bytes;
        queue.pending.push_back(pending);
        self.shared.wake.notify_one();
        Ok(())
    }

    /// The position of the last record that was acknowledged.
    pub(super) fn last(&self) -> Position {
        Position(self.shared.last.load(Ordering::Acquire))
    }

    /// Makes the next record begin a new segment, so that the present one can be deleted as a whole.
    pub(super) fn roll(&self) {
        self.shared.roll.store(true, Ordering::Release);
    }

    /// Deletes the segments that hold nothing above `upto`. Blocking. The newest segment stays.
    pub(super) fn cut(&self, upto: Position) -> Result<(), StoreError> {
        let mut segments = self.shared.segments.lock();
        let keep_from = segments.windows(2).take_while(|pair| pair[1].first <= upto.next()).count();
        for segment in &segments[..keep_from] {
            match self.disk.remove(&segment.path) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                    return Err(StoreError::disk("remove", &segment.path)(error));
                }
                _removed_now_or_before => {}
            }
        }
        segments.drain(..keep_from);
        self.shared.segment_count.set(segments.len() as f64);
        Ok(())
    }
}

impl Drop for Wal {
    fn drop(&mut self) {
        self.shared.queue.lock().closed = true;
        self.shared.wake.notify_all();
        if let Some(writer) = self.writer.take()
            && writer.join().is_err()
        {
            tracing::error!(signal = %self.shared.signal, "the writer of the write-ahead log panicked");
        }
    }
}

/// The segment that is being written.
struct Active {
    file: Box<dyn DiskFile>,
    bytes: u64,
}

struct Writer {
    shared: Arc<Shared>,
    dir: PathBuf,
    disk: SharedDisk,
    clock: SharedClock,
    active: Option<Active>,
    next: Position,
    buffer: Vec<u8>,
    records: Counter,
    bytes: Counter,
    failures: Counter,
    sync_seconds: Histogram,
}

impl Writer {
    fn new(
        shared: Arc<Shared>,
        dir: PathBuf,
        disk: SharedDisk,
        clock: SharedClock,
        registry: &Registry,
        next: Position,
    ) -> Self {
        const SYNC_SECONDS: &[f64] = &[0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 1.0];
        let label = &[("signal", shared.signal.as_str())][..];
        Self {
            records: registry.counter("lgtm_wal_records_total", "Records acknowledged.", label),
            bytes: registry.counter("lgtm_wal_bytes_total", "Bytes written to the write-ahead log.", label),
            failures: registry.counter("lgtm_wal_failures_total", "Groups that could not be written or synced.", label),
            sync_seconds: registry.histogram(
                "lgtm_wal_commit_seconds",
                "Time to write and sync one group.",
                label,
                SYNC_SECONDS,
            ),
            shared,
            dir,
            disk,
            clock,
            active: None,
            next,
            buffer: Vec::new(),
        }
    }

    fn run(mut self) {
        while let Some(group) = self.next_group() {
            let started = self.clock.elapsed();
            let result = self.write_group(&group);
            self.sync_seconds.observe(self.clock.elapsed().saturating_sub(started).as_secs_f64());
            self.answer(group, result);
        }
    }

    /// Waits for records; `None` once the log is closed and everything is written.
    fn next_group(&self) -> Option<Vec<Pending>> {
        let mut queue = self.shared.queue.lock();
        while queue.pending.is_empty() {
            if queue.closed {
                return None;
            }
            self.shared.wake.wait(&mut queue);
        }
        let (mut group, mut bytes) = (Vec::new(), 0);
        while let Some(pending) = queue.pending.pop_front() {
            bytes += pending.payload.len() as u64;
            group.push(pending);
            if bytes >= self.shared.settings.group_bytes_max {
                break;
            }
        }
        queue.bytes -= bytes;
        Some(group)
    }

    fn write_group(&mut self, group: &[Pending]) -> Result<(), StoreError> {
        let is_full = self.active.as_ref().is_some_and(|active| active.bytes >= self.shared.settings.segment_bytes_max);
        if self.shared.roll.swap(false, Ordering::AcqRel) || is_full {
            self.active = None;
        }
        self.buffer.clear();
        // One large record must not keep its memory for good.
        self.buffer.shrink_to(self.shared.settings.group_bytes_max as usize);
        let begins_segment = self.active.is_none();
        if begins_segment {
            self.begin_segment()?;
        }
        let mut position = self.next;
        for pending in group {
            record::encode(&mut self.buffer, position, &pending.payload);
            position = position.next();
        }
        let path = || Segment::new(&self.dir, self.next).path;
        let Some(active) = &mut self.active else { return Err(StoreError::Closed { signal: self.shared.signal }) };
        active.file.write_all(&self.buffer).map_err(|error| StoreError::disk("append to", &path())(error))?;
        active.file.sync().map_err(|error| StoreError::disk("sync", &path())(error))?;
        active.bytes += self.buffer.len() as u64;
        if begins_segment {
            self.disk.sync_dir(&self.dir).map_err(StoreError::disk("sync", &self.dir))?;
        }
        self.bytes.add(self.buffer.len() as u64);
        self.next = position;
        Ok(())
    }

    fn begin_segment(&mut self) -> Result<(), StoreError> {
        let segment = Segment::new(&self.dir, self.next);
        let mut created = self.disk.create_new(&segment.path);
        if created.as_ref().is_err_and(|error| error.kind() == std::io::ErrorKind::AlreadyExists) {
            // Left over from an attempt that failed before anything in it was acknowledged.
            self.disk.remove(&segment.path).map_err(StoreError::disk("remove", &segment.path))?;
            created = self.disk.create_new(&segment.path);
        }
        let file = created.map_err(StoreError::disk("create", &segment.path))?;
        self.buffer.extend_from_slice(&segment::header(self.next));
        debug_assert_eq!(self.buffer.len(), SEGMENT_HEADER_BYTES);
        self.active = Some(Active { file, bytes: 0 });
        let mut segments = self.shared.segments.lock();
        segments.retain(|existing| existing.first != segment.first);
        segments.push(segment);
        self.shared.segment_count.set(segments.len() as f64);
        Ok(())
    }

    fn answer(&mut self, group: Vec<Pending>, result: Result<(), StoreError>) {
        if let Err(error) = &result {
            self.failures.increment();
            tracing::error!(signal = %self.shared.signal, %error, records = group.len(), "cannot append to the journal");
            self.active = None;
        }
        let count = group.len() as u64;
        let first = self.next.0.saturating_sub(count);
        if result.is_ok() {
            self.records.add(count);
            self.shared.last.store(self.next.0 - 1, Ordering::Release);
        }
        for (index, pending) in group.into_iter().enumerate() {
            let position = Position(first + index as u64);
            // Whoever asked may have gone; the record stays.
            let _nobody_waits = pending.reply.send(result.clone().map(|()| position));
        }
    }
}
