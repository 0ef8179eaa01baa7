//! Queries beside writers and flushes: every view shows every row acknowledged before it exactly once.

use lgtm_store::disk::MachineDisk;
use lgtm_store::{
    Catalog, CatalogSettings, FileEntry, Files, Journal, JournalPlace, JournalSettings, Signal, StoreDeps, StoreError,
};
use std::collections::BTreeSet;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

#[derive(Debug, Default)]
struct Rows(Mutex<Vec<u64>>);

async fn open(folder: &std::path::Path, settings: JournalSettings) -> Arc<Journal<Rows>> {
    let deps = StoreDeps::of_this_machine();
    let files = Arc::new(Files::local(folder.join("files"), MachineDisk::shared()).unwrap());
    let catalog = Catalog::open(files, CatalogSettings::default(), &deps).await.unwrap();
    let dir = folder.join("wal");
    let place = JournalPlace { signal: Signal::Logs, dir: &dir, disk: MachineDisk::shared(), catalog };
    Arc::new(Journal::open(place, settings, &deps, Rows::default(), |_, _, _| Ok(())).unwrap().0)
}

async fn flush(journal: &Journal<Rows>) -> Result<(), StoreError> {
    let Some(rotated) = journal.rotate(Rows::default()).await? else { return Ok(()) };
    let rows = rotated.frozen.0.lock().unwrap().clone();
    let path = format!("logs/date=1970-01-01/{}.rows", rotated.upto.0);
    let text: Vec<String> = rows.iter().map(u64::to_string).collect();
    journal.catalog().files().put(&path, text.join(",").into()).await?;
    let entry = FileEntry { path, signal: Signal::Logs, rows: rows.len() as u64, ..FileEntry::default() };
    journal.commit(&rotated, vec![entry]).await.map(drop)
}

async fn seen(journal: &Journal<Rows>) -> Vec<u64> {
    let view = journal.view();
    let generations = view.frozen.iter().chain([&view.active]);
    let mut rows: Vec<u64> = generations.flat_map(|rows| rows.0.lock().unwrap().clone()).collect();
    for entry in view.snapshot.files(Signal::Logs) {
        let text = journal.catalog().files().get(&entry.path).await.unwrap();
        rows.extend(std::str::from_utf8(&text).unwrap().split(',').map(|row| row.parse::<u64>().unwrap()));
    }
    rows
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_view_shows_each_row_once_whatever_is_being_flushed() {
    let folder = tempfile::tempdir().unwrap();
    let journal = open(folder.path(), JournalSettings::default()).await;
    let written = Arc::new(AtomicU64::new(0));
    let writer = async {
        for row in 0..400 {
            journal.write(b"row".to_vec(), |rows, _| rows.0.lock().unwrap().push(row)).await.unwrap();
            written.store(row + 1, Ordering::SeqCst);
        }
    };
    let done = Arc::new(AtomicU64::new(0));
    let flusher = {
        let (journal, done) = (Arc::clone(&journal), Arc::clone(&done));
        tokio::task::spawn_blocking(move || {
            while done.load(Ordering::SeqCst) == 0 {
                tokio::runtime::Handle::current().block_on(flush(&journal)).unwrap();
            }
        })
    };
    let reader = {
        let (journal, done, written) = (Arc::clone(&journal), Arc::clone(&done), Arc::clone(&written));
        tokio::task::spawn_blocking(move || {
            while done.load(Ordering::SeqCst) == 0 {
                let before = written.load(Ordering::SeqCst);
                let rows = tokio::runtime::Handle::current().block_on(seen(&journal));
                let unique: BTreeSet<u64> = rows.iter().copied().collect();
                assert_eq!(rows.len(), unique.len(), "a row is seen twice");
                assert!((0..before).all(|row| unique.contains(&row)), "a row is missing of {before}");
            }
        })
    };
    writer.await;
    done.store(1, Ordering::SeqCst);
    flusher.await.unwrap();
    reader.await.unwrap();
    assert_eq!(seen(&journal).await.len(), 400);
}

#[tokio::test]
async fn limits_refuse_by_name() {
    let folder = tempfile::tempdir().unwrap();
    let settings = JournalSettings { record_bytes_max: 10, frozen_generations_max: 1, ..JournalSettings::default() };
    let journal = open(folder.path(), settings).await;
    let refused = journal.write(vec![0; 11], |_, _| ()).await.unwrap_err();
    assert_eq!(refused.to_string(), "logs: a record of 11 bytes exceeds record_bytes_max = 10");
    assert!(journal.rotate(Rows::default()).await.unwrap().is_none(), "nothing to rotate");
    journal.write(vec![1], |_, _| ()).await.unwrap();
    assert!(journal.rotate(Rows::default()).await.unwrap().is_some());
    journal.write(vec![2], |_, _| ()).await.unwrap();
    let refused = journal.rotate(Rows::default()).await.unwrap_err();
    assert!(matches!(refused, StoreError::Overloaded { limit: "frozen_generations_max", .. }), "{refused}");
}
