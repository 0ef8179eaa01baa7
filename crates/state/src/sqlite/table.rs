//! The statements: each function runs inside the transaction of its caller.

use crate::document::{Changes, Condition, Document, Revision, Write};
use crate::limit::DELETIONS_KEPT;
use lgtm_model::TimestampNs;
use rusqlite::{Connection, OptionalExtension, Result, Row, params};

fn document(row: &Row<'_>) -> Result<Document> {
    Ok(Document {
        key: row.get(0)?,
        version: Revision(row.get::<_, i64>(1)?.unsigned_abs()),
        expires_at: row.get::<_, Option<i64>>(2)?.map(TimestampNs),
        value: row.get(3)?,
    })
}

pub(super) fn get(connection: &Connection, table: &str, key: &str) -> Result<Option<Document>> {
    connection
        .prepare_cached(
            "SELECT key, version, expires_at, value FROM documents
             WHERE table_name = ?1 AND key = ?2 AND value IS NOT NULL",
        )?
        .query_row(params![table, key], document)
        .optional()
}

pub(super) fn list(connection: &Connection, table: &str) -> Result<Vec<Document>> {
    connection
        .prepare_cached(
            "SELECT key, version, expires_at, value FROM documents
             WHERE table_name = ?1 AND value IS NOT NULL ORDER BY key",
        )?
        .query_map(params![table], document)?
        .collect()
}

pub(super) fn changes(connection: &Connection, table: &str, since: Revision) -> Result<Changes> {
    let since = i64::try_from(since.0).unwrap_or(i64::MAX);
    let revision = counter(connection, "revision")?;
    let known_since = counter(connection, "deletions_known_since")?;
    let mut changes = Changes {
        written: Vec::new(),
        deleted: Vec::new(),
        revision: Revision(revision.unsigned_abs()),
        complete: since >= known_since,
    };
    if since >= revision {
        return Ok(changes);
    }
    let mut statement = connection.prepare_cached(
        "SELECT key, version, expires_at, value FROM documents WHERE table_name = ?1 AND version > ?2 ORDER BY version",
    )?;
    let mut rows = statement.query(params![table, since])?;
    while let Some(row) = rows.next()? {
        match row.get_ref(3)? {
            rusqlite::types::ValueRef::Null => changes.deleted.push(row.get(0)?),
            _ => changes.written.push(document(row)?),
        }
    }
    Ok(changes)
}

/// Does all writes or, when a condition does not hold, none.
pub(super) fn write(connection: &Connection, writes: &[Write]) -> Result<Option<Revision>> {
    for write in writes.iter().filter(|write| write.condition != Condition::Any) {
        let version = get(connection, write.table, &write.key)?.map(|document| document.version);
        let holds = match write.condition {
            Condition::Any => true,
            Condition::Absent => version.is_none(),
            Condition::Version(expected) => version == Some(expected),
        };
        if !holds {
            return Ok(None);
        }
    }
    connection.prepare_cached("UPDATE counters SET value = value + 1 WHERE name = 'revision'")?.execute([])?;
    let revision = counter(connection, "revision")?;
    let mut put = connection.prepare_cached(
        "INSERT INTO documents (table_name, key, version, expires_at, value) VALUES (?1, ?2, ?3, ?4, ?5)
         ON CONFLICT (table_name, key) DO UPDATE SET version = ?3, expires_at = ?4, value = ?5",
    )?;
    let mut delete = connection.prepare_cached(
        "UPDATE documents SET version = ?3, expires_at = NULL, value = NULL
         WHERE table_name = ?1 AND key = ?2 AND value IS NOT NULL",
    )?;
    for write in writes {
        match &write.value {
            Some(value) => {
                put.execute(params![write.table, write.key, revision, write.expires_at.map(|at| at.0), value])?
            }
            None => delete.execute(params![write.table, write.key, revision])?,
        };
    }
    Ok(Some(Revision(revision.unsigned_abs())))
}

pub(super) fn purge(connection: &Connection, now: TimestampNs) -> Result<u64> {
    let expired = connection.execute("DELETE FROM documents WHERE expires_at < ?1", params![now.0])?;
    // Old deletions are forgotten; whoever is that far behind lists the table anew.
    let kept = i64::try_from(DELETIONS_KEPT).unwrap_or(i64::MAX);
    let floor = counter(connection, "revision")?.saturating_sub(kept);
    if floor > counter(connection, "deletions_known_since")? {
        connection.execute("DELETE FROM documents WHERE value IS NULL AND version <= ?1", params![floor])?;
        connection.execute("UPDATE counters SET value = ?1 WHERE name = 'deletions_known_since'", params![floor])?;
    }
    Ok(expired as u64)
}

fn counter(connection: &Connection, name: &str) -> Result<i64> {
    connection.prepare_cached("SELECT value FROM counters WHERE name = ?1")?.query_row(params![name], |row| row.get(0))
}
