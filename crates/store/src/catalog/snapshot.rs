//! The catalog's state after one commit, immutable and shared.
//!
//! Files are kept by signal and day behind one pointer each. Applying a change copies the map of those pointers and
//! the days that it touches, nothing else: its cost does not grow with the number of files.

use crate::error::StoreError;
use crate::journal::Position;
use crate::signal::{Signal, day_name};
use lgtm_model::TimestampNs;
use lgtm_runtime::Random;
use std::collections::BTreeMap;
use std::sync::Arc;

/// A file that the catalog lists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileEntry {
    /// Its path in the store; see [`FileEntry::new_path`].
    pub path: String,
    /// Whose rows it holds.
    pub signal: Signal,
    /// The day (UTC, from the Unix epoch) that it is kept and dropped with: that of all its rows.
    pub day: i64,
    /// How often its rows were merged: 0 as flushed.
    pub level: u8,
    /// How many rows it holds.
    pub rows: u64,
    /// Its length.
    pub bytes: u64,
    /// The earliest time in it.
    pub time_min: TimestampNs,
    /// The latest time in it.
    pub time_max: TimestampNs,
    /// Files that live and die with it, such as its token filters.
    pub sidecars: Vec<String>,
    /// Whatever the signal wants to know before opening it.
    pub properties: BTreeMap<String, String>,
}

impl Default for FileEntry {
    fn default() -> Self {
        Self {
            path: String::new(),
            signal: Signal::Metrics,
            day: 0,
            level: 0,
            rows: 0,
            bytes: 0,
            time_min: TimestampNs(0),
            time_max: TimestampNs(0),
            sidecars: Vec::new(),
            properties: BTreeMap::new(),
        }
    }
}

impl FileEntry {
    /// A new, unique path: `<signal>/date=<day>/<level>-<32 hex digits>.<extension>`.
    pub fn new_path(signal: Signal, day: i64, level: u8, random: &Random, extension: &str) -> String {
        let mut id = [0; 16];
        random.fill(&mut id);
        format!("{signal}/date={}/{level}-{:032x}.{extension}", day_name(day), u128::from_be_bytes(id))
    }

    /// How the catalog finds it again.
    pub fn key(&self) -> FileKey {
        FileKey { signal: self.signal, day: self.day, path: self.path.clone() }
    }
}

/// Names a listed file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct FileKey {
    /// Whose rows it holds.
    pub signal: Signal,
    /// Its day.
    pub day: i64,
    /// Its path in the store.
    pub path: String,
}

/// What one commit does; all of it or nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Change {
    /// Files to list. They must be durable already.
    pub add: Vec<FileEntry>,
    /// Files to take off the list; they are deleted after a grace.
    pub remove: Vec<FileKey>,
    /// Files to set aside, with what is wrong with them: no longer listed, not deleted before their day is dropped.
    pub set_aside: Vec<(FileKey, String)>,
    /// Journal positions up to which everything is in listed files.
    pub offsets: Vec<(Signal, Position)>,
    /// Small facts to remember by name, such as what was published; an empty text forgets.
    pub marks: Vec<(String, String)>,
    /// Removed files that are deleted by now; only [`Catalog::maintain`](super::Catalog::maintain) knows which.
    pub forget: Vec<FileKey>,
}

/// A file taken off the list that is not deleted yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Removed {
    /// The file.
    pub entry: Arc<FileEntry>,
    /// When it was taken off.
    pub removed_at: TimestampNs,
}

/// A file that was found to be damaged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Damaged {
    /// The file.
    pub entry: Arc<FileEntry>,
    /// Which check failed.
    pub reason: String,
}

/// One signal's files of one day.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Day {
    pub(super) files: BTreeMap<String, Arc<FileEntry>>,
    pub(super) removed: BTreeMap<String, Removed>,
    pub(super) damaged: BTreeMap<String, Damaged>,
}

impl Day {
    /// The listed files in the order of their paths.
    pub fn files(&self) -> impl ExactSizeIterator<Item = &Arc<FileEntry>> {
        self.files.values()
    }

    /// The files set aside, in the order of their paths.
    pub fn damaged(&self) -> impl ExactSizeIterator<Item = &Damaged> {
        self.damaged.values()
    }

    fn has(&self, path: &str) -> bool {
        self.files.contains_key(path) || self.damaged.contains_key(path)
    }

