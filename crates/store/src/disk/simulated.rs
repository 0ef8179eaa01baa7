//! A disk in memory that can lose its power at any operation.
//!
//! Each file keeps what was written and how much of it was synced; each folder keeps the changes of names since its
//! last sync. A power cut takes a random part of the unsynced bytes of each file (at most what was written, sometimes
//! garbled) and a random prefix of the unsynced changes of names of each folder, which is what a journalling file
//! system may leave.

use super::{Disk, DiskFile, SharedDisk};
use lgtm_runtime::Random;
use parking_lot::Mutex;
use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

#[derive(Clone, Default)]
struct Content {
    bytes: Vec<u8>,
    synced: usize,
}

/// A change of names that a folder sync makes permanent.
#[derive(Clone)]
enum NameChange {
    Linked(PathBuf, u64),
    Removed(PathBuf),
}

#[derive(Default)]
struct State {
    contents: BTreeMap<u64, Content>,
    names: BTreeMap<PathBuf, u64>,
    durable_names: BTreeMap<PathBuf, u64>,
    pending: BTreeMap<PathBuf, Vec<NameChange>>,
    next_content: u64,
    operations: u64,
    power_off_at: Option<u64>,
    failing: Option<u64>,
}

/// A disk in memory. Clones share it.
#[derive(Clone, Default)]
pub struct SimulatedDisk {
    state: Arc<Mutex<State>>,
}

impl SimulatedDisk {
    /// An empty disk, ready to share.
    pub fn shared() -> SharedDisk {
        Arc::new(Self::default())
    }

    /// How many writing operations (create, write, sync, rename, link, remove, truncate) there have been.
    pub fn operations(&self) -> u64 {
        self.state.lock().operations
    }

    /// Cuts the power just before the writing operation with this number, counted from 0: it and all later ones fail.
    pub fn power_off_at(&self, operation: u64) {
        self.state.lock().power_off_at = Some(operation);
    }

    /// Makes the writing operation with this number fail once, as a full disk would.
    pub fn fail_at(&self, operation: u64) {
        self.state.lock().failing = Some(operation);
    }

    /// The disk as it is found when the power comes back.
    pub fn after_power_cut(&self, random: &Random) -> Self {
        let state = self.state.lock();
        let mut names = state.durable_names.clone();
        for changes in state.pending.values() {
            let kept = random.in_range(0..changes.len() as u64 + 1) as usize;
            for change in &changes[..kept] {
                match change {
                    NameChange::Linked(path, content) => drop(names.insert(path.clone(), *content)),
                    NameChange::Removed(path) => drop(names.remove(path)),
                }
            }
        }
        let contents = state.contents.iter().map(|(id, content)| (*id, lose_unsynced(content, random))).collect();
        let revived = State {
            contents,
            durable_names: names.clone(),
            names,
            next_content: state.next_content,
            ..State::default()
        };
        Self { state: Arc::new(Mutex::new(revived)) }
    }

    /// Flips one bit of a file, as a failing disk would.
    pub fn damage(&self, path: &Path, offset: usize) {
        self.change_content(path, |content| content.bytes[offset] ^= 1);
    }

    /// Shortens a file, as a failing disk would.
    pub fn shorten(&self, path: &Path, length: usize) {
        self.change_content(path, |content| {
            content.bytes.truncate(length);
            content.synced = content.synced.min(length);
        });
    }

    fn change_content(&self, path: &Path, change: impl FnOnce(&mut Content)) {
        let mut state = self.state.lock();
        let id = state.names.get(path).copied();
        if let Some(content) = id.and_then(|id| state.contents.get_mut(&id)) {
            change(content);
        }
    }

    fn writing<R>(&self, operation: impl FnOnce(&mut State) -> io::Result<R>) -> io::Result<R> {
        let mut state = self.state.lock();
        let number = state.operations;
        state.operations += 1;
        if state.power_off_at.is_some_and(|at| number >= at) {
            return Err(io::Error::other("the power is off"));
        }
        if state.failing == Some(number) {
            return Err(io::Error::from(io::ErrorKind::StorageFull));
        }
        operation(&mut state)
    }
}

fn lose_unsynced(content: &Content, random: &Random) -> Content {
    let unsynced = (content.bytes.len() - content.synced) as u64;
    let kept = content.synced + random.in_range(0..unsynced + 1) as usize;
    let mut bytes = content.bytes[..kept].to_vec();
    if kept > content.synced && random.fraction() < 0.3 {
        // A page of the torn write that never arrived.
        let garbled = random.in_range(content.synced as u64..kept as u64) as usize;
        bytes[garbled] = 0;
    }
    Content { synced: bytes.len(), bytes }
}

fn not_found() -> io::Error {
    io::Error::from(io::ErrorKind::NotFound)
}

impl State {
    fn link(&mut self, path: &Path, content: u64) {
        self.names.insert(path.to_owned(), content);
        self.note(path, NameChange::Linked(path.to_owned(), content));
    }

