//! State that ends with the process: for tests, and for those who keep nothing.

use crate::document::{Changes, Condition, Document, Revision, Write};
use crate::error::StateError;
use crate::limit::check;
use crate::seam::SmallState;
use async_trait::async_trait;
use lgtm_model::TimestampNs;
use parking_lot::Mutex;
use std::collections::BTreeMap;

#[derive(Debug, Default)]
struct Tables {
    revision: u64,
    /// `None` marks a deletion.
    documents: BTreeMap<(&'static str, String), (u64, Option<Document>)>,
}

/// Keeps everything in memory, under the contract of [`SmallState`] but for durability.
#[derive(Debug, Default)]
pub struct MemoryState {
    tables: Mutex<Tables>,
}

impl Tables {
    fn live(&self, table: &'static str, key: &str) -> Option<&Document> {
        self.documents.get(&(table, key.to_owned())).and_then(|(_, document)| document.as_ref())
    }

    fn holds(&self, write: &Write) -> bool {
        let version = self.live(write.table, &write.key).map(|document| document.version);
        match write.condition {
            Condition::Any => true,
            Condition::Absent => version.is_none(),
            Condition::Version(expected) => version == Some(expected),
        }
    }
}

#[async_trait]
impl SmallState for MemoryState {
    async fn get(&self, table: &'static str, key: &str) -> Result<Option<Document>, StateError> {
        Ok(self.tables.lock().live(table, key).cloned())
    }

    async fn list(&self, table: &'static str) -> Result<Vec<Document>, StateError> {
        let tables = self.tables.lock();
        let of_table = tables.documents.iter().filter(|((name, _), _)| *name == table);
        Ok(of_table.filter_map(|(_, (_, document))| document.clone()).collect())
    }

    async fn changes(&self, table: &'static str, since: Revision) -> Result<Changes, StateError> {
        let tables = self.tables.lock();
        let mut changes =
            Changes { written: Vec::new(), deleted: Vec::new(), revision: Revision(tables.revision), complete: true };
        for ((name, key), (version, document)) in &tables.documents {
            if *name != table || *version <= since.0 {
                continue;
            }
            match document {
                Some(document) => changes.written.push(document.clone()),
                None => changes.deleted.push(key.clone()),
            }
        }
        Ok(changes)
    }

    async fn write(&self, writes: Vec<Write>) -> Result<Option<Revision>, StateError> {
        check(&writes)?;
        let mut tables = self.tables.lock();
        if !writes.iter().all(|write| tables.holds(write)) {
            return Ok(None);
        }
        tables.revision += 1;
        let revision = tables.revision;
        for write in writes {
            let Write { table, key, value, expires_at, .. } = write;
            if value.is_none() && tables.live(table, &key).is_none() {
                continue;
            }
            let version = Revision(revision);
            let document = value.map(|value| Document { key: key.clone(), version, value, expires_at });
            tables.documents.insert((table, key), (revision, document));
        }
        Ok(Some(Revision(revision)))
    }

    async fn purge(&self, now: TimestampNs) -> Result<u64, StateError> {
        let mut tables = self.tables.lock();
        let before = tables.documents.len();
        tables.documents.retain(|_, (_, document)| {
            document.as_ref().is_none_or(|document| document.expires_at.is_none_or(|at| at >= now))
        });
        Ok((before - tables.documents.len()) as u64)
    }
}
