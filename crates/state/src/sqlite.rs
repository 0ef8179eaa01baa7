//! The embedded default: one SQLite file.
//!
//! One thread owns the connection, so that nothing blocks the async runtime. It takes all calls that wait (up to a
//! limit), does them in one transaction, and answers after the commit: writers that come at the same time share one
//! sync. The journal mode is WAL with `synchronous=FULL`: what was answered is on the disk. Several processes may open
//! the same file; SQLite's lock orders their transactions, and the revision is counted inside of them.

mod open;
mod table;
mod worker;

use crate::document::{Changes, Document, Revision, Write};
use crate::error::StateError;
use crate::limit::{CALLS_WAITING_MAX, check};
use crate::seam::SmallState;
use async_trait::async_trait;
use lgtm_model::TimestampNs;
use std::path::{Path, PathBuf};
use tokio::sync::{mpsc, oneshot};
use worker::{Answer, Call, Request};

/// State in one SQLite file. Dropping it ends its thread; calls that were answered are on the disk.
#[derive(Debug)]
pub struct SqliteState {
    calls: mpsc::Sender<Call>,
    set_aside: Option<PathBuf>,
}

impl SqliteState {
    /// Opens or creates the file. Blocks for a moment: call it before the program serves.
    ///
    /// A file that is damaged beyond reading is set aside under another name, and an empty one takes its place: a
    /// notifier without its log tells people too much, one that does not start tells them nothing.
    pub fn open(path: &Path) -> Result<Self, StateError> {
        let (connection, set_aside) = open::open(path)?;
        let (calls, waiting) = mpsc::channel(CALLS_WAITING_MAX);
        std::thread::Builder::new()
            .name("lgtm-state".to_owned())
            .spawn(move || worker::run(connection, waiting))
            .map_err(|error| StateError::Storage(format!("its thread cannot be started: {error}")))?;
        Ok(Self { calls, set_aside })
    }

    /// Where a damaged file was moved to when this one was opened.
    pub fn set_aside(&self) -> Option<&Path> {
        self.set_aside.as_deref()
    }

    async fn ask(&self, request: Request) -> Result<Answer, StateError> {
        let (reply, answer) = oneshot::channel();
        self.calls.send(Call { request, reply }).await.map_err(|_gone| StateError::Closed)?;
        answer.await.map_err(|_gone| StateError::Closed)?
    }
}

#[async_trait]
impl SmallState for SqliteState {
    async fn get(&self, table: &'static str, key: &str) -> Result<Option<Document>, StateError> {
        match self.ask(Request::Get { table, key: key.to_owned() }).await? {
            Answer::Documents(mut documents) => Ok(documents.pop()),
            _ => Ok(None),
        }
    }

    async fn list(&self, table: &'static str) -> Result<Vec<Document>, StateError> {
        match self.ask(Request::List { table }).await? {
            Answer::Documents(documents) => Ok(documents),
            _ => Ok(Vec::new()),
        }
    }

    async fn changes(&self, table: &'static str, since: Revision) -> Result<Changes, StateError> {
        match self.ask(Request::Changes { table, since }).await? {
            Answer::Changes(changes) => Ok(changes),
            _ => Err(StateError::Closed),
        }
    }

    async fn write(&self, writes: Vec<Write>) -> Result<Option<Revision>, StateError> {
        check(&writes)?;
        match self.ask(Request::Write(writes)).await? {
            Answer::Written(revision) => Ok(revision),
            _ => Ok(None),
        }
    }

    async fn purge(&self, now: TimestampNs) -> Result<u64, StateError> {
        match self.ask(Request::Purge(now)).await? {
            Answer::Purged(count) => Ok(count),
            _ => Ok(0),
        }
    }
}
