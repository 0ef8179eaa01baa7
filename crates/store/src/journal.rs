//! A signal's journal: the write-ahead log and the in-memory generations that it protects.
//!
//! A row lives in exactly one place that queries see: the *active* generation, a *frozen* one that waits to be flushed,
//! or a committed file. The catalog's offset for the signal decides between the last two: a frozen generation counts
//! only while its last position lies above the offset of the catalog snapshot in the same [`View`]. The commit that
//! lists the files also moves the offset, so that one pointer swap moves the rows from memory to files for readers,
//! and one manifest object does the same for a restart.
//!
//! Two locks: the *gate* (writers share it from append to apply, rotation takes it alone, so that a generation holds
//! exactly the records up to its position) and the *generations* (held for a few pointer copies, never across a wait).

mod record;
mod recovery;
mod segment;
mod wal;

pub use recovery::RecoveryReport;
pub use wal::JournalSettings;

use crate::StoreDeps;
use crate::catalog::{Catalog, Change, FileEntry, Snapshot};
use crate::disk::SharedDisk;
use crate::error::StoreError;
use crate::signal::Signal;
use parking_lot::RwLock;
use std::collections::VecDeque;
use std::path::Path;
use std::sync::Arc;
use wal::{Wal, WalPlace};

/// Counts the records of a journal, from 1 on; 0 stands before the first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position(pub u64);

impl Position {
    /// The position behind this one.
    pub(crate) fn next(self) -> Self {
        Self(self.0 + 1)
    }
}

/// A generation that takes no more rows.
#[derive(Debug)]
pub struct Rotated<M> {
    /// Its rows.
    pub frozen: Arc<M>,
    /// The last record in it; all records up to here are in it, in older generations or in committed files.
    pub upto: Position,
}

impl<M> Clone for Rotated<M> {
    fn clone(&self) -> Self {
        Self { frozen: Arc::clone(&self.frozen), upto: self.upto }
    }
}

/// Everything that a query reads, taken at one instant: every acknowledged row once.
#[derive(Debug)]
pub struct View<M> {
    /// Takes rows while the query reads; what it shows of them is up to `M`.
    pub active: Arc<M>,
    /// Waiting to be flushed, oldest first; none of their rows is in the snapshot's files.
    pub frozen: Vec<Arc<M>>,
    /// The committed files.
    pub snapshot: Arc<Snapshot>,
}

struct Generations<M> {
    active: Arc<M>,
    frozen: VecDeque<Rotated<M>>,
    /// The last position before the active generation.
    rotated: Position,
}

/// The journal of one signal over in-memory tables of type `M`. Share it in an `Arc`.
pub struct Journal<M> {
    signal: Signal,
    frozen_generations_max: usize,
    wal: Arc<Wal>,
    gate: tokio::sync::RwLock<()>,
    generations: RwLock<Generations<M>>,
    flush: tokio::sync::Mutex<()>,
    catalog: Arc<Catalog>,
}

/// Where a journal lies and what belongs to it.
pub struct JournalPlace<'a> {
    /// The signal; names the offset in the catalog.
    pub signal: Signal,
    /// The journal's own folder; created when missing.
    pub dir: &'a Path,
    /// The disk that the folder is on.
    pub disk: SharedDisk,
    /// The catalog that lists the signal's files and keeps its offset.
    pub catalog: Arc<Catalog>,
}

