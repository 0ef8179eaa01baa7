//! The local disk, as a collaborator: everything that must survive a power cut goes through [`Disk`].
//!
//! [`MachineDisk`] is the real one. [`SimulatedDisk`](simulated::SimulatedDisk) (feature `simulate`) keeps files in
//! memory, remembers what had been synced, and can lose the rest at any operation, so that tests can cut the power at
//! every write, sync and rename.

#[cfg(any(test, feature = "simulate"))]
pub mod simulated;

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A disk shared by all parts of the store.
pub type SharedDisk = Arc<dyn Disk>;

/// A file being written. Dropping it closes it without a sync.
pub trait DiskFile: Send {
    /// Appends `bytes`; after an error, how much was written is unknown.
    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()>;

    /// Returns once all that was written survives a power cut (data and length; the name needs [`Disk::sync_dir`]).
    fn sync(&mut self) -> io::Result<()>;
}

/// Blocking file operations. Called from any number of threads at once; never from an async task directly.
///
/// A name (creation, rename, link, removal) survives a power cut only after [`Disk::sync_dir`] on its folder.
pub trait Disk: Send + Sync + 'static {
    /// Creates a file that must not exist yet.
    fn create_new(&self, path: &Path) -> io::Result<Box<dyn DiskFile>>;

    /// The whole content of a file.
    fn read(&self, path: &Path) -> io::Result<Vec<u8>>;

    /// `length` bytes from `offset` on; fewer only at the end of the file.
    fn read_range(&self, path: &Path, offset: u64, length: u64) -> io::Result<Vec<u8>>;

    /// Length in bytes; `NotFound` when there is no such file.
    fn length(&self, path: &Path) -> io::Result<u64>;

    /// The files (not folders) below `dir`, at any depth, with the nanoseconds since the epoch of their last change;
    /// nothing when there is no such folder.
    fn list(&self, dir: &Path) -> io::Result<Vec<(PathBuf, i64)>>;

    /// Renames a file, replacing the target.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;

    /// Gives a file a second name; fails with `AlreadyExists` when that name is taken.
    fn hard_link(&self, from: &Path, to: &Path) -> io::Result<()>;

    /// Removes a file.
    fn remove(&self, path: &Path) -> io::Result<()>;

    /// Cuts a file to `length` bytes and syncs it.
    fn truncate(&self, path: &Path, length: u64) -> io::Result<()>;

    /// Makes the names in a folder survive a power cut.
    fn sync_dir(&self, dir: &Path) -> io::Result<()>;

    /// Creates a folder and its parents, durably.
    fn create_dir_all(&self, dir: &Path) -> io::Result<()>;
}

/// The machine's disk.
#[derive(Debug, Default)]
pub struct MachineDisk;

impl MachineDisk {
    /// The machine's disk, ready to share.
    pub fn shared() -> SharedDisk {
        Arc::new(Self)
    }
}

struct MachineFile(File);

impl DiskFile for MachineFile {
    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.0.write_all(bytes)
    }

    fn sync(&mut self) -> io::Result<()> {
        self.0.sync_data()
    }
}

impl Disk for MachineDisk {
    fn create_new(&self, path: &Path) -> io::Result<Box<dyn DiskFile>> {
        let file = OpenOptions::new().write(true).create_new(true).open(path)?;
        Ok(Box::new(MachineFile(file)))
    }

    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        std::fs::read(path)
    }

    fn read_range(&self, path: &Path, offset: u64, length: u64) -> io::Result<Vec<u8>> {
        let mut file = File::open(path)?;
        file.seek(SeekFrom::Start(offset))?;
        let mut bytes = Vec::new();
        file.take(length).read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    fn length(&self, path: &Path) -> io::Result<u64> {
        Ok(std::fs::metadata(path)?.len())
    }

    fn list(&self, dir: &Path) -> io::Result<Vec<(PathBuf, i64)>> {
        let mut found = Vec::new();
        let mut folders = vec![dir.to_owned()];
        while let Some(folder) = folders.pop() {
            let entries = match std::fs::read_dir(&folder) {
                Ok(entries) => entries,
                Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                Err(error) => return Err(error),
            };
            for entry in entries {
                let entry = entry?;
                // A file may be removed while the folder is read: then it is simply not there.
                let Ok(metadata) = entry.metadata() else { continue };
                if metadata.is_dir() {
                    folders.push(entry.path());
                } else {
                    found.push((entry.path(), modified_ns(&metadata)));
                }
            }
        }
        Ok(found)
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        std::fs::rename(from, to)
    }

    fn hard_link(&self, from: &Path, to: &Path) -> io::Result<()> {
        std::fs::hard_link(from, to)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        std::fs::remove_file(path)
    }

    fn truncate(&self, path: &Path, length: u64) -> io::Result<()> {
        let file = OpenOptions::new().write(true).open(path)?;
        file.set_len(length)?;
        file.sync_all()
    }

    fn sync_dir(&self, dir: &Path) -> io::Result<()> {
        File::open(dir)?.sync_all()
    }

    fn create_dir_all(&self, dir: &Path) -> io::Result<()> {
        let mut missing = Vec::new();
        let mut folder = dir;
        while !folder.exists() {
            missing.push(folder);
            match folder.parent() {
                Some(parent) if !parent.as_os_str().is_empty() => folder = parent,
                _ => break,
            }
        }
        std::fs::create_dir_all(dir)?;
        for created in missing {
            if let Some(parent) = created.parent().filter(|parent| !parent.as_os_str().is_empty()) {
                self.sync_dir(parent)?;
            }
        }
        Ok(())
    }
}

fn modified_ns(metadata: &std::fs::Metadata) -> i64 {
    let since_epoch = metadata.modified().ok().and_then(|time| time.duration_since(std::time::UNIX_EPOCH).ok());
    since_epoch.and_then(|duration| i64::try_from(duration.as_nanos()).ok()).unwrap_or(0)
}
