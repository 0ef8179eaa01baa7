//! Immutable files, on a local folder or on object storage, under paths like `logs/date=2026-11-24/….parquet`.
//!
//! On a local folder a file is written under a temporary name, synced, given its name, and the folder is synced:
//! `object_store`'s own local backend never syncs. On object storage the service does all of that.
//! A file is written once and never changed; [`Files::put_new`] fails when the name is taken, on both kinds, and that
//! is what the catalog's commits stand on.

mod local;
mod writer;

pub use writer::FileWriter;

use crate::disk::SharedDisk;
use crate::error::StoreError;
use bytes::Bytes;
use futures::TryStreamExt;
use lgtm_model::TimestampNs;
use local::Folder;
use object_store::path::Path as ObjectPath;
use object_store::prefix::PrefixStore;
use object_store::{ObjectStore, ObjectStoreExt, PutMode, PutOptions};
use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;

enum Place {
    Local(Arc<Folder>),
    Remote(Arc<dyn ObjectStore>),
}

/// The files of a store. Share it in an `Arc`; all methods may be called at once.
pub struct Files {
    place: Place,
}

/// A file as a listing shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// Its path in the store.
    pub path: String,
    /// When it was last written, by the clock of the disk or service.
    pub modified: TimestampNs,
}

impl Files {
    /// Files below the folder `root`, which is created when missing. Blocking.
    pub fn local(root: impl Into<PathBuf>, disk: SharedDisk) -> Result<Self, StoreError> {
        Ok(Self { place: Place::Local(Arc::new(Folder::open(root.into(), disk)?)) })
    }

    /// Files on an object store.
    pub fn remote(objects: Arc<dyn ObjectStore>) -> Self {
        Self { place: Place::Remote(objects) }
    }

    /// Files at a URL such as `s3://bucket/prefix`; `options` as `object_store` names them (`aws_region`,
    /// `aws_endpoint`, `aws_allow_http`, …), credentials from the environment of the service or instance.
    pub fn at_url(url: &str, options: impl IntoIterator<Item = (String, String)>) -> Result<Self, StoreError> {
        let url = url::Url::parse(url).map_err(|error| StoreError::Damaged {
            path: url.to_owned(),
            reason: format!("not a URL ({error}); write for example s3://bucket/prefix"),
        })?;
        let (objects, prefix) = object_store::parse_url_opts(&url, options)?;
        Ok(Self::remote(Arc::new(PrefixStore::new(objects, prefix))))
    }

    /// Writes a file durably; an existing one is replaced.
    pub async fn put(&self, path: &str, bytes: Bytes) -> Result<(), StoreError> {
        match &self.place {
            Place::Local(folder) => folder.run(path, move |folder, path| folder.put(path, &bytes)).await,
            Place::Remote(objects) => Ok(objects.put(&ObjectPath::from(path), bytes.into()).await.map(drop)?),
        }
    }

    /// Writes a file durably unless there is one: then [`StoreError::Exists`], and nothing is changed.
    pub async fn put_new(&self, path: &str, bytes: Bytes) -> Result<(), StoreError> {
        match &self.place {
            Place::Local(folder) => folder.run(path, move |folder, path| folder.put_new(path, &bytes)).await,
            Place::Remote(objects) => {
                let options = PutOptions::from(PutMode::Create);
                Ok(objects.put_opts(&ObjectPath::from(path), bytes.into(), options).await.map(drop)?)
            }
        }
    }

    /// Begins a file that is too large to be held in memory at once.
    pub async fn create(&self, path: &str) -> Result<FileWriter, StoreError> {
        match &self.place {
            Place::Local(folder) => FileWriter::local(Arc::clone(folder), path).await,
            Place::Remote(objects) => FileWriter::remote(objects, path).await,
        }
    }

    /// A whole file.
    pub async fn get(&self, path: &str) -> Result<Bytes, StoreError> {
        match &self.place {
            Place::Local(folder) => folder.run(path, |folder, path| folder.get(path)).await,
            Place::Remote(objects) => Ok(objects.get(&ObjectPath::from(path)).await?.bytes().await?),
        }
    }

    /// A part of a file; an error when the file is shorter.
    pub async fn get_range(&self, path: &str, range: Range<u64>) -> Result<Bytes, StoreError> {
        match &self.place {
            Place::Local(folder) => folder.run(path, move |folder, path| folder.get_range(path, range)).await,
            Place::Remote(objects) => Ok(objects.get_range(&ObjectPath::from(path), range).await?),
        }
    }

    /// A file's length in bytes.
    pub async fn length(&self, path: &str) -> Result<u64, StoreError> {
        match &self.place {
            Place::Local(folder) => folder.run(path, |folder, path| folder.length(path)).await,
            Place::Remote(objects) => Ok(objects.head(&ObjectPath::from(path)).await?.size),
        }
    }