    fn unlink(&mut self, path: &Path) -> io::Result<u64> {
        let content = self.names.remove(path).ok_or_else(not_found)?;
        self.note(path, NameChange::Removed(path.to_owned()));
        Ok(content)
    }

    fn note(&mut self, path: &Path, change: NameChange) {
        let folder = path.parent().unwrap_or(path).to_owned();
        self.pending.entry(folder).or_default().push(change);
    }

    fn content(&self, path: &Path) -> io::Result<&Content> {
        self.names.get(path).and_then(|id| self.contents.get(id)).ok_or_else(not_found)
    }
}

struct SimulatedFile {
    disk: SimulatedDisk,
    content: u64,
}

impl DiskFile for SimulatedFile {
    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        let id = self.content;
        self.disk.writing(|state| {
            state.contents.entry(id).or_default().bytes.extend_from_slice(bytes);
            Ok(())
        })
    }

    fn sync(&mut self) -> io::Result<()> {
        let id = self.content;
        self.disk.writing(|state| {
            let content = state.contents.entry(id).or_default();
            content.synced = content.bytes.len();
            Ok(())
        })
    }
}

impl Disk for SimulatedDisk {
    fn create_new(&self, path: &Path) -> io::Result<Box<dyn DiskFile>> {
        let content = self.writing(|state| {
            if state.names.contains_key(path) {
                return Err(io::Error::from(io::ErrorKind::AlreadyExists));
            }
            let content = state.next_content;
            state.next_content += 1;
            state.contents.insert(content, Content::default());
            state.link(path, content);
            Ok(content)
        })?;
        Ok(Box::new(SimulatedFile { disk: self.clone(), content }))
    }

    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        self.state.lock().content(path).map(|content| content.bytes.clone())
    }

    fn read_range(&self, path: &Path, offset: u64, length: u64) -> io::Result<Vec<u8>> {
        let bytes = self.read(path)?;
        let start = (offset as usize).min(bytes.len());
        let end = start.saturating_add(length as usize).min(bytes.len());
        Ok(bytes[start..end].to_vec())
    }

    fn length(&self, path: &Path) -> io::Result<u64> {
        self.state.lock().content(path).map(|content| content.bytes.len() as u64)
    }

    fn list(&self, dir: &Path) -> io::Result<Vec<(PathBuf, i64)>> {
        let state = self.state.lock();
        Ok(state.names.keys().filter(|path| path.starts_with(dir)).map(|path| (path.clone(), 0)).collect())
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.writing(|state| {
            let content = state.names.get(from).copied().ok_or_else(not_found)?;
            // Within one folder a rename is one change of the file system's journal; the new name comes first here.
            state.link(to, content);
            state.unlink(from).map(drop)
        })
    }

    fn hard_link(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.writing(|state| {
            if state.names.contains_key(to) {
                return Err(io::Error::from(io::ErrorKind::AlreadyExists));
            }
            let content = state.names.get(from).copied().ok_or_else(not_found)?;
            state.link(to, content);
            Ok(())
        })
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        self.writing(|state| state.unlink(path).map(drop))
    }

    fn truncate(&self, path: &Path, length: u64) -> io::Result<()> {
        self.writing(|state| {
            let id = state.names.get(path).copied().ok_or_else(not_found)?;
            let content = state.contents.entry(id).or_default();
            content.bytes.truncate(length as usize);
            content.synced = content.bytes.len();
            Ok(())
        })
    }

    fn sync_dir(&self, dir: &Path) -> io::Result<()> {
        self.writing(|state| {
            for change in state.pending.remove(dir).unwrap_or_default() {
                match change {
                    NameChange::Linked(path, content) => drop(state.durable_names.insert(path, content)),
                    NameChange::Removed(path) => drop(state.durable_names.remove(&path)),
                }
            }
            Ok(())
        })
    }

    fn create_dir_all(&self, _dir: &Path) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_synced_may_be_gone() {
        let disk = SimulatedDisk::default();
        let path = Path::new("/d/file");
        let mut file = disk.create_new(path).unwrap();
        file.write_all(b"synced").unwrap();
        file.sync().unwrap();
        disk.sync_dir(Path::new("/d")).unwrap();
        file.write_all(b"lost?").unwrap();
        let mut lengths = std::collections::BTreeSet::new();
        for seed in 0..50 {
            let found = disk.after_power_cut(&Random::from_seed(seed)).read(path).unwrap();
            assert!(found.starts_with(b"synced"));
            lengths.insert(found.len());
        }
        assert!(lengths.len() > 3, "{lengths:?}");
    }

    #[test]
    fn a_name_needs_the_folders_sync() {
        let disk = SimulatedDisk::default();
        disk.create_new(Path::new("/d/file")).unwrap().sync().unwrap();
        let survives = |seed| disk.after_power_cut(&Random::from_seed(seed)).read(Path::new("/d/file")).is_ok();
        assert!((0..50).any(survives) && !(0..50).all(survives));
    }
}