impl<M: Send + Sync + 'static> Journal<M> {
    /// Opens the journal, replaying into `fresh` every record that is not in committed files yet. Blocking: call it
    /// from `spawn_blocking` or before serving.
    ///
    /// `replay` decodes a payload and applies it; an `Err` says what is wrong, and the record is counted, named and
    /// kept aside rather than refusing to start.
    pub fn open(
        place: JournalPlace<'_>,
        settings: JournalSettings,
        deps: &StoreDeps,
        fresh: M,
        mut replay: impl FnMut(&M, Position, &[u8]) -> Result<(), String>,
    ) -> Result<(Self, RecoveryReport), StoreError> {
        let JournalPlace { signal, dir, disk, catalog } = place;
        disk.create_dir_all(dir).map_err(StoreError::disk("create", dir))?;
        let offset = catalog.snapshot().offset(signal);
        let recovered =
            recovery::recover(&*disk, dir, offset, &mut |position, payload| replay(&fresh, position, payload))?;
        let lost = deps.registry.counter(
            "lgtm_wal_lost_records_total",
            "Records lost to damage or undecodable at recovery.",
            &[("signal", signal.as_str())],
        );
        lost.add(recovered.report.lost_records + recovered.report.undecodable_records);
        let cut = deps.registry.counter(
            "lgtm_wal_cut_bytes_total",
            "Bytes of unacknowledged writes cut at recovery.",
            &[("signal", signal.as_str())],
        );
        cut.add(recovered.report.cut_bytes);
        let wal_place = WalPlace {
            signal,
            dir: dir.to_owned(),
            disk,
            clock: Arc::clone(&deps.clock),
            registry: deps.registry.clone(),
        };
        let frozen_generations_max = settings.frozen_generations_max;
        let wal = Arc::new(Wal::start(wal_place, settings, recovered.next, recovered.segments)?);
        let generations = Generations { active: Arc::new(fresh), frozen: VecDeque::new(), rotated: offset };
        let journal = Self {
            signal,
            frozen_generations_max,
            wal,
            gate: tokio::sync::RwLock::new(()),
            generations: RwLock::new(generations),
            flush: tokio::sync::Mutex::new(()),
            catalog,
        };
        Ok((journal, recovered.report))
    }

    /// Makes `payload` durable, then applies it to the active generation; returns what `apply` returned.
    ///
    /// After `Ok` the rows are acknowledged: they survive a power cut and every later [`Journal::view`] shows them.
    /// After `Err` they are in no generation. `apply` must not fail, block or wait: validate before. It runs at the
    /// same time as other writers' and as queries. Dropping the future before it ends leaves the record unacknowledged:
    /// it may or may not come back after a restart.
    pub async fn write<R>(&self, payload: Vec<u8>, apply: impl FnOnce(&M, Position) -> R) -> Result<R, StoreError> {
        let _shared = self.gate.read().await;
        let position = self.wal.append(payload).await?;
        let active = Arc::clone(&self.generations.read().active);
        Ok(apply(&active, position))
    }

    /// Freezes the active generation and puts `fresh` in its place. `None` when no record came since the last time.
    ///
    /// Waits for the writes that are under way (one sync). Refused when `frozen_generations_max` wait for their flush.
    pub async fn rotate(&self, fresh: M) -> Result<Option<Rotated<M>>, StoreError> {
        let _alone = self.gate.write().await;
        let upto = self.wal.last();
        let mut generations = self.generations.write();
        if upto <= generations.rotated {
            return Ok(None);
        }
        if generations.frozen.len() >= self.frozen_generations_max {
            return Err(StoreError::Overloaded {
                signal: self.signal,
                limit: "frozen_generations_max",
                value: generations.frozen.len() as u64 + 1,
                value_max: self.frozen_generations_max as u64,
            });
        }
        let frozen = std::mem::replace(&mut generations.active, Arc::new(fresh));
        let rotated = Rotated { frozen, upto };
        generations.frozen.push_back(rotated.clone());
        generations.rotated = upto;
        self.wal.roll();
        Ok(Some(rotated))
    }

    /// The oldest generation that waits to be flushed: generations must be committed in their order.
    pub fn oldest_frozen(&self) -> Option<Rotated<M>> {
        self.generations.read().frozen.front().cloned()
    }

    /// Lists `files` (already durable, see [`Files::put`](crate::files::Files::put)) in the catalog in place of the
    /// generation, moves the signal's offset, forgets the generation and cuts the log, in this order.
    ///
    /// Fails without effect when `rotated` is not the oldest frozen generation; after any other error the generation
    /// is still there, and the call may be repeated, with the same files or with new ones.
    pub async fn commit(&self, rotated: &Rotated<M>, files: Vec<FileEntry>) -> Result<Arc<Snapshot>, StoreError> {
        let _one_at_a_time = self.flush.lock().await;
        if self.oldest_frozen().is_none_or(|oldest| oldest.upto != rotated.upto) {
            let reason = format!("{}: generations are committed in their order", self.signal);
            return Err(StoreError::Contradiction { reason });
        }
        let change = Change { add: files, offsets: vec![(self.signal, rotated.upto)], ..Change::default() };
        let snapshot = match self.catalog.commit(change).await {
            // An earlier attempt had succeeded although it reported an error; the files of this one are orphans.
            Err(_) if self.catalog.snapshot().offset(self.signal) >= rotated.upto => self.catalog.snapshot(),
            committed => committed?,
        };
        self.generations.write().frozen.pop_front();
        // The rows are safe and listed: a segment that cannot be removed costs space and is tried again next time.
        let (wal, signal, upto) = (Arc::clone(&self.wal), self.signal, rotated.upto);
        let cut = tokio::task::spawn_blocking(move || {
            if let Err(error) = wal.cut(upto) {
                tracing::warn!(%signal, %error, "cannot cut the write-ahead log");
            }
        });
        let _ends_with_the_runtime = cut.await;
        Ok(snapshot)
    }

    /// What a query reads. Cheap: a few pointers are copied.
    pub fn view(&self) -> View<M> {
        let generations = self.generations.read();
        // Taken while the generations cannot change: a flush may commit right now, and the offset tells.
        let snapshot = self.catalog.snapshot();
        let offset = snapshot.offset(self.signal);
        let frozen = generations.frozen.iter().filter(|rotated| rotated.upto > offset);
        View {
            active: Arc::clone(&generations.active),
            frozen: frozen.map(|rotated| Arc::clone(&rotated.frozen)).collect(),
            snapshot,
        }
    }

    /// The active generation, for a look at its size.
    pub fn active(&self) -> Arc<M> {
        Arc::clone(&self.generations.read().active)
    }

    /// The position of the last acknowledged record.
    pub fn last(&self) -> Position {
        self.wal.last()
    }

    /// The catalog that this journal commits to.
    pub fn catalog(&self) -> &Arc<Catalog> {
        &self.catalog
    }
}
