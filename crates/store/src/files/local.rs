//! Files on a local folder: temporary name, sync, final name, sync of the folder.

use super::Listed;
use crate::disk::SharedDisk;
use crate::error::StoreError;
use bytes::Bytes;
use lgtm_model::TimestampNs;
use object_store::ObjectStore;
use object_store::local::LocalFileSystem;
use parking_lot::Mutex;
use std::collections::HashSet;
use std::io;
use std::ops::Range;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Names that begin so are files under construction; a listing does not show them.
const TEMPORARY: &str = ".tmp-";

/// A local folder.
pub(super) struct Folder {
    root: PathBuf,
    disk: SharedDisk,
    temporary_count: AtomicU64,
    /// Folders that are known to exist durably.
    known: Mutex<HashSet<PathBuf>>,
}

impl Folder {
    pub(super) fn open(root: PathBuf, disk: SharedDisk) -> Result<Self, StoreError> {
        disk.create_dir_all(&root).map_err(StoreError::disk("create", &root))?;
        Ok(Self { root, disk, temporary_count: AtomicU64::new(0), known: Mutex::default() })
    }

    /// Runs a blocking operation on `path` away from the async threads.
    pub(super) async fn run<R: Send + 'static>(
        self: &Arc<Self>,
        path: &str,
        operation: impl FnOnce(&Self, &str) -> Result<R, StoreError> + Send + 'static,
    ) -> Result<R, StoreError> {
        let (folder, path) = (Arc::clone(self), path.to_owned());
        let is_inside =
            !path.is_empty() && Path::new(&path).components().all(|part| matches!(part, Component::Normal(_)));
        if !is_inside {
            return Err(StoreError::damaged(path, "not a path below the store"));
        }
        let ran = tokio::task::spawn_blocking(move || operation(&folder, &path)).await;
        ran.unwrap_or_else(|error| Err(StoreError::disk("run", &self.root)(io::Error::other(error))))
    }

    pub(super) fn full_path(&self, path: &str) -> PathBuf {
        self.root.join(path)
    }

    pub(super) fn put(&self, path: &str, bytes: &[u8]) -> Result<(), StoreError> {
        let temporary = self.write_temporary(path, bytes)?;
        self.give_name(&temporary, path)
    }

    pub(super) fn put_new(&self, path: &str, bytes: &[u8]) -> Result<(), StoreError> {
        let temporary = self.write_temporary(path, bytes)?;
        let target = self.full_path(path);
        // A link, unlike a rename, fails when the name is taken, on every file system.
        let linked = self.disk.hard_link(&temporary, &target);
        let removed = self.disk.remove(&temporary);
        match linked {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                return Err(StoreError::Exists { path: path.to_owned() });
            }
            Err(error) => return Err(StoreError::disk("create", &target)(error)),
        }
        removed.map_err(StoreError::disk("remove", &temporary))?;
        self.sync_folder_of(&target)
    }

    fn write_temporary(&self, path: &str, bytes: &[u8]) -> Result<PathBuf, StoreError> {
        let (temporary, mut file) = self.create_temporary(path)?;
        let written = file.write_all(bytes).and_then(|()| file.sync());
        if let Err(error) = written {
            let _best_effort = self.disk.remove(&temporary);
            return Err(StoreError::disk("write", &temporary)(error));
        }
        Ok(temporary)
    }

    pub(super) fn create_temporary(&self, path: &str) -> Result<(PathBuf, Box<dyn crate::disk::DiskFile>), StoreError> {
        let target = self.full_path(path);
        let folder = target.parent().unwrap_or(&self.root);
        if !self.known.lock().contains(folder) {
            self.disk.create_dir_all(folder).map_err(StoreError::disk("create", folder))?;
            self.known.lock().insert(folder.to_owned());
        }
        loop {
            let count = self.temporary_count.fetch_add(1, Ordering::Relaxed);
            let temporary = folder.join(format!("{TEMPORARY}{}-{count}", std::process::id()));
            match self.disk.create_new(&temporary) {
                Ok(file) => return Ok((temporary, file)),
                // Left over from an earlier process with this number, or another machine's: take the next name.
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(StoreError::disk("create", &temporary)(error)),
            }
        }
    }

    /// Renames a synced temporary file to its final name, durably.
    pub(super) fn give_name(&self, temporary: &Path, path: &str) -> Result<(), StoreError> {
        let target = self.full_path(path);
        self.disk.rename(temporary, &target).map_err(StoreError::disk("rename", &target))?;
        self.sync_folder_of(&target)
    }

    pub(super) fn discard(&self, temporary: &Path) {
        let _best_effort = self.disk.remove(temporary);
    }

    fn sync_folder_of(&self, target: &Path) -> Result<(), StoreError> {
        let folder = target.parent().unwrap_or(&self.root);
        self.disk.sync_dir(folder).map_err(StoreError::disk("sync", folder))
    }

    pub(super) fn get(&self, path: &str) -> Result<Bytes, StoreError> {
        self.disk.read(&self.full_path(path)).map(Bytes::from).map_err(|error| self.missing_or("read", path, error))
    }

    pub(super) fn get_range(&self, path: &str, range: Range<u64>) -> Result<Bytes, StoreError> {
        let length = range.end.saturating_sub(range.start);
        let bytes = self
            .disk
            .read_range(&self.full_path(path), range.start, length)
            .map_err(|error| self.missing_or("read", path, error))?;
        if bytes.len() as u64 != length {
            return Err(StoreError::damaged(path, format!("ends before byte {}", range.end)));
        }
        Ok(bytes.into())
    }

    pub(super) fn length(&self, path: &str) -> Result<u64, StoreError> {
        self.disk.length(&self.full_path(path)).map_err(|error| self.missing_or("look at", path, error))
    }

    pub(super) fn delete(&self, path: &str) -> Result<(), StoreError> {
        // Not synced: a file that comes back after a power cut is found as an orphan.
        self.disk.remove(&self.full_path(path)).map_err(|error| self.missing_or("remove", path, error))
    }

    /// Files below `prefix`, those under construction left out.
    pub(super) fn list(&self, prefix: &str) -> Result<Vec<Listed>, StoreError> {
        let folder = self.full_path(prefix);
        let found = self.disk.list(&folder).map_err(StoreError::disk("list", &folder))?;
        let listed = found.iter().filter_map(|(path, modified_ns)| {
            let relative = path.strip_prefix(&self.root).ok()?.to_str()?;
            let name = path.file_name()?.to_str()?;
            let modified = TimestampNs(*modified_ns);
            (!name.starts_with(TEMPORARY)).then(|| Listed { path: relative.to_owned(), modified })
        });
        Ok(listed.collect())
    }

    /// Removes files under construction that were last written before `before`: their process is gone.
    pub(super) fn remove_temporaries(&self, prefix: &str, before: TimestampNs) -> Result<usize, StoreError> {
        let folder = self.full_path(prefix);
        let found = self.disk.list(&folder).map_err(StoreError::disk("list", &folder))?;
        let mut removed = 0;
        for (path, modified_ns) in found {
            let is_temporary = path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(TEMPORARY));
            if is_temporary && modified_ns < before.0 {
                self.disk.remove(&path).map_err(StoreError::disk("remove", &path))?;
                removed += 1;
            }
        }
        Ok(removed)
    }

    pub(super) fn objects(&self) -> Result<Arc<dyn ObjectStore>, StoreError> {
        Ok(Arc::new(LocalFileSystem::new_with_prefix(&self.root)?))
    }

    fn missing_or(&self, action: &'static str, path: &str, error: io::Error) -> StoreError {
        if error.kind() == io::ErrorKind::NotFound {
            return StoreError::Missing { path: path.to_owned() };
        }
        StoreError::disk(action, &self.full_path(path))(error)
    }
}
