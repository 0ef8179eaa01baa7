//! Publishing as a Delta table: the table lists what the catalog lists, whatever happened in between.
#![cfg(feature = "delta")]

use deltalake_core::DeltaTableBuilder;
use deltalake_core::arrow::datatypes::{DataType, Field, Schema};
use lgtm_model::TimestampNs;
use lgtm_runtime::metrics::Registry;
use lgtm_runtime::{ManualClock, Random};
use lgtm_store::delta::{DeltaPublisher, DeltaSettings, Published};
use lgtm_store::disk::MachineDisk;
use lgtm_store::{Catalog, CatalogSettings, Change, FileEntry, FileKey, Files, Signal, StoreDeps};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

struct Store {
    clock: Arc<ManualClock>,
    catalog: Arc<Catalog>,
    deps: StoreDeps,
}

impl Store {
    async fn open(folder: &Path) -> Self {
        let clock = ManualClock::starting_at(TimestampNs(0));
        let deps = StoreDeps { clock: clock.clone(), random: Random::from_seed(1), registry: Registry::default() };
        let files = Arc::new(Files::local(folder, MachineDisk::shared()).unwrap());
        let settings = CatalogSettings { removed_grace_ms: 0, ..CatalogSettings::default() };
        let catalog = Catalog::open(files, settings, &deps).await.unwrap();
        Self { clock, catalog, deps }
    }

    fn publisher(&self, columns: &[&str]) -> DeltaPublisher {
        let fields: Vec<_> = columns.iter().map(|name| Field::new(*name, DataType::Utf8, true)).collect();
        let schema = Arc::new(Schema::new(fields));
        DeltaPublisher::new(self.catalog.clone(), Signal::Logs, schema, DeltaSettings::default(), &self.deps)
    }

    async fn add(&self, level: u8) -> FileKey {
        let path = FileEntry::new_path(Signal::Logs, 20_781, level, &self.deps.random, "parquet");
        self.catalog.files().put(&path, "rows".into()).await.unwrap();
        let entry =
            FileEntry { path, signal: Signal::Logs, day: 20_781, level, rows: 3, bytes: 4, ..FileEntry::default() };
        let key = entry.key();
        self.catalog.commit(Change { add: vec![entry], ..Change::default() }).await.unwrap();
        key
    }

    async fn remove(&self, key: FileKey) {
        self.clock.advance(Duration::from_secs(1));
        self.catalog.commit(Change { remove: vec![key], ..Change::default() }).await.unwrap();
    }
}

/// The files that a reader of the table sees, and their rows by the table's statistics.
async fn listed(folder: &Path) -> (Vec<String>, usize) {
    let location = url::Url::from_directory_path(folder.join("logs")).unwrap();
    let table = DeltaTableBuilder::from_url(location).unwrap().load().await.unwrap();
    let files = table.snapshot().unwrap().log_data();
    let mut paths: Vec<String> = files.iter().map(|file| format!("logs/{}", file.path())).collect();
    paths.sort();
    (paths, files.iter().filter_map(|file| file.num_records()).sum())
}

fn counts(published: Published) -> (usize, usize) {
    (published.added, published.removed)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_table_follows_the_catalog() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).await;
    let publisher = store.publisher(&["body"]);
    let (first, second) = (store.add(1).await, store.add(1).await);
    let fresh = store.add(0).await;
    assert_eq!(counts(publisher.publish_compacted().await.unwrap()), (2, 0));
    assert_eq!(counts(publisher.publish_compacted().await.unwrap()), (0, 0));
    let mut expected = [first.path.clone(), second.path.clone()];
    expected.sort();
    assert_eq!(listed(folder.path()).await, (expected.to_vec(), 6));

    // Fresh files on demand; once listed, they stay until they are merged.
    assert_eq!(counts(publisher.publish_all().await.unwrap()), (1, 0));
    assert_eq!(counts(publisher.publish_compacted().await.unwrap()), (0, 0));
    store.remove(fresh).await;
    store.remove(first).await;
    assert_eq!(counts(publisher.publish_compacted().await.unwrap()), (0, 2));
    assert_eq!(listed(folder.path()).await, (vec![second.path], 3));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_published_file_stays_until_readers_had_time_to_move_on() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).await;
    let publisher = store.publisher(&["body"]);
    let key = store.add(1).await;
    publisher.publish_compacted().await.unwrap();
    store.remove(key.clone()).await;
    for publications_since in 0..3 {
        let deleted = store.catalog.maintain().await.unwrap().files_deleted;
        assert_eq!(deleted, u64::from(publications_since == 2), "after {publications_since} publications");
        store.clock.advance(Duration::from_secs(60));
        publisher.publish_compacted().await.unwrap();
    }
    assert!(!store.catalog.files().exists(&key.path).await.unwrap());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lost_log_and_new_columns_are_no_trouble() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).await;
    let key = store.add(1).await;
    store.publisher(&["body"]).publish_compacted().await.unwrap();
    let wider = store.publisher(&["body", "service"]);
    assert_eq!(counts(wider.publish_compacted().await.unwrap()), (0, 0));
    assert_eq!(listed(folder.path()).await.0, std::slice::from_ref(&key.path));
    assert_eq!(counts(wider.rebuild().await.unwrap()), (1, 0));
    assert_eq!(listed(folder.path()).await.0, [key.path]);
}
