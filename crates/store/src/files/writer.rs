//! Writes one large file piece by piece; it exists under its name only once it is finished.

use super::local::Folder;
use crate::disk::DiskFile;
use crate::error::StoreError;
use bytes::Bytes;
use object_store::path::Path as ObjectPath;
use object_store::{ObjectStore, ObjectStoreExt, WriteMultipart};
use std::io;
use std::path::PathBuf;
use std::sync::Arc;

/// How many parts of a remote file may be under way at once.
const PARTS_IN_FLIGHT_MAX: usize = 4;

enum Target {
    Local { folder: Arc<Folder>, temporary: PathBuf, file: Box<dyn DiskFile> },
    Remote(WriteMultipart),
}

/// A file under construction. Dropped before [`FileWriter::finish`], it leaves nothing that a reader could see.
pub struct FileWriter {
    path: String,
    target: Option<Target>,
    bytes: u64,
}

impl FileWriter {
    pub(super) async fn local(folder: Arc<Folder>, path: &str) -> Result<Self, StoreError> {
        let (temporary, file) = folder.run(path, |folder, path| folder.create_temporary(path)).await?;
        Ok(Self { path: path.to_owned(), target: Some(Target::Local { folder, temporary, file }), bytes: 0 })
    }

    pub(super) async fn remote(objects: &Arc<dyn ObjectStore>, path: &str) -> Result<Self, StoreError> {
        let upload = objects.put_multipart(&ObjectPath::from(path)).await?;
        Ok(Self { path: path.to_owned(), target: Some(Target::Remote(WriteMultipart::new(upload))), bytes: 0 })
    }

    /// Appends `bytes`.
    pub async fn write(&mut self, bytes: Bytes) -> Result<(), StoreError> {
        self.bytes += bytes.len() as u64;
        match self.target.take() {
            Some(Target::Local { folder, temporary, mut file }) => {
                let (file, written) = blocking(move || {
                    let written = file.write_all(&bytes);
                    (file, written)
                })
                .await?;
                let path = temporary.clone();
                self.target = Some(Target::Local { folder, temporary, file });
                written.map_err(StoreError::disk("write", &path))
            }
            Some(Target::Remote(mut upload)) => {
                upload.wait_for_capacity(PARTS_IN_FLIGHT_MAX).await?;
                upload.put(bytes);
                self.target = Some(Target::Remote(upload));
                Ok(())
            }
            None => Err(StoreError::damaged(&self.path, "written to after it failed")),
        }
    }

    /// Bytes written so far.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Makes the file durable and gives it its name. Returns its length.
    pub async fn finish(mut self) -> Result<u64, StoreError> {
        match self.target.take() {
            Some(Target::Local { folder, temporary, mut file }) => {
                let path = self.path.clone();
                blocking(move || {
                    let synced = file.sync().map_err(StoreError::disk("sync", &temporary));
                    let finished = synced.and_then(|()| folder.give_name(&temporary, &path));
                    if finished.is_err() {
                        folder.discard(&temporary);
                    }
                    finished
                })
                .await??;
            }
            Some(Target::Remote(upload)) => drop(upload.finish().await?),
            None => return Err(StoreError::damaged(&self.path, "finished after it failed")),
        }
        Ok(self.bytes)
    }
}

impl Drop for FileWriter {
    fn drop(&mut self) {
        // Parts of a remote upload that is never completed are removed by the service.
        if let Some(Target::Local { folder, temporary, .. }) = self.target.take() {
            folder.discard(&temporary);
        }
    }
}

async fn blocking<R: Send + 'static>(run: impl FnOnce() -> R + Send + 'static) -> Result<R, StoreError> {
    let ran = tokio::task::spawn_blocking(run).await;
    ran.map_err(|error| StoreError::disk("write", "the runtime".as_ref())(io::Error::other(error)))
}