    /// Whether there is such a file.
    pub async fn exists(&self, path: &str) -> Result<bool, StoreError> {
        match self.length(path).await {
            Ok(_) => Ok(true),
            Err(StoreError::Missing { .. }) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Deletes a file; one that is gone already is no error.
    pub async fn delete(&self, path: &str) -> Result<(), StoreError> {
        let deleted = match &self.place {
            Place::Local(folder) => folder.run(path, |folder, path| folder.delete(path)).await,
            Place::Remote(objects) => objects.delete(&ObjectPath::from(path)).await.map_err(StoreError::from),
        };
        match deleted {
            Err(StoreError::Missing { .. }) => Ok(()),
            other => other,
        }
    }

    /// The files below the folder `prefix` in the order of their paths, only those behind `after` when it is given.
    pub async fn list(&self, prefix: &str, after: Option<&str>) -> Result<Vec<Listed>, StoreError> {
        let mut found = match &self.place {
            Place::Local(folder) => folder.run(prefix, |folder, prefix| folder.list(prefix)).await?,
            Place::Remote(objects) => {
                let below = ObjectPath::from(prefix);
                let stream = match after {
                    Some(after) => objects.list_with_offset(Some(&below), &ObjectPath::from(after)),
                    None => objects.list(Some(&below)),
                };
                let listed = stream.map_ok(|meta| Listed {
                    path: meta.location.to_string(),
                    modified: TimestampNs(meta.last_modified.timestamp_nanos_opt().unwrap_or(0)),
                });
                listed.try_collect().await?
            }
        };
        found.retain(|listed| after.is_none_or(|after| listed.path.as_str() > after));
        found.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(found)
    }

    /// Removes what processes that are gone were writing when they ended, if last touched before `before`.
    pub(crate) async fn remove_temporaries(&self, before: TimestampNs) -> Result<usize, StoreError> {
        match &self.place {
            Place::Local(folder) => {
                let mut removed = 0;
                for prefix in ["catalog", "metrics", "logs", "spans"] {
                    removed +=
                        folder.run(prefix, move |folder, prefix| folder.remove_temporaries(prefix, before)).await?;
                }
                Ok(removed)
            }
            Place::Remote(_) => Ok(0),
        }
    }

    /// Where a file lies on this machine, for mapping it into memory; `None` on object storage.
    pub fn local_path(&self, path: &str) -> Option<PathBuf> {
        match &self.place {
            Place::Local(folder) => Some(folder.full_path(path)),
            Place::Remote(_) => None,
        }
    }

    /// The files as an object store, for readers that want one. Do not write through it: a local one never syncs.
    pub fn objects(&self) -> Result<Arc<dyn ObjectStore>, StoreError> {
        match &self.place {
            Place::Local(folder) => folder.objects(),
            Place::Remote(objects) => Ok(Arc::clone(objects)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::disk::simulated::SimulatedDisk;
    use object_store::memory::InMemory;

    async fn check(files: Files) {
        files.put("a/one", Bytes::from_static(b"first")).await.unwrap();
        files.put_new("a/b/two", Bytes::from_static(b"second")).await.unwrap();
        let again = files.put_new("a/b/two", Bytes::from_static(b"other")).await;
        assert!(matches!(again, Err(StoreError::Exists { .. })), "{again:?}");
        let mut writer = files.create("a/three").await.unwrap();
        writer.write(Bytes::from_static(b"thi")).await.unwrap();
        writer.write(Bytes::from_static(b"rd")).await.unwrap();
        assert!(!files.exists("a/three").await.unwrap());
        writer.finish().await.unwrap();
        assert_eq!(files.get("a/three").await.unwrap(), "third");
        assert_eq!(files.get_range("a/b/two", 1..4).await.unwrap(), "eco");
        assert_eq!(files.length("a/one").await.unwrap(), 5);
        let paths = |listed: Vec<Listed>| listed.into_iter().map(|listed| listed.path).collect::<Vec<_>>();
        assert_eq!(paths(files.list("a", None).await.unwrap()), ["a/b/two", "a/one", "a/three"]);
        assert_eq!(paths(files.list("a", Some("a/one")).await.unwrap()), ["a/three"]);
        assert!(files.list("nowhere", None).await.unwrap().is_empty());
        files.delete("a/one").await.unwrap();
        files.delete("a/one").await.unwrap();
        let gone = files.get("a/one").await;
        assert!(matches!(gone, Err(StoreError::Missing { .. })), "{gone:?}");
    }

    #[tokio::test]
    async fn a_local_folder_and_an_object_store_behave_alike() {
        check(Files::remote(Arc::new(InMemory::new()))).await;
        check(Files::local("/data", SimulatedDisk::shared()).unwrap()).await;
        let folder = tempfile::tempdir().unwrap();
        check(Files::local(folder.path().join("new"), crate::disk::MachineDisk::shared()).unwrap()).await;
    }

    #[tokio::test]
    async fn a_path_cannot_leave_the_store() {
        let files = Files::local("/data", SimulatedDisk::shared()).unwrap();
        for path in ["../x", "a/../../x", "/etc/x", ""] {
            assert!(files.put(path, Bytes::new()).await.is_err(), "{path}");
        }
    }
}
