//! The stream lists of files, decoded once and kept while the file is there.

use crate::logs::LogsError;
use crate::stream::StreamList;
use lgtm_store::StoreError;
use lgtm_store::table::{TableEngine, sidecar_path};
use parking_lot::RwLock;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// Lists kept in memory; beyond it, those of files that the catalog no longer lists go first, then any.
const LISTS_MAX: usize = 20_000;

/// Resident stream lists by the path of their file.
#[derive(Default)]
pub(crate) struct StreamLists {
    kept: RwLock<HashMap<String, Arc<StreamList>>>,
}

impl StreamLists {
    /// The list of a file, from memory or its sidecar.
    pub async fn get(&self, engine: &TableEngine, path: &str) -> Result<Arc<StreamList>, LogsError> {
        if let Some(list) = self.kept.read().get(path) {
            return Ok(Arc::clone(list));
        }
        let sidecar = engine.sidecar(path).await?;
        let damaged = || StoreError::damaged(sidecar_path(path), "its list of streams cannot be read");
        let list = Arc::new(StreamList::decode(sidecar.annex()).ok_or_else(damaged)?);
        self.keep(path.to_owned(), Arc::clone(&list));
        Ok(list)
    }

    /// Keeps the list of a file just written.
    pub fn keep(&self, path: String, list: Arc<StreamList>) {
        let mut kept = self.kept.write();
        if kept.len() >= LISTS_MAX {
            let any = kept.keys().next().cloned();
            any.and_then(|path| kept.remove(&path));
        }
        kept.insert(path, list);
    }

    /// Forgets the list of a file that is gone.
    pub fn forget(&self, path: &str) {
        self.kept.write().remove(path);
    }

    /// Forgets the lists of all files but these.
    pub fn retain(&self, paths: &HashSet<&str>) {
        self.kept.write().retain(|path, _| paths.contains(path.as_str()));
    }
}
