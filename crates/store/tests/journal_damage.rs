//! The journal against a model: random payloads in random groups, then random damage to its segments.

use lgtm_runtime::Random;
use lgtm_store::disk::simulated::SimulatedDisk;
use lgtm_store::disk::{Disk, SharedDisk};
use lgtm_store::{
    Catalog, CatalogSettings, Files, Journal, JournalPlace, JournalSettings, RecoveryReport, Signal, StoreDeps,
};
use proptest::prelude::*;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

const DIR: &str = "/wal/spans";

#[derive(Default)]
struct Payloads(Mutex<Vec<Vec<u8>>>);

async fn open(disk: &SimulatedDisk) -> (Journal<Payloads>, RecoveryReport) {
    let shared: SharedDisk = Arc::new(disk.clone());
    let deps = StoreDeps { random: Random::from_seed(1), ..StoreDeps::of_this_machine() };
    let files = Arc::new(Files::local("/data", Arc::clone(&shared)).unwrap());
    let catalog = Catalog::open(files, CatalogSettings::default(), &deps).await.unwrap();
    let place = JournalPlace { signal: Signal::Spans, dir: Path::new(DIR), disk: shared, catalog };
    let settings = JournalSettings { segment_bytes_max: 256, record_bytes_max: 300, ..JournalSettings::default() };
    Journal::open(place, settings, &deps, Payloads::default(), |table, _, payload| {
        table.0.lock().unwrap().push(payload.to_vec());
        Ok(())
    })
    .unwrap()
}

async fn write_all(disk: &SimulatedDisk, payloads: &[Vec<u8>]) {
    let (journal, _) = open(disk).await;
    for payload in payloads {
        journal.write(payload.clone(), |table, _| table.0.lock().unwrap().push(payload.clone())).await.unwrap();
    }
}

fn segments(disk: &SimulatedDisk) -> Vec<PathBuf> {
    let listed = disk.list(Path::new(DIR)).unwrap().into_iter().map(|(path, _)| path);
    listed.filter(|path| path.extension().is_some_and(|extension| extension == "wal")).collect()
}

fn contents(journal: &Journal<Payloads>) -> Vec<Vec<u8>> {
    journal.active().0.lock().unwrap().clone()
}

fn run<R>(future: impl Future<Output = R>) -> R {
    tokio::runtime::Builder::new_multi_thread().worker_threads(1).build().unwrap().block_on(future)
}

/// Whether `part` is `whole` with some items left out.
fn is_subsequence(part: &[Vec<u8>], whole: &[Vec<u8>]) -> bool {
    let mut rest = whole.iter();
    part.iter().all(|item| rest.any(|other| other == item))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn what_was_written_is_read_back(payloads in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..120), 0..30)) {
        let disk = SimulatedDisk::default();
        run(write_all(&disk, &payloads));
        let (journal, report) = run(open(&disk));
        prop_assert_eq!(contents(&journal), payloads.clone());
        prop_assert_eq!(report.replayed_records, payloads.len() as u64);
        prop_assert!(report.damaged_segments.is_empty() && report.cut_bytes == 0);
    }

    #[test]
    fn a_cut_tail_costs_only_what_was_cut(
        payloads in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..120), 1..30),
        cut in 0.0..1.0,
    ) {
        let disk = SimulatedDisk::default();
        run(write_all(&disk, &payloads));
        let last = segments(&disk).pop().unwrap();
        let length = disk.length(&last).unwrap() as f64;
        disk.shorten(&last, (length * cut) as usize);
        let (journal, report) = run(open(&disk));
        let found = contents(&journal);
        prop_assert!(payloads.starts_with(&found));
        prop_assert_eq!(report.lost_records, 0);
        prop_assert!(report.damaged_segments.is_empty());
        // What is written now is found behind what was left.
        drop(journal);
        let more = vec![b"more".to_vec()];
        run(write_all(&disk, &more));
        let (journal, report) = run(open(&disk));
        prop_assert_eq!(contents(&journal), [found, more].concat());
        prop_assert_eq!(report.cut_bytes, 0);
    }

    #[test]
    fn a_flipped_bit_costs_one_segment_at_most_and_is_named(
        payloads in prop::collection::vec(prop::collection::vec(any::<u8>(), 20..120), 20..40),
        which in 0.0..1.0,
        place in 0.0..1.0,
    ) {
        let disk = SimulatedDisk::default();
        run(write_all(&disk, &payloads));
        let all = segments(&disk);
        let index = (all.len() as f64 * which) as usize;
        let offset = (disk.length(&all[index]).unwrap() as f64 * place) as usize;
        disk.damage(&all[index], offset);
        let (journal, report) = run(open(&disk));
        let found = contents(&journal);
        prop_assert!(is_subsequence(&found, &payloads));
        prop_assert!(found.len() < payloads.len());
        let missing = (payloads.len() - found.len()) as u64;
        if index + 1 < all.len() {
            prop_assert_eq!(report.lost_records, missing);
            prop_assert_eq!(report.damaged_segments.len(), 1);
        } else {
            prop_assert!(report.lost_records + report.cut_bytes > 0);
        }
        prop_assert!(missing <= 12, "{} of {} lost", missing, payloads.len());
    }
}
