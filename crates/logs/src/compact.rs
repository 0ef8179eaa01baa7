//! Small files to larger ones, so that a query opens few: files of one day and one level are merged in the order of
//! their age as soon as there are enough of them, up to a bound in bytes; the result is of the next level.

use crate::flush::EncodedDay;
use crate::logs::{Logs, LogsError};
use crate::schema::spec;
use crate::stream::StreamList;
use lgtm_runtime::Shutdown;
use lgtm_store::table::merge;
use lgtm_store::{Change, FileEntry, Signal, Snapshot};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

/// Levels that are merged further; files of the last level stay.
const LEVEL_MAX: u8 = 3;
/// How often to look for something to merge.
const LOOK_EVERY: Duration = Duration::from_secs(60);

/// Merges until the component stops.
pub(crate) async fn run(logs: Arc<Logs>, shutdown: Shutdown) {
    let clock = Arc::clone(&logs.deps.store.clock);
    loop {
        tokio::select! {
            () = shutdown.requested() => return,
            () = clock.sleep(LOOK_EVERY) => {}
        }
        loop {
            match logs.merge_once().await {
                Ok(true) if !shutdown.is_requested() => {}
                Ok(_) => break,
                Err(error) => {
                    logs.instruments.flush_failures.increment();
                    tracing::error!(%error, "cannot merge files of logs; they are tried again later");
                    break;
                }
            }
        }
    }
}

impl Logs {
    /// Merges one set of files, if there is one that is worth it. Returns whether there was.
    ///
    /// # Errors
    /// Storage failed; the files are as they were.
    pub async fn merge_once(&self) -> Result<bool, LogsError> {
        let snapshot = self.deps.catalog.snapshot();
        self.lists.retain(&snapshot.files(Signal::Logs).map(|file| file.path.as_str()).collect());
        let (files_min, bytes_max) = (self.settings.merge_files.max(2), self.settings.merge_bytes_max);
        let Some(inputs) = choose(&snapshot, files_min, bytes_max) else { return Ok(false) };
        let (day, level) = (inputs[0].day, inputs[0].level + 1);
        let mut streams = StreamList::default();
        for input in &inputs {
            streams.merge(&*self.lists.get(&self.deps.engine, &input.path).await?);
        }
        let paths: Vec<String> = inputs.iter().map(|input| input.path.clone()).collect();
        let encoded = merge(&spec(), self.deps.catalog.files(), &paths, streams.encode()).await?;
        let entry = self.put(EncodedDay { encoded, streams }, day, level).await?;
        let mut change = Change::default();
        change.add.push(entry);
        change.remove.extend(inputs.iter().map(|input| input.key()));
        self.deps.catalog.commit(change).await?;
        paths.iter().for_each(|path| self.lists.forget(path));
        self.instruments.merged_files.add(inputs.len() as u64);
        Ok(true)
    }
}

/// The oldest files of a day and level that together are worth a merge.
fn choose(snapshot: &Snapshot, files_min: usize, bytes_max: u64) -> Option<Vec<Arc<FileEntry>>> {
    let mut groups: BTreeMap<(i64, u8), Vec<Arc<FileEntry>>> = BTreeMap::new();
    for file in snapshot.files(Signal::Logs).filter(|file| file.level < LEVEL_MAX && file.bytes < bytes_max) {
        groups.entry((file.day, file.level)).or_default().push(Arc::clone(file));
    }
    groups.into_values().find_map(|mut files| {
        files.sort_by_key(|file| (file.time_min, file.path.clone()));
        let mut bytes = 0;
        let fitting = files.iter().take_while(|file| {
            bytes += file.bytes;
            bytes <= bytes_max
        });
        let count = fitting.count();
        // Fewer fit when each is large already: then merging two is as good as merging many.
        let enough = count >= files_min || (count >= 2 && count < files.len());
        enough.then(|| files[..count].to_vec())
    })
}
