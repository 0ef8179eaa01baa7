//! Retention: days that are over the limit are dropped as a whole.

use crate::catalog::{Catalog, Change, Day, FileKey};
use crate::error::StoreError;
use crate::signal::{Signal, day_name};
use std::collections::BTreeMap;

/// How many days each signal is kept, today included; a signal that is not named is kept for good.
pub type RetentionDays = BTreeMap<Signal, u32>;

/// Takes every file of days before the limit off the list, one commit a day; returns how many there were.
///
/// Files set aside as damaged go with their day.
pub async fn drop_expired(catalog: &Catalog, today: i64, keep: &RetentionDays) -> Result<usize, StoreError> {
    let snapshot = catalog.snapshot();
    let mut dropped = 0;
    for (signal, days) in keep {
        let first_kept = today.saturating_sub(i64::from((*days).max(1)) - 1);
        for (day, files) in snapshot.days(*signal).take_while(|(day, _)| *day < first_kept) {
            let remove = keys(files);
            if remove.is_empty() {
                continue;
            }
            tracing::info!(%signal, day = day_name(day), files = remove.len(), "day dropped by retention");
            dropped += remove.len();
            match catalog.commit(Change { remove, ..Change::default() }).await {
                // A merge of the day's files was committed meanwhile; the next round drops what it made.
                Err(StoreError::Contradiction { reason }) => tracing::debug!(reason, "retention tries again later"),
                other => drop(other?),
            }
        }
    }
    Ok(dropped)
}

fn keys(files: &Day) -> Vec<FileKey> {
    let damaged = files.damaged().map(|damaged| damaged.entry.key());
    files.files().map(|entry| entry.key()).chain(damaged).collect()
}