    fn is_empty(&self) -> bool {
        self.files.is_empty() && self.removed.is_empty() && self.damaged.is_empty()
    }
}

/// The catalog's state at one version.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Snapshot {
    pub(super) version: u64,
    pub(super) days: BTreeMap<(Signal, i64), Arc<Day>>,
    pub(super) offsets: BTreeMap<Signal, Position>,
    pub(super) marks: Arc<BTreeMap<String, String>>,
    pub(super) file_counts: BTreeMap<Signal, usize>,
}

impl Snapshot {
    /// Counts commits.
    pub fn version(&self) -> u64 {
        self.version
    }

    /// The journal position up to which everything is in listed files.
    pub fn offset(&self, signal: Signal) -> Position {
        self.offsets.get(&signal).copied().unwrap_or_default()
    }

    /// A remembered fact.
    pub fn mark(&self, name: &str) -> Option<&str> {
        self.marks.get(name).map(String::as_str)
    }

    /// A signal's days, oldest first.
    pub fn days(&self, signal: Signal) -> impl DoubleEndedIterator<Item = (i64, &Arc<Day>)> {
        self.days.range((signal, i64::MIN)..=(signal, i64::MAX)).map(|((_, day), files)| (*day, files))
    }

    /// A signal's files, by day.
    pub fn files(&self, signal: Signal) -> impl Iterator<Item = &Arc<FileEntry>> {
        self.days(signal).flat_map(|(_, day)| day.files())
    }

    /// A signal's files that may hold rows from `from` to `to`, both included.
    pub fn files_between(
        &self,
        signal: Signal,
        from: TimestampNs,
        to: TimestampNs,
    ) -> impl Iterator<Item = &Arc<FileEntry>> {
        self.files(signal).filter(move |entry| entry.time_min <= to && entry.time_max >= from)
    }

    /// How many files a signal has.
    pub fn file_count(&self, signal: Signal) -> usize {
        self.file_counts.get(&signal).copied().unwrap_or(0)
    }

    /// Files set aside as damaged.
    pub fn damaged(&self) -> impl Iterator<Item = &Damaged> {
        self.days.values().flat_map(|day| day.damaged.values())
    }

    /// Files taken off the list that are not deleted yet.
    pub fn removed(&self) -> impl Iterator<Item = &Removed> {
        self.days.values().flat_map(|day| day.removed.values())
    }

    /// The listed file with this key.
    pub fn file(&self, key: &FileKey) -> Option<&Arc<FileEntry>> {
        self.days.get(&(key.signal, key.day))?.files.get(&key.path)
    }

    /// Whether nothing is left to do for `change`: then it was committed before.
    pub(super) fn has(&self, change: &Change) -> bool {
        let day = |key: &FileKey| self.days.get(&(key.signal, key.day));
        change.add.iter().all(|entry| self.file(&entry.key()).is_some_and(|listed| **listed == *entry))
            && change.remove.iter().all(|key| day(key).is_none_or(|day| !day.has(&key.path)))
            && change.set_aside.iter().all(|(key, _)| day(key).is_none_or(|day| !day.files.contains_key(&key.path)))
            && change.forget.iter().all(|key| day(key).is_none_or(|day| !day.removed.contains_key(&key.path)))
            && change.offsets.iter().all(|(signal, position)| self.offset(*signal) == *position)
            && change.marks.iter().all(|(name, value)| self.mark(name).unwrap_or("") == value)
    }

    /// The next state, or why the change does not fit.
    pub(crate) fn apply(&self, change: &Change, time: TimestampNs) -> Result<Self, StoreError> {
        let mut next = self.clone();
        next.version += 1;
        for key in &change.remove {
            let entry = next.take_file(key)?;
            next.day(key).removed.insert(key.path.clone(), Removed { entry, removed_at: time });
        }
        for (key, reason) in &change.set_aside {
            let entry = next.take_file(key)?;
            next.day(key).damaged.insert(key.path.clone(), Damaged { entry, reason: reason.clone() });
        }
        for entry in &change.add {
            next.add_file(entry)?;
        }
        for key in &change.forget {
            next.day(key).removed.remove(&key.path);
            next.drop_empty_day(key);
        }
        for (signal, position) in &change.offsets {
            let before = next.offsets.insert(*signal, *position).unwrap_or_default();
            // Equal counts as wrong too: the same records would be listed in two files.
            if before >= *position {
                let reason = format!("the offset of {signal} would go from {} to {}", before.0, position.0);
                return Err(StoreError::Contradiction { reason });
            }
        }
        if !change.marks.is_empty() {
            let marks = Arc::make_mut(&mut next.marks);
            for (name, value) in &change.marks {
                if value.is_empty() {
                    marks.remove(name)
                } else {
                    marks.insert(name.clone(), value.clone())
                };
            }
        }
        Ok(next)
    }

