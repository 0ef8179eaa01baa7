//! The queue against a model: a list of records and a count of acknowledged ones.

use super::*;
use proptest::prelude::*;
use std::fs::OpenOptions;
use std::path::Path;

fn config(segment_bytes_max: u64) -> QueueConfig {
    QueueConfig { segment_bytes_max, bytes_max: 10_000, ..QueueConfig::default() }
}

async fn open(directory: &Path, segment_bytes_max: u64) -> Queue {
    Queue::open(directory.to_owned(), config(segment_bytes_max), &Registry::default()).await.unwrap()
}

fn run<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
}

/// Everything that is still to be delivered.
async fn rest(queue: &Queue) -> Vec<(u8, Bytes)> {
    let mut records = Vec::new();
    while queue.inner.state.lock().readable().is_some() {
        let delivery = queue.next().await.unwrap();
        records.push((delivery.kind, delivery.payload));
    }
    records
}

#[test]
fn records_come_in_order_and_acknowledged_ones_do_not_come_again() {
    let directory = tempfile::tempdir().unwrap();
    run(async {
        let queue = open(directory.path(), 60).await;
        for index in 0..20_u8 {
            queue.push(index, Bytes::from(vec![index; 10])).await.unwrap();
        }
        for index in 0..7_u8 {
            let delivery = queue.next().await.unwrap();
            assert_eq!((delivery.kind, delivery.payload.len()), (index, 10));
            queue.ack(&delivery).await.unwrap();
        }
        let taken_but_not_acknowledged = queue.next().await.unwrap();
        assert_eq!(taken_but_not_acknowledged.kind, 7);
        assert_eq!(queue.bytes(), 13 * 19);
        drop(queue);
        let queue = open(directory.path(), 60).await;
        assert_eq!(queue.bytes(), 13 * 19);
        let kinds: Vec<u8> = rest(&queue).await.iter().map(|(kind, _)| *kind).collect();
        assert_eq!(kinds, (7..20).collect::<Vec<u8>>());
    });
}

#[test]
fn a_full_queue_sheds_and_names_the_limit() {
    let directory = tempfile::tempdir().unwrap();
    run(async {
        let queue = open(directory.path(), 1_000).await;
        let payload = Bytes::from(vec![0; 991]);
        for _ in 0..10 {
            queue.push(0, payload.clone()).await.unwrap();
        }
        let error = queue.push(0, payload.clone()).await.unwrap_err();
        assert!(matches!(&error, SinkError::Overloaded { limit, .. } if limit.contains("queue.bytes_max")), "{error}");
        let delivery = queue.next().await.unwrap();
        queue.ack(&delivery).await.unwrap();
        queue.push(0, payload).await.unwrap();
        let error = queue.push(0, Bytes::from(vec![0; 20_000])).await.unwrap_err();
        assert!(matches!(error, SinkError::Refused(_)), "{error}");
    });
}

#[test]
fn pushes_at_the_same_time_share_their_commits() {
    let directory = tempfile::tempdir().unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).build().unwrap();
    runtime.block_on(async {
        let queue = open(directory.path(), 1 << 20).await;
        let pushes = (0..200_u8).map(|index| {
            let queue = queue.clone();
            async move { queue.push(index, Bytes::from_static(b"x")).await.unwrap() }
        });
        let mut set = tokio::task::JoinSet::new();
        pushes.for_each(|push| drop(set.spawn(push)));
        set.join_all().await;
        let commits = *queue.inner.committed.borrow();
        assert!(commits <= 200, "{commits}");
        let mut kinds: Vec<u8> = rest(&queue).await.iter().map(|(kind, _)| *kind).collect();
        kinds.sort_unstable();
        assert_eq!(kinds, (0..200).collect::<Vec<u8>>());
    });
}

#[test]
fn a_second_process_is_kept_out() {
    let directory = tempfile::tempdir().unwrap();
    run(async {
        let _queue = open(directory.path(), 100).await;
        let second = Queue::open(directory.path().to_owned(), config(100), &Registry::default()).await;
        assert!(matches!(second, Err(QueueError::Locked(_))));
    });
}

#[test]
fn a_consumer_waits_for_the_next_push() {
    let directory = tempfile::tempdir().unwrap();
    run(async {
        let queue = open(directory.path(), 100).await;
        let (delivery, pushed) = tokio::join!(queue.next(), queue.push(3, Bytes::from_static(b"late")));
        pushed.unwrap();
        assert_eq!(delivery.unwrap().payload, "late");
    });
}

/// Where each record ends: its segment and the offset behind it.
fn end_of(queue: &Queue) -> (u64, u64) {
    let state = queue.inner.state.lock();
    state.segments.back().map_or((0, 0), |extent| (extent.number, extent.length))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Rounds of pushes and acknowledgements, each ended by a kill that leaves the newest segment with any length.
    #[test]
    fn whatever_was_whole_on_disk_survives_a_kill_at_any_byte(
        rounds in proptest::collection::vec((proptest::collection::vec(0..40_usize, 1..12), 0..8_usize, 0.0..1.0_f64), 1..5),
    ) {
        let directory = tempfile::tempdir().unwrap();
        run(async {
            let mut expected: Vec<(u8, usize)> = Vec::new();
            let mut kind = 0_u8;
            for (pushes, acknowledgements, cut) in rounds {
                let queue = open(directory.path(), 64).await;
                let mut ends = vec![(0, 0); expected.len()];
                for length in pushes {
                    kind = kind.wrapping_add(1);
                    queue.push(kind, Bytes::from(vec![kind; length])).await.unwrap();
                    expected.push((kind, length));
                    ends.push(end_of(&queue));
                }
                for _ in 0..acknowledgements.min(expected.len()) {
                    let delivery = queue.next().await.unwrap();
                    let (kind, length) = expected.remove(0);
                    ends.remove(0);
                    assert_eq!((delivery.kind, delivery.payload.len()), (kind, length));
                    queue.ack(&delivery).await.unwrap();
                }
                let (newest, length) = end_of(&queue);
                drop(queue);
                let kept = (length as f64 * cut) as u64;
                OpenOptions::new().write(true).open(segment::path(directory.path(), newest)).unwrap().set_len(kept).unwrap();
                let whole: Vec<bool> = ends.iter().map(|(segment, end)| *segment != newest || *end <= kept).collect();
                let mut whole = whole.into_iter();
                expected.retain(|_| whole.next().unwrap());
            }
            let queue = open(directory.path(), 64).await;
            let found: Vec<(u8, usize)> = rest(&queue).await.iter().map(|(kind, payload)| (*kind, payload.len())).collect();
            assert_eq!(found, expected);
        });
    }
}
