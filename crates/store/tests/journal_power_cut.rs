//! Cuts the power at every write, sync, rename, link and removal of a small history of writes, rotations and flushes,
//! and looks at what is found afterwards: every acknowledged row once, none twice, and the store goes on working.

use bytes::Bytes;
use lgtm_model::TimestampNs;
use lgtm_runtime::metrics::Registry;
use lgtm_runtime::{ManualClock, Random};
use lgtm_store::disk::SharedDisk;
use lgtm_store::disk::simulated::SimulatedDisk;
use lgtm_store::{
    Catalog, CatalogSettings, Change, FileEntry, Files, Journal, JournalPlace, JournalSettings, Signal, StoreDeps,
    StoreError,
};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex};

#[derive(Default)]
struct Rows(Mutex<Vec<u32>>);

struct Store {
    journal: Journal<Rows>,
    catalog: Arc<Catalog>,
    files: Arc<Files>,
    deps: StoreDeps,
}

async fn open(disk: &SimulatedDisk) -> Result<Store, StoreError> {
    let shared: SharedDisk = Arc::new(disk.clone());
    let deps = StoreDeps {
        clock: ManualClock::starting_at(TimestampNs(0)),
        random: Random::from_entropy(),
        registry: Registry::default(),
    };
    let files = Arc::new(Files::local("/data", Arc::clone(&shared))?);
    let settings = CatalogSettings { commits_per_checkpoint: 2, removed_grace_ms: 0, orphan_grace_ms: 0 };
    let catalog = Catalog::open(Arc::clone(&files), settings, &deps).await?;
    let place =
        JournalPlace { signal: Signal::Logs, dir: Path::new("/wal/logs"), disk: shared, catalog: Arc::clone(&catalog) };
    let (journal, report) =
        Journal::open(place, JournalSettings::default(), &deps, Rows::default(), |rows, _, payload| {
            let row = payload.try_into().map(u32::from_le_bytes).map_err(|_| "not a row".to_owned())?;
            rows.0.lock().unwrap().push(row);
            Ok(())
        })?;
    assert_eq!((report.lost_records, report.undecodable_records), (0, 0), "{report:?}");
    Ok(Store { journal, catalog, files, deps })
}

impl Store {
    async fn write(&self, row: u32) -> Result<(), StoreError> {
        self.journal.write(row.to_le_bytes().to_vec(), |rows, _| rows.0.lock().unwrap().push(row)).await
    }

    async fn flush(&self) -> Result<(), StoreError> {
        self.journal.rotate(Rows::default()).await?;
        while let Some(rotated) = self.journal.oldest_frozen() {
            let rows = rotated.frozen.0.lock().unwrap().clone();
            let entry = self.put(0, &rows).await?;
            self.journal.commit(&rotated, vec![entry]).await?;
        }
        Ok(())
    }

    async fn put(&self, level: u8, rows: &[u32]) -> Result<FileEntry, StoreError> {
        let path = FileEntry::new_path(Signal::Logs, 0, level, &self.deps.random, "rows");
        let bytes: Vec<u8> = rows.iter().flat_map(|row| row.to_le_bytes()).collect();
        self.files.put(&path, Bytes::from(bytes)).await?;
        Ok(FileEntry { path, signal: Signal::Logs, level, rows: rows.len() as u64, ..FileEntry::default() })
    }

    async fn compact(&self) -> Result<(), StoreError> {
        let snapshot = self.catalog.snapshot();
        let inputs: Vec<_> = snapshot.files(Signal::Logs).cloned().collect();
        let mut rows = Vec::new();
        for entry in &inputs {
            rows.extend(read(&self.files, &entry.path).await?);
        }
        let add = vec![self.put(1, &rows).await?];
        let remove = inputs.iter().map(|entry| entry.key()).collect();
        self.catalog.commit(Change { add, remove, ..Change::default() }).await?;
        self.catalog.maintain().await?;
        Ok(())
    }

