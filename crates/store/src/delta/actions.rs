//! What has to be added to and removed from a published table.

use crate::catalog::FileEntry;
use crate::signal::{Signal, day_name};
use deltalake_core::kernel::{Action, Add, Remove};
use deltalake_core::{DeltaTable, DeltaTableError};
use lgtm_model::TimestampNs;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

/// The files that a table lists, by their path below its root.
pub(super) type Listed = BTreeMap<String, Remove>;

/// The column that files are partitioned by.
pub(super) const PARTITION: &str = "date";

/// Actions to commit, and how many files they concern.
pub(super) struct Difference {
    pub actions: Vec<Action>,
    pub added: usize,
    pub removed: usize,
}

/// The files that `table` lists now.
pub(super) fn listed(table: &DeltaTable) -> Result<Listed, DeltaTableError> {
    let files = table.snapshot()?.log_data();
    Ok(files.iter().map(|file| (file.path().into_owned(), file.remove_action(true))).collect())
}

/// A path below the table's root.
pub(super) fn relative(signal: Signal, path: &str) -> &str {
    path.strip_prefix(signal.as_str()).and_then(|rest| rest.strip_prefix('/')).unwrap_or(path)
}

/// From `listed` to `wanted`. Whether rows changed or were only rewritten is not said file by file: `dataChange` is
/// true throughout, which readers of snapshots ignore.
pub(super) fn difference(signal: Signal, listed: &Listed, wanted: &[&Arc<FileEntry>], time: TimestampNs) -> Difference {
    let wanted_paths: HashSet<&str> = wanted.iter().map(|entry| relative(signal, &entry.path)).collect();
    let adds = wanted.iter().filter(|entry| !listed.contains_key(relative(signal, &entry.path)));
    let mut actions: Vec<Action> = adds.map(|entry| Action::Add(add(signal, entry, time))).collect();
    let added = actions.len();
    for (path, remove) in listed {
        if !wanted_paths.contains(path.as_str()) {
            let deletion_timestamp = Some(time.to_ms().0);
            actions.push(Action::Remove(Remove { deletion_timestamp, ..remove.clone() }));
        }
    }
    Difference { removed: actions.len() - added, added, actions }
}

fn add(signal: Signal, entry: &FileEntry, time: TimestampNs) -> Add {
    Add {
        path: relative(signal, &entry.path).to_owned(),
        partition_values: HashMap::from([(PARTITION.to_owned(), Some(day_name(entry.day)))]),
        size: i64::try_from(entry.bytes).unwrap_or(i64::MAX),
        modification_time: time.to_ms().0,
        data_change: true,
        stats: Some(format!("{{\"numRecords\":{}}}", entry.rows)),
        ..Add::default()
    }
}
