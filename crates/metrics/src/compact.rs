//! Fewer, larger blocks, and an end to old ones.
//!
//! Blocks of one day and level are merged into one of the next level once there are
//! [`MetricsConfig::compact_blocks_min`](crate::MetricsConfig::compact_blocks_min) of them; once a day is over, all of
//! its blocks become one. Only neighbours in the order of their sequence are merged, so that of two samples with one
//! time the newer one still wins afterwards.

use crate::block::{Block, BlockWriter, ChunkCache};
use crate::flush::{self, sequence};
use crate::merge::Column;
use crate::{Metrics, MetricsConfig, MetricsError};
use lgtm_model::Labels;
use lgtm_store::{Change, FileEntry, FileKey, Signal};
use std::collections::BTreeMap;
use std::sync::Arc;

/// How long a day's blocks wait after its end, so that late samples seldom cause another merge.
const DAY_GRACE_MS: i64 = 2 * 3_600_000;

/// Chooses blocks of one day to merge; `None` when it is fine as it is.
pub fn choose(files: &[Arc<FileEntry>], is_over: bool, config: &MetricsConfig) -> Option<Vec<Arc<FileEntry>>> {
    let mut files = files.to_vec();
    files.sort_by_key(|entry| sequence(entry));
    if is_over {
        return longest_fitting(&files, 2, config.compact_bytes_max);
    }
    let levels: std::collections::BTreeSet<u8> = files.iter().map(|entry| entry.level).collect();
    levels.into_iter().find_map(|level| {
        let mut runs = files.chunk_by(|a, b| a.level == b.level).filter(|run| run[0].level == level);
        let enough = config.compact_blocks_min.max(2);
        runs.find_map(|run| longest_fitting(run, enough, config.compact_bytes_max))
    })
}

/// The longest run of neighbours that is not larger than `bytes_max`, if it has at least `count_min` blocks.
fn longest_fitting(files: &[Arc<FileEntry>], count_min: usize, bytes_max: u64) -> Option<Vec<Arc<FileEntry>>> {
    let (mut best, mut start, mut bytes) = (0..0, 0, 0);
    for (end, entry) in files.iter().enumerate() {
        bytes += entry.bytes;
        while bytes > bytes_max && start <= end {
            bytes -= files[start].bytes;
            start += 1;
        }
        if end + 1 - start > best.len() {
            best = start..end + 1;
        }
    }
    (best.len() >= count_min).then(|| files[best].to_vec())
}

/// Merges blocks, the oldest first: of two samples with one time that of the last block stays.
pub fn merge(blocks: &[Arc<Block>]) -> Result<BlockWriter, MetricsError> {
    let mut places: BTreeMap<Labels, Vec<(usize, u32)>> = BTreeMap::new();
    for (index, block) in blocks.iter().enumerate() {
        for id in 0..block.series_count() {
            places.entry(block.labels(id)?).or_default().push((index, id));
        }
    }
    let mut caches: Vec<ChunkCache> = blocks.iter().map(|_| ChunkCache::default()).collect();
    let mut writer = BlockWriter::default();
    for (labels, places) in places {
        let mut column = Column::default();
        for (index, id) in places {
            column.append(&blocks[index].column(id, i64::MIN, i64::MAX, &mut caches[index])?);
        }
        column.normalize();
        writer.add_column(&labels, &column);
    }
    Ok(writer)
}

impl Metrics {
    /// Merges one run of blocks, if there is one worth it; returns whether there was.
    pub async fn compact_once(&self) -> Result<bool, MetricsError> {
        let _alone = self.maintenance.lock().await;
        let snapshot = self.deps.catalog.snapshot();
        let now_ms = self.deps.store.clock.now_ms().0;
        for (day, files) in snapshot.days(Signal::Metrics) {
            let files: Vec<Arc<FileEntry>> = files.files().cloned().collect();
            let is_over = flush::day_of(now_ms.saturating_sub(DAY_GRACE_MS)) > day;
            if let Some(chosen) = choose(&files, is_over, &self.config) {
                return self.compact(day, &chosen).await;
            }
        }
        Ok(false)
    }