    /// How often each row is seen by a query.
    async fn seen(&self) -> BTreeMap<u32, usize> {
        let view = self.journal.view();
        let mut seen = BTreeMap::new();
        let mut note = |row: u32| *seen.entry(row).or_default() += 1;
        for generation in view.frozen.iter().chain([&view.active]) {
            generation.0.lock().unwrap().iter().copied().for_each(&mut note);
        }
        for entry in view.snapshot.files(Signal::Logs) {
            read(&self.files, &entry.path).await.unwrap().into_iter().for_each(&mut note);
        }
        seen
    }
}

async fn read(files: &Files, path: &str) -> Result<Vec<u32>, StoreError> {
    let bytes = files.get(path).await?;
    Ok(bytes.chunks_exact(4).map(|row| u32::from_le_bytes(row.try_into().unwrap())).collect())
}

/// The history; rows go into `acknowledged` once they are. Ends at the first error.
async fn history(disk: &SimulatedDisk, acknowledged: &mut Vec<u32>) -> Result<(), StoreError> {
    let store = open(disk).await?;
    for round in 0..4 {
        for row in round * 10..round * 10 + 5 {
            store.write(row).await?;
            acknowledged.push(row);
        }
        if round != 2 {
            store.flush().await?;
        }
        if round == 3 {
            store.compact().await?;
        }
    }
    store.write(99).await?;
    acknowledged.push(99);
    Ok(())
}

#[tokio::test]
async fn nothing_acknowledged_is_lost_or_doubled_wherever_the_power_goes() {
    let disk = SimulatedDisk::default();
    history(&disk, &mut Vec::new()).await.unwrap();
    let operations = disk.operations();
    assert!(operations > 80, "{operations}");
    for operation in 0..operations {
        for seed in 0..4 {
            let disk = SimulatedDisk::default();
            disk.power_off_at(operation);
            let mut acknowledged = Vec::new();
            let _cut = history(&disk, &mut acknowledged).await;
            check(disk.after_power_cut(&Random::from_seed(seed)), &acknowledged, operation).await;
        }
    }
}

async fn check(disk: SimulatedDisk, acknowledged: &[u32], operation: u64) {
    let store = open(&disk).await.unwrap_or_else(|error| panic!("power cut at {operation}: {error}"));
    let seen = store.seen().await;
    for row in acknowledged {
        assert_eq!(seen.get(row), Some(&1), "row {row} after a power cut at {operation}: {seen:?}");
    }
    // A row on its way may have arrived, but only once; nothing else is there.
    assert!(seen.values().all(|count| *count == 1), "power cut at {operation}: {seen:?}");
    assert!(seen.len() <= acknowledged.len() + 1, "power cut at {operation}: {seen:?}");

    store.catalog.remove_orphans().await.unwrap();
    store.write(1_000).await.unwrap();
    store.flush().await.unwrap();
    store.compact().await.unwrap();
    drop(store);
    let seen = open(&disk).await.unwrap().seen().await;
    assert!(acknowledged.iter().chain(&[1_000]).all(|row| seen.get(row) == Some(&1)), "{operation}: {seen:?}");
}

#[tokio::test]
async fn a_full_disk_refuses_and_recovers() {
    let disk = SimulatedDisk::default();
    history(&disk, &mut Vec::new()).await.unwrap();
    for operation in 0..disk.operations() {
        let disk = SimulatedDisk::default();
        disk.fail_at(operation);
        let Ok(store) = open(&disk).await else { continue };
        let mut acknowledged = Vec::new();
        for row in 0..6 {
            if store.write(row).await.is_ok() {
                acknowledged.push(row);
            }
            let _may_fail_once = store.flush().await;
        }
        assert!(acknowledged.len() >= 5);
        let seen = store.seen().await;
        assert!(seen.keys().eq(&acknowledged) && seen.values().all(|count| *count == 1), "{operation}: {seen:?}");
        drop(store);
        let seen = open(&disk).await.unwrap().seen().await;
        assert!(acknowledged.iter().all(|row| seen.get(row) == Some(&1)), "{operation}: {seen:?}");
    }
}