    fn day(&mut self, key: &FileKey) -> &mut Day {
        Arc::make_mut(self.days.entry((key.signal, key.day)).or_default())
    }

    fn drop_empty_day(&mut self, key: &FileKey) {
        let place = (key.signal, key.day);
        if self.days.get(&place).is_some_and(|day| day.is_empty()) {
            self.days.remove(&place);
        }
    }

    pub(super) fn add_file(&mut self, entry: &FileEntry) -> Result<(), StoreError> {
        let key = entry.key();
        let day = self.day(&key);
        let is_known = day.removed.contains_key(&key.path) || day.damaged.contains_key(&key.path);
        if is_known || day.files.insert(key.path.clone(), Arc::new(entry.clone())).is_some() {
            return Err(StoreError::Contradiction { reason: format!("{} was listed before", key.path) });
        }
        *self.file_counts.entry(key.signal).or_default() += 1;
        Ok(())
    }

    /// Takes a listed file, or one that was set aside, out of its day.
    fn take_file(&mut self, key: &FileKey) -> Result<Arc<FileEntry>, StoreError> {
        let day = self.day(key);
        if let Some(damaged) = day.damaged.remove(&key.path) {
            return Ok(damaged.entry);
        }
        let Some(entry) = day.files.remove(&key.path) else {
            return Err(StoreError::Contradiction { reason: format!("{} is not listed", key.path) });
        };
        *self.file_counts.entry(key.signal).or_default() -= 1;
        Ok(entry)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(path: &str, day: i64) -> FileEntry {
        FileEntry { path: path.to_owned(), signal: Signal::Logs, day, rows: 1, ..FileEntry::default() }
    }

    #[test]
    fn a_change_that_does_not_fit_changes_nothing() {
        let add = Change { add: vec![entry("a", 1)], offsets: vec![(Signal::Logs, Position(5))], ..Change::default() };
        let first = Snapshot::default().apply(&add, TimestampNs(0)).unwrap();
        for wrong in [
            Change { add: vec![entry("a", 1)], ..Change::default() },
            Change { remove: vec![entry("b", 1).key()], ..Change::default() },
            Change { offsets: vec![(Signal::Logs, Position(4))], ..Change::default() },
            Change { add: vec![entry("b", 1)], offsets: vec![(Signal::Logs, Position(5))], ..Change::default() },
        ] {
            assert!(matches!(first.apply(&wrong, TimestampNs(0)), Err(StoreError::Contradiction { .. })), "{wrong:?}");
        }
        assert_eq!((first.file_count(Signal::Logs), first.version()), (1, 1));
    }

    #[test]
    fn only_touched_days_are_copied() {
        let add = Change { add: vec![entry("a", 1), entry("b", 2)], ..Change::default() };
        let first = Snapshot::default().apply(&add, TimestampNs(0)).unwrap();
        let second = first.apply(&Change { add: vec![entry("c", 2)], ..Change::default() }, TimestampNs(0)).unwrap();
        assert!(Arc::ptr_eq(&first.days[&(Signal::Logs, 1)], &second.days[&(Signal::Logs, 1)]));
        assert!(!Arc::ptr_eq(&first.days[&(Signal::Logs, 2)], &second.days[&(Signal::Logs, 2)]));
    }

    #[test]
    fn a_removed_file_is_remembered_until_it_is_forgotten() {
        let add = Change { add: vec![entry("a", 1)], ..Change::default() };
        let remove = Change { remove: vec![entry("a", 1).key()], ..Change::default() };
        let forget = Change { forget: vec![entry("a", 1).key()], ..Change::default() };
        let state = Snapshot::default().apply(&add, TimestampNs(0)).unwrap().apply(&remove, TimestampNs(7)).unwrap();
        assert_eq!(state.removed().map(|removed| removed.removed_at.0).collect::<Vec<_>>(), [7]);
        assert!(state.has(&remove) && !state.has(&add));
        let state = state.apply(&forget, TimestampNs(8)).unwrap();
        assert!(state.days.is_empty());
    }
}
