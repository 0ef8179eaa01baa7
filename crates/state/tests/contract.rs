//! What every keeper of small state must do, tried on all of them.

use lgtm_model::TimestampNs;
use lgtm_state::{Condition, MemoryState, Revision, SmallState, SqliteState, StateError, VALUE_SIZE_BYTES_MAX, Write};
use std::path::Path;
use std::sync::Arc;

fn sqlite(path: &Path) -> SqliteState {
    SqliteState::open(path).unwrap()
}

async fn contract(state: &dyn SmallState) {
    assert_eq!(state.get("a", "x").await.unwrap(), None);
    let first = state.put("a", "x", b"1".to_vec(), None).await.unwrap();
    let second = state.put("a", "y", b"2".to_vec(), Some(TimestampNs(50))).await.unwrap();
    assert!(second > first);
    assert_eq!(state.get("b", "x").await.unwrap(), None, "tables are apart");

    // Of two who saw the same version one succeeds.
    let third = state.compare_and_put("a", "x", Some(first), b"3".to_vec(), None).await.unwrap().unwrap();
    assert_eq!(state.compare_and_put("a", "x", Some(first), b"4".to_vec(), None).await.unwrap(), None);
    assert_eq!(state.compare_and_put("a", "x", None, b"4".to_vec(), None).await.unwrap(), None);
    assert!(state.compare_and_put("a", "new", None, b"5".to_vec(), None).await.unwrap().is_some());
    assert_eq!(state.get("a", "x").await.unwrap().unwrap().version, third);

    // All or none.
    let broken = Write { condition: Condition::Version(Revision(0)), ..Write::put("a", "y", b"9".to_vec(), None) };
    assert_eq!(state.write(vec![Write::delete("a", "x"), broken]).await.unwrap(), None);
    assert_eq!(state.get("a", "x").await.unwrap().unwrap().value, b"3");

    let changes = state.changes("a", second).await.unwrap();
    let keys: Vec<_> = changes.written.iter().map(|document| document.key.as_str()).collect();
    assert_eq!((keys, changes.complete), (vec!["x", "new"], true), "{:?}", changes.written);
    state.delete("a", "x").await.unwrap();
    state.delete("a", "was never there").await.unwrap();
    let later = state.changes("a", changes.revision).await.unwrap();
    assert_eq!((later.written.len(), later.deleted), (0, vec!["x".to_owned()]));
    assert!(state.changes("a", later.revision).await.unwrap().deleted.is_empty());

    assert_eq!(state.purge(TimestampNs(50)).await.unwrap(), 0);
    assert_eq!(state.purge(TimestampNs(51)).await.unwrap(), 1);
    let keys: Vec<_> = state.list("a").await.unwrap().into_iter().map(|document| document.key).collect();
    assert_eq!(keys, ["new"]);

    let large = state.put("a", "large", vec![0; VALUE_SIZE_BYTES_MAX + 1], None).await;
    assert!(matches!(large, Err(StateError::TooLarge { .. })), "{large:?}");
}

#[tokio::test]
async fn all_keepers_fulfil_the_contract() {
    let directory = tempfile::tempdir().unwrap();
    contract(&sqlite(&directory.path().join("deep/state.db"))).await;
}

#[tokio::test]
async fn memory_fulfils_it_too() {
    // Changes come in the order of keys there, which the contract leaves open.
    let state = MemoryState::default();
    let first = state.put("a", "x", b"1".to_vec(), None).await.unwrap();
    assert_eq!(state.compare_and_put("a", "x", None, b"2".to_vec(), None).await.unwrap(), None);
    assert!(state.compare_and_put("a", "x", Some(first), b"2".to_vec(), None).await.unwrap().is_some());
    state.delete("a", "x").await.unwrap();
    assert_eq!(state.changes("a", first).await.unwrap().deleted, ["x"]);
    state.put("a", "y", Vec::new(), Some(TimestampNs(1))).await.unwrap();
    assert_eq!(state.purge(TimestampNs(2)).await.unwrap(), 1);
    assert!(state.list("a").await.unwrap().is_empty());
}

#[tokio::test]
async fn a_closed_file_is_found_again_with_its_revisions() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("state.db");
    let before = sqlite(&path).put("a", "x", b"1".to_vec(), None).await.unwrap();
    let state = sqlite(&path);
    assert_eq!(state.get("a", "x").await.unwrap().unwrap().version, before);
    assert!(state.put("a", "x", b"2".to_vec(), None).await.unwrap() > before);
}

#[tokio::test]
async fn two_openers_of_one_file_race_for_a_lease_and_one_wins() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("state.db");
    let (one, two) = (Arc::new(sqlite(&path)), Arc::new(sqlite(&path)));
    let mut wins = 0;
    for round in 0..50 {
        let key = format!("round-{round}");
        let (first, second) = tokio::join!(
            one.compare_and_put("leases", &key, None, b"one".to_vec(), None),
            two.compare_and_put("leases", &key, None, b"two".to_vec(), None),
        );
        let won = [first.unwrap(), second.unwrap()].iter().flatten().count();
        assert_eq!(won, 1, "round {round}");
        wins += won;
    }
    assert_eq!(one.list("leases").await.unwrap().len(), wins);
    assert_eq!(one.list("leases").await.unwrap(), two.list("leases").await.unwrap());
}

#[tokio::test]
async fn a_damaged_file_is_set_aside_and_named() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("state.db");
    std::fs::write(&path, b"this is no database, and long enough to be read as one".repeat(100)).unwrap();
    let state = sqlite(&path);
    let aside = state.set_aside().unwrap();
    assert!(aside.to_string_lossy().ends_with("state.db.damaged-1"), "{aside:?}");
    assert!(aside.exists());
    state.put("a", "x", b"1".to_vec(), None).await.unwrap();
}

#[tokio::test]
async fn a_newer_format_is_refused_with_both_numbers() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("state.db");
    rusqlite::Connection::open(&path).unwrap().pragma_update(None, "user_version", 7).unwrap();
    let error = SqliteState::open(&path).unwrap_err().to_string();
    assert!(error.contains("has format 7") && error.contains("up to 1"), "{error}");
}
