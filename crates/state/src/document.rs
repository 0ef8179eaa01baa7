//! What is kept: a document, the version it has, and how it is asked to change.

use lgtm_model::TimestampNs;

/// A point in the history of a whole state. Every write that changes something gets a later one than all before it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Revision(pub u64);

/// One document as it is now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    /// Its key within its table.
    pub key: String,
    /// The revision of the write that made it what it is.
    pub version: Revision,
    /// Its bytes.
    pub value: Vec<u8>,
    /// From when on it no longer counts. It may be there longer; readers compare with their own clock.
    pub expires_at: Option<TimestampNs>,
}

/// What happened to a table since some revision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Changes {
    /// Documents written since, each as it is now.
    pub written: Vec<Document>,
    /// Keys of documents deleted since.
    pub deleted: Vec<String>,
    /// The revision to ask from next time.
    pub revision: Revision,
    /// `false` when deletions as old as the asked revision are no longer known: list the table instead.
    pub complete: bool,
}

/// What must be true of a document for a write to happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Condition {
    /// Nothing.
    Any,
    /// It is not there.
    Absent,
    /// It is there with this version.
    Version(Revision),
}

/// One change that is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Write {
    /// The table.
    pub table: &'static str,
    /// The key within it.
    pub key: String,
    /// What must be true before.
    pub condition: Condition,
    /// The new bytes; `None` deletes.
    pub value: Option<Vec<u8>>,
    /// From when on it no longer counts.
    pub expires_at: Option<TimestampNs>,
}

impl Write {
    /// Puts a document whatever was there.
    pub fn put(table: &'static str, key: impl Into<String>, value: Vec<u8>, expires_at: Option<TimestampNs>) -> Self {
        Self { table, key: key.into(), condition: Condition::Any, value: Some(value), expires_at }
    }

    /// Deletes a document; that it is not there is fine.
    pub fn delete(table: &'static str, key: impl Into<String>) -> Self {
        Self { table, key: key.into(), condition: Condition::Any, value: None, expires_at: None }
    }
}
