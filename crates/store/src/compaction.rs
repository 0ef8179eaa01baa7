//! Compaction: many small files become few large ones, behind, within limits.
//!
//! Size-tiered by day and level: as soon as a day has `files_per_merge_min` files of one level, the oldest of them are
//! merged into one of the next level. A row is thus rewritten at most `level_max` times. What is left of a day that is
//! over is merged once more, whatever its number. Files larger than `bytes_per_file_max` are left alone.
//!
//! The merge itself is the signal's ([`Compactor::merge`]); the swap is one commit, so that readers see either the old
//! files or the new ones. A damaged input is set aside, and the others are merged in the next round.

use crate::catalog::{Catalog, Change, FileEntry, Snapshot};
use crate::error::StoreError;
use crate::signal::Signal;
use async_trait::async_trait;
use std::collections::BTreeMap;
use std::sync::Arc;

/// When files are merged, and how many.
#[derive(Clone, Debug)]
pub struct CompactionSettings {
    /// As many files of one day and level start a merge.
    pub files_per_merge_min: usize,
    /// At most as many are merged at once.
    pub files_per_merge_max: usize,
    /// At most as many bytes are merged at once, and a file of half that size is left alone.
    pub bytes_per_file_max: u64,
    /// Files of this level are not merged any further.
    pub level_max: u8,
    /// How many days after its end a day's remaining files are merged.
    pub settled_after_days: i64,
    /// Merges of one round; the next round goes on.
    pub merges_per_round_max: usize,
}

impl Default for CompactionSettings {
    fn default() -> Self {
        Self {
            files_per_merge_min: 10,
            files_per_merge_max: 64,
            bytes_per_file_max: 512 << 20,
            level_max: 3,
            settled_after_days: 1,
            merges_per_round_max: 16,
        }
    }
}

/// A signal's way to merge its files. Called by one task at a time.
#[async_trait]
pub trait Compactor: Send + Sync + 'static {
    /// Whose files these are.
    fn signal(&self) -> Signal;

    /// Reads `inputs` (all of one day, oldest first), writes their rows to new durable files and describes them with
    /// `level`. May be cancelled at any await: files written so far are then removed as orphans.
    ///
    /// A damaged input is reported as [`StoreError::Damaged`] with the input's path.
    async fn merge(&self, inputs: &[Arc<FileEntry>], level: u8) -> Result<Vec<FileEntry>, StoreError>;

    /// Whether the merged files must hold exactly as many rows as the inputs; a merge that does not is refused.
    fn keeps_rows(&self) -> bool {
        true
    }

    /// What to merge now; by default [`plan`].
    fn plan(&self, snapshot: &Snapshot, today: i64, settings: &CompactionSettings) -> Vec<Merge> {
        plan(snapshot, self.signal(), today, settings)
    }
}

/// One planned merge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Merge {
    /// The files, oldest first.
    pub inputs: Vec<Arc<FileEntry>>,
    /// The level of what they become.
    pub level: u8,
}

/// The size-tiered plan for one signal, oldest day first.
pub fn plan(snapshot: &Snapshot, signal: Signal, today: i64, settings: &CompactionSettings) -> Vec<Merge> {
    let mut merges = Vec::new();
    for (day, files) in snapshot.days(signal) {
        let mut levels: BTreeMap<u8, Vec<Arc<FileEntry>>> = BTreeMap::new();
        let may_grow =
            |entry: &&Arc<FileEntry>| entry.level < settings.level_max && entry.bytes < settings.bytes_per_file_max / 2;
        for entry in files.files().filter(may_grow) {
            levels.entry(entry.level).or_default().push(Arc::clone(entry));
        }
        let is_settled = day < today.saturating_sub(settings.settled_after_days);
        let in_tiers = levels.iter().filter(|(_, entries)| entries.len() >= settings.files_per_merge_min);
        let before = merges.len();
        merges.extend(
            in_tiers.map(|(level, entries)| Merge { inputs: oldest(entries.clone(), settings), level: level + 1 }),
        );
        let rest: Vec<_> = levels.into_values().flatten().collect();
        if is_settled && merges.len() == before && rest.len() > 1 {
            let level = rest.iter().map(|entry| entry.level).max().unwrap_or(0) + 1;
            merges.push(Merge { inputs: oldest(rest, settings), level: level.min(settings.level_max) });
        }
    }
    merges.retain(|merge| merge.inputs.len() > 1);
    merges.truncate(settings.merges_per_round_max);
    merges
}

