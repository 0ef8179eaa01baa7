//! The thread that owns the connection: takes the calls that wait, does them in one transaction, answers.

use super::table;
use crate::document::{Changes, Document, Revision, Write};
use crate::error::StateError;
use crate::limit::CALLS_PER_COMMIT_MAX;
use lgtm_model::TimestampNs;
use rusqlite::Connection;
use tokio::sync::{mpsc, oneshot};

pub(super) enum Request {
    Get { table: &'static str, key: String },
    List { table: &'static str },
    Changes { table: &'static str, since: Revision },
    Write(Vec<Write>),
    Purge(TimestampNs),
}

impl Request {
    fn changes_something(&self) -> bool {
        matches!(self, Self::Write(_) | Self::Purge(_))
    }
}

pub(super) enum Answer {
    Documents(Vec<Document>),
    Changes(Changes),
    Written(Option<Revision>),
    Purged(u64),
}

type Reply = oneshot::Sender<Result<Answer, StateError>>;

pub(super) struct Call {
    pub request: Request,
    pub reply: Reply,
}

/// Serves until every sender is gone.
pub(super) fn run(connection: Connection, mut waiting: mpsc::Receiver<Call>) {
    while let Some(first) = waiting.blocking_recv() {
        let mut calls = vec![first];
        while calls.len() < CALLS_PER_COMMIT_MAX {
            match waiting.try_recv() {
                Ok(call) => calls.push(call),
                Err(_none_waits) => break,
            }
        }
        serve(&connection, calls);
    }
}

fn serve(connection: &Connection, calls: Vec<Call>) {
    let writes = calls.iter().any(|call| call.request.changes_something());
    // A transaction that will write must say so at once: upgrading a reader could find the file changed under it.
    let begin = if writes { "BEGIN IMMEDIATE" } else { "BEGIN" };
    if let Err(error) = connection.execute_batch(begin) {
        return refuse(calls.into_iter().map(|call| call.reply), error.into());
    }
    let answers: Vec<_> = calls.into_iter().map(|call| (call.reply, answer(connection, call.request))).collect();
    if let Err(error) = connection.execute_batch("COMMIT") {
        let _first_error_counts = connection.execute_batch("ROLLBACK");
        return refuse(answers.into_iter().map(|(reply, _)| reply), error.into());
    }
    for (reply, answer) in answers {
        let _caller_may_be_gone = reply.send(answer);
    }
}

fn refuse(replies: impl Iterator<Item = Reply>, error: StateError) {
    for reply in replies {
        let _caller_may_be_gone = reply.send(Err(error.clone()));
    }
}

fn answer(connection: &Connection, request: Request) -> Result<Answer, StateError> {
    Ok(match request {
        Request::Get { table, key } => Answer::Documents(table::get(connection, table, &key)?.into_iter().collect()),
        Request::List { table } => Answer::Documents(table::list(connection, table)?),
        Request::Changes { table, since } => Answer::Changes(table::changes(connection, table, since)?),
        Request::Write(writes) => Answer::Written(alone(connection, |it| table::write(it, &writes))?),
        Request::Purge(now) => Answer::Purged(alone(connection, |it| table::purge(it, now))?),
    })
}

/// Undoes one call's part when it fails, without touching those that share its transaction.
fn alone<T>(connection: &Connection, work: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> Result<T, StateError> {
    connection.execute_batch("SAVEPOINT one_call")?;
    match work(connection) {
        Ok(value) => {
            connection.execute_batch("RELEASE one_call")?;
            Ok(value)
        }
        Err(error) => {
            connection.execute_batch("ROLLBACK TO one_call; RELEASE one_call")?;
            Err(error.into())
        }
    }
}