    async fn compact(&self, day: i64, chosen: &[Arc<FileEntry>]) -> Result<bool, MetricsError> {
        let mut blocks = Vec::with_capacity(chosen.len());
        for entry in chosen {
            match self.blocks.get(entry).await? {
                Some(block) => blocks.push(block),
                // Set aside just now: the next round chooses without it.
                None => return Ok(true),
            }
        }
        let merged = tokio::task::spawn_blocking(move || Ok::<_, MetricsError>(flush::finish(day, merge(&blocks)?)));
        let merged = merged.await.map_err(|_| MetricsError::Ending)??;
        let level = chosen.iter().map(|entry| entry.level).max().unwrap_or(0).saturating_add(1);
        let newest = chosen.iter().map(|entry| sequence(entry)).max().unwrap_or(0);
        let entry = self.put_block(merged, level, newest).await?;
        let mut change = Change::default();
        change.add.push(entry);
        change.remove.extend(chosen.iter().map(|entry| entry.key()));
        self.deps.catalog.commit(change).await?;
        self.instruments.compactions.increment();
        Ok(true)
    }

    /// Takes the days beyond the retention off the list.
    pub async fn drop_old_days(&self) -> Result<(), MetricsError> {
        if self.config.retention_days == 0 {
            return Ok(());
        }
        let _alone = self.maintenance.lock().await;
        let oldest = flush::day_of(self.deps.store.clock.now_ms().0) - i64::from(self.config.retention_days);
        let snapshot = self.deps.catalog.snapshot();
        let old = snapshot.days(Signal::Metrics).take_while(|(day, _)| *day < oldest);
        let remove: Vec<FileKey> = old.flat_map(|(_, files)| files.files()).map(|entry| entry.key()).collect();
        if !remove.is_empty() {
            let mut change = Change::default();
            change.remove.extend(remove);
            self.deps.catalog.commit(change).await?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;

    fn entry(level: u8, number: u64, bytes: u64) -> Arc<FileEntry> {
        let properties = BTreeMap::from([(flush::SEQUENCE.to_owned(), number.to_string())]);
        Arc::new(FileEntry { path: number.to_string(), level, bytes, properties, ..FileEntry::default() })
    }

    fn chosen(files: &[Arc<FileEntry>], is_over: bool) -> Vec<u64> {
        let config = MetricsConfig { compact_blocks_min: 3, compact_bytes_max: 100, ..MetricsConfig::default() };
        choose(files, is_over, &config).unwrap_or_default().iter().map(|entry| sequence(entry)).collect()
    }

    #[test]
    fn blocks_of_one_level_are_merged_once_there_are_enough() {
        let files = [entry(0, 10, 5), entry(1, 3, 50), entry(0, 9, 5), entry(0, 11, 5)];
        assert_eq!(chosen(&files, false), [9, 10, 11]);
        assert_eq!(chosen(&files[..3], false), [0; 0]);
        assert_eq!(chosen(&files, true), [3, 9, 10, 11]);
        assert_eq!(chosen(&[entry(0, 1, 99), entry(0, 2, 99)], true), [0; 0], "too large to merge");
    }

    #[test]
    fn the_newer_block_wins() {
        let block = |value: f64, times: &[i64]| {
            let mut writer = BlockWriter::default();
            writer.add(&Labels::from_pairs([("a", "b")]), times, &vec![value; times.len()]);
            Arc::new(Block::open("block", Bytes::from(writer.finish())).unwrap())
        };
        let merged = merge(&[block(1.0, &[1, 2, 3]), block(2.0, &[2, 4])]).unwrap();
        let merged = Block::open("merged", Bytes::from(merged.finish())).unwrap();
        let column = merged.column(0, 0, 9, &mut ChunkCache::default()).unwrap();
        assert_eq!(column, Column { times: vec![1, 2, 3, 4], values: vec![1.0, 2.0, 1.0, 2.0] });
    }
}