fn oldest(mut entries: Vec<Arc<FileEntry>>, settings: &CompactionSettings) -> Vec<Arc<FileEntry>> {
    entries.sort_by(|a, b| (a.time_min, &a.path).cmp(&(b.time_min, &b.path)));
    let mut bytes = 0;
    let fits = |entry: &Arc<FileEntry>| {
        bytes += entry.bytes;
        bytes <= settings.bytes_per_file_max
    };
    entries.into_iter().take(settings.files_per_merge_max).take_while(fits).collect()
}

/// Runs the merges that are due now; returns how many there were. Call it again while it returns more than nothing.
pub async fn compact_round(
    catalog: &Catalog,
    compactor: &dyn Compactor,
    today: i64,
    settings: &CompactionSettings,
) -> Result<usize, StoreError> {
    let merges = compactor.plan(&catalog.snapshot(), today, settings);
    let mut done = 0;
    for merge in merges {
        let added = match compactor.merge(&merge.inputs, merge.level).await {
            Ok(added) => added,
            Err(StoreError::Damaged { path, reason }) => {
                set_aside(catalog, &merge, path, reason).await?;
                continue;
            }
            Err(error) => return Err(error),
        };
        check_rows(compactor, &merge, &added)?;
        let remove = merge.inputs.iter().map(|entry| entry.key()).collect();
        match catalog.commit(Change { add: added, remove, ..Change::default() }).await {
            Ok(_) => done += 1,
            // Retention dropped an input meanwhile: what was merged is an orphan now.
            Err(StoreError::Contradiction { reason }) => tracing::debug!(reason, "merge abandoned"),
            Err(error) => return Err(error),
        }
    }
    Ok(done)
}

async fn set_aside(catalog: &Catalog, merge: &Merge, path: String, reason: String) -> Result<(), StoreError> {
    match merge.inputs.iter().find(|entry| entry.path == path || entry.sidecars.contains(&path)) {
        Some(entry) => catalog.set_aside(entry.key(), reason).await.map(drop),
        None => Err(StoreError::Damaged { path, reason }),
    }
}

