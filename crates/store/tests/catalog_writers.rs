//! Two writers on one catalog, a long life, and a writer that slept through it.

use lgtm_store::disk::simulated::SimulatedDisk;
use lgtm_store::{Catalog, CatalogSettings, Change, FileEntry, Files, Position, Signal, StoreDeps, StoreError};
use object_store::memory::InMemory;
use std::sync::Arc;

fn settings() -> CatalogSettings {
    CatalogSettings { commits_per_checkpoint: 100, removed_grace_ms: 0, ..CatalogSettings::default() }
}

async fn open(files: &Arc<Files>) -> Arc<Catalog> {
    Catalog::open(Arc::clone(files), settings(), &StoreDeps::of_this_machine()).await.unwrap()
}

fn entry(name: &str, day: i64) -> FileEntry {
    FileEntry { path: format!("logs/date=x/{name}"), signal: Signal::Logs, day, rows: 1, ..FileEntry::default() }
}

fn add(name: &str, day: i64) -> Change {
    Change { add: vec![entry(name, day)], ..Change::default() }
}

fn places() -> [Arc<Files>; 2] {
    let local = Files::local("/data", SimulatedDisk::shared()).unwrap();
    [Arc::new(local), Arc::new(Files::remote(Arc::new(InMemory::new())))]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_writers_never_clobber_each_other() {
    for files in places() {
        let (first, second) = (open(&files).await, open(&files).await);
        let run = |catalog: Arc<Catalog>, name: &'static str| async move {
            for index in 0..100 {
                catalog.commit(add(&format!("{name}-{index}"), 0)).await.unwrap();
                if index % 30 == 0 {
                    catalog.maintain().await.unwrap();
                }
            }
        };
        futures::join!(run(Arc::clone(&first), "a"), run(Arc::clone(&second), "b"));
        first.refresh().await.unwrap();
        second.refresh().await.unwrap();
        let third = open(&files).await;
        for catalog in [&first, &second, &third] {
            assert_eq!((catalog.snapshot().file_count(Signal::Logs), catalog.snapshot().version()), (200, 200));
        }
        assert_eq!(*first.snapshot(), *third.snapshot());
    }
}

#[tokio::test]
async fn the_slower_of_two_writers_of_one_signal_is_fenced() {
    for files in places() {
        let (first, second) = (open(&files).await, open(&files).await);
        let offset = |position| Change { offsets: vec![(Signal::Logs, Position(position))], ..Change::default() };
        second.commit(offset(5)).await.unwrap();
        let fenced = first.commit(offset(9)).await.unwrap_err();
        assert!(matches!(fenced, StoreError::Fenced { .. }), "{fenced}");
        // Other signals and plain changes go on.
        first.commit(add("a", 0)).await.unwrap();
        second.commit(offset(6)).await.unwrap();
        assert_eq!(open(&files).await.snapshot().offset(Signal::Logs), Position(6));
    }
}

#[tokio::test]
async fn a_writer_that_slept_while_the_chain_was_cut_loses_nothing() {
    for files in places() {
        let (sleeper, busy) = (open(&files).await, open(&files).await);
        for index in 0..350 {
            busy.commit(add(&format!("busy-{index}"), 0)).await.unwrap();
            busy.maintain().await.unwrap();
        }
        assert!(!files.exists("catalog/commits/00000000000000000001").await.unwrap(), "the chain was cut");
        sleeper.commit(add("sleeper", 0)).await.unwrap();
        let reopened = open(&files).await;
        assert_eq!(reopened.snapshot().file_count(Signal::Logs), 351);
        assert_eq!(*reopened.snapshot(), *sleeper.snapshot());
        busy.commit(add("busy-again", 0)).await.unwrap();
        assert_eq!(open(&files).await.snapshot().file_count(Signal::Logs), 352);
    }
}

#[tokio::test]
async fn a_repeated_change_is_committed_once() {
    let [files, _] = places();
    let catalog = open(&files).await;
    let version = catalog.commit(add("a", 0)).await.unwrap().version();
    assert_eq!(catalog.commit(add("a", 0)).await.unwrap().version(), version);
    let wrong =
        catalog.commit(Change { remove: vec![entry("b", 0).key()], add: vec![entry("c", 0)], ..Change::default() });
    assert!(matches!(wrong.await, Err(StoreError::Contradiction { .. })));
}

#[tokio::test]
async fn ten_thousand_commits_leave_few_objects_and_each_costs_the_same() {
    let files = Arc::new(Files::local("/data", SimulatedDisk::shared()).unwrap());
    let catalog = open(&files).await;
    let mut bytes_max = 0;
    for index in 0..10_000_i64 {
        // Three files come, two go: the number alive grows to 10,000.
        let name = |part: &str| format!("{index:05}-{part}");
        let day = index / 500;
        let add = vec![entry(&name("a"), day), entry(&name("b"), day), entry(&name("c"), day)];
        let remove = match index {
            0 => Vec::new(),
            _ => ["a", "b"].map(|part| entry(&format!("{:05}-{part}", index - 1), (index - 1) / 500).key()).to_vec(),
        };
        let offsets = vec![(Signal::Logs, Position(index as u64 + 1))];
        let snapshot = catalog.commit(Change { add, remove, offsets, ..Change::default() }).await.unwrap();
        let path = format!("catalog/commits/{:020}", snapshot.version());
        bytes_max = bytes_max.max(files.length(&path).await.unwrap());
        if index % 50 == 49 {
            catalog.maintain().await.unwrap();
        }
    }
    assert!(bytes_max < 400, "a commit took {bytes_max} bytes");
    let commits = files.list("catalog/commits", None).await.unwrap().len();
    let checkpoints = files.list("catalog/checkpoints", None).await.unwrap().len();
    assert!(commits < 300 && checkpoints <= 2, "{commits} commits and {checkpoints} checkpoints are left");
    let reopened = open(&files).await;
    assert_eq!(*reopened.snapshot(), *catalog.snapshot());
    assert_eq!(reopened.snapshot().file_count(Signal::Logs), 10_002);
}