fn check_rows(compactor: &dyn Compactor, merge: &Merge, added: &[FileEntry]) -> Result<(), StoreError> {
    let before: u64 = merge.inputs.iter().map(|entry| entry.rows).sum();
    let after: u64 = added.iter().map(|entry| entry.rows).sum();
    if compactor.keeps_rows() && before != after {
        let reason = format!("merging {} files of {before} rows gave {after}", merge.inputs.len());
        return Err(StoreError::Contradiction { reason });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::CatalogSettings;
    use crate::disk::simulated::SimulatedDisk;
    use crate::files::Files;
    use crate::retention;
    use crate::{FileKey, StoreDeps};
    use bytes::Bytes;
    use lgtm_model::TimestampNs;

    /// Files of text lines, merged by concatenation; a line `damaged` stands for a broken file.
    struct Lines {
        files: Arc<Files>,
        deps: StoreDeps,
    }

    #[async_trait]
    impl Compactor for Lines {
        fn signal(&self) -> Signal {
            Signal::Logs
        }

        async fn merge(&self, inputs: &[Arc<FileEntry>], level: u8) -> Result<Vec<FileEntry>, StoreError> {
            let mut all = Vec::new();
            for entry in inputs {
                let bytes = self.files.get(&entry.path).await?;
                if bytes.starts_with(b"damaged") {
                    return Err(StoreError::damaged(&entry.path, "no lines"));
                }
                all.extend_from_slice(&bytes);
            }
            Ok(vec![self.put(inputs[0].day, level, all).await])
        }
    }

    impl Lines {
        async fn put(&self, day: i64, level: u8, content: Vec<u8>) -> FileEntry {
            let path = FileEntry::new_path(Signal::Logs, day, level, &self.deps.random, "txt");
            let (rows, bytes) = (content.iter().filter(|byte| **byte == b'\n').count() as u64, content.len() as u64);
            self.files.put(&path, Bytes::from(content)).await.unwrap();
            FileEntry { path, signal: Signal::Logs, day, level, rows, bytes, ..FileEntry::default() }
        }
    }

    async fn setup() -> (Arc<Catalog>, Lines) {
        let deps = StoreDeps::of_this_machine();
        let files = Arc::new(Files::local("/data", SimulatedDisk::shared()).unwrap());
        let settings = CatalogSettings { removed_grace_ms: 0, ..CatalogSettings::default() };
        let catalog = Catalog::open(Arc::clone(&files), settings, &deps).await.unwrap();
        (catalog, Lines { files, deps })
    }

    async fn add(catalog: &Catalog, lines: &Lines, day: i64, content: &str) -> FileKey {
        let entry = lines.put(day, 0, content.as_bytes().to_vec()).await;
        let key = entry.key();
        catalog.commit(Change { add: vec![entry], ..Change::default() }).await.unwrap();
        key
    }

    #[tokio::test]
    async fn rows_stay_the_same_and_inputs_are_deleted() {
        let (catalog, lines) = setup().await;
        let settings = CompactionSettings { files_per_merge_min: 3, ..CompactionSettings::default() };
        let mut inputs = Vec::new();
        for line in ["a\n", "b\n", "c\n"] {
            inputs.push(add(&catalog, &lines, 5, line).await);
        }
        assert_eq!(compact_round(&catalog, &lines, 5, &settings).await.unwrap(), 1);
        let snapshot = catalog.snapshot();
        let files: Vec<_> = snapshot.files(Signal::Logs).collect();
        assert_eq!((files.len(), files[0].rows, files[0].level), (1, 3, 1));
        assert_eq!(catalog.maintain().await.unwrap().files_deleted, 3);
        assert!(!lines.files.exists(&inputs[0].path).await.unwrap());
        assert_eq!(catalog.maintain().await.unwrap().files_deleted, 0);
    }

    #[tokio::test]
    async fn a_settled_day_is_merged_to_its_end() {
        let (catalog, lines) = setup().await;
        add(&catalog, &lines, 5, "a\n").await;
        add(&catalog, &lines, 5, "b\n").await;
        let settings = CompactionSettings::default();
        assert_eq!(compact_round(&catalog, &lines, 6, &settings).await.unwrap(), 0);
        assert_eq!(compact_round(&catalog, &lines, 7, &settings).await.unwrap(), 1);
        assert_eq!(compact_round(&catalog, &lines, 7, &settings).await.unwrap(), 0);
    }

    #[tokio::test]
    async fn a_damaged_file_is_named_and_the_rest_is_merged() {
        let (catalog, lines) = setup().await;
        let settings = CompactionSettings { files_per_merge_min: 2, ..CompactionSettings::default() };
        add(&catalog, &lines, 5, "a\n").await;
        let bad = add(&catalog, &lines, 5, "damaged\n").await;
        add(&catalog, &lines, 5, "b\n").await;
        assert_eq!(compact_round(&catalog, &lines, 5, &settings).await.unwrap(), 0);
        assert_eq!(compact_round(&catalog, &lines, 5, &settings).await.unwrap(), 1);
        let snapshot = catalog.snapshot();
        assert_eq!(snapshot.files(Signal::Logs).map(|entry| entry.rows).sum::<u64>(), 2);
        assert_eq!(snapshot.damaged().map(|damaged| &damaged.entry.path).collect::<Vec<_>>(), [&bad.path]);
        // It goes with its day.
        let keep = [(Signal::Logs, 3)].into();
        assert_eq!(retention::drop_expired(&catalog, 7, &keep).await.unwrap(), 0);
        assert_eq!(retention::drop_expired(&catalog, 8, &keep).await.unwrap(), 2);
        catalog.maintain().await.unwrap();
        assert!(!lines.files.exists(&bad.path).await.unwrap());
        assert_eq!(catalog.snapshot().days(Signal::Logs).count(), 0);
    }

    #[test]
    fn merges_stay_within_bytes() {
        let entry = |index: i64, bytes| FileEntry {
            path: format!("f{index}"),
            signal: Signal::Logs,
            bytes,
            time_min: TimestampNs(index),
            ..FileEntry::default()
        };
        let add = (0..6).map(|index| entry(index, 40)).chain([entry(9, 60)]).collect();
        let snapshot = Snapshot::default().apply(&Change { add, ..Change::default() }, TimestampNs(0)).unwrap();
        let settings =
            CompactionSettings { files_per_merge_min: 2, bytes_per_file_max: 100, ..CompactionSettings::default() };
        let merges = plan(&snapshot, Signal::Logs, 0, &settings);
        let paths: Vec<_> =
            merges.iter().flat_map(|merge| merge.inputs.iter().map(|entry| entry.path.clone())).collect();
        assert_eq!(paths, ["f0", "f1"]);
    }
}
