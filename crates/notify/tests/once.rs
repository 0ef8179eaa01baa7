//! Everything is told, and told once: through kills at every point, and with two notifiers over one state.

mod support;

use async_trait::async_trait;
use lgtm_model::TimestampNs;
use lgtm_notify::NotifyError;
use lgtm_state::{Changes, Document, MemoryState, Revision, SmallState, SqliteState, StateError, Write};
use parking_lot::Mutex;
use std::sync::Arc;
use std::time::Duration;
use support::{SECOND_NS, Scene, T0, ended, report};

const CONFIG: &str = "
route: {receiver: team, group_by: [alertname], group_wait: 10s, group_interval: 1m, repeat_interval: 1h}
receivers: [{name: team}]
";

/// State of a process that can be killed: from the kill on, nothing more is written, and no answer comes.
struct Mortal {
    inner: Arc<dyn SmallState>,
    /// Writes of the notification log that still succeed; afterwards the process is dead.
    log_writes_left: Mutex<Option<usize>>,
    /// Whether the last of them is still written.
    writes_last: bool,
}

impl Mortal {
    fn dying(inner: &Arc<dyn SmallState>, log_writes: usize, writes_last: bool) -> Arc<dyn SmallState> {
        Arc::new(Self { inner: Arc::clone(inner), log_writes_left: Mutex::new(Some(log_writes)), writes_last })
    }

    async fn dead<T>(&self) -> T {
        std::future::pending().await
    }
}

#[async_trait]
impl SmallState for Mortal {
    async fn get(&self, table: &'static str, key: &str) -> Result<Option<Document>, StateError> {
        self.inner.get(table, key).await
    }

    async fn list(&self, table: &'static str) -> Result<Vec<Document>, StateError> {
        self.inner.list(table).await
    }

    async fn changes(&self, table: &'static str, since: Revision) -> Result<Changes, StateError> {
        self.inner.changes(table, since).await
    }

    async fn write(&self, writes: Vec<Write>) -> Result<Option<Revision>, StateError> {
        let of_log = writes.iter().any(|write| write.table == "notification_log");
        let left = {
            let mut left = self.log_writes_left.lock();
            if let Some(left) = left.as_mut().filter(|_| of_log) {
                *left = left.saturating_sub(1);
            }
            left.unwrap_or(1)
        };
        if left == 0 {
            if self.writes_last {
                self.inner.write(writes).await?;
            }
            return self.dead().await;
        }
        self.inner.write(writes).await
    }

    async fn purge(&self, now: TimestampNs) -> Result<u64, StateError> {
        self.inner.purge(now).await
    }
}

/// Kills a notifier at the given write of its log, starts it again, and says when the alert was told.
async fn killed_at(log_write: usize, writes_last: bool) -> Vec<(i64, String)> {
    let disk: Arc<dyn SmallState> = Arc::new(MemoryState::default());
    let scene = Scene::new(Arc::clone(&disk));
    let first = scene.start_on(Mortal::dying(&disk, log_write, writes_last), "a", CONFIG).await;
    first.handle.post(vec![report("Down")]).await.unwrap();
    // The dying one never settles, so that only the clock is turned.
    for _ in 0..120 {
        scene.clock.advance(Duration::from_millis(100));
        for _ in 0..50 {
            tokio::task::yield_now().await;
        }
    }
    first.shutdown.fire();
    let second = scene.start("a", CONFIG).await;
    // Its sender repeats it as long as it lasts.
    for _ in 0..10 {
        second.handle.post(vec![report("Down")]).await.unwrap();
        scene.advance(Duration::from_secs(60), &[&second]).await;
    }
    scene.told()
}

#[tokio::test]
async fn a_kill_at_any_point_loses_nothing() {
    // Before the claim was written, and after it was: the alert is told once, as soon as the next life begins.
    assert_eq!(killed_at(1, false).await, [(12, "+Down".to_owned())]);
    assert_eq!(killed_at(1, true).await, [(12, "+Down".to_owned())]);
    // After it was sent and before that was written: nobody can know, and it is told again.
    assert_eq!(killed_at(2, false).await, [(10, "+Down".to_owned()), (12, "+Down".to_owned())]);
    // After it was written: once, although it went on for ten minutes of an hour's repeat interval.
    assert_eq!(killed_at(2, true).await, [(10, "+Down".to_owned())]);
}

#[tokio::test]
async fn alerts_and_what_was_told_survive_a_kill() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("state.db");
    let scene = Scene::new(Arc::new(SqliteState::open(&path).unwrap()));
    let first = scene.start("a", CONFIG).await;
    first.handle.post(vec![report("One"), report("Two")]).await.unwrap();
    scene.advance(Duration::from_secs(15), &[&first]).await;
    first.handle.post(vec![report("Three")]).await.unwrap();
    first.shutdown.fire();
    first.handle.drain().await;
    drop(first);

    // Three was acknowledged but not told. One ended while nobody listened; its end comes after the start.
    scene.clock.advance(Duration::from_secs(30));
    let second = scene.start_on(Arc::new(SqliteState::open(&path).unwrap()), "a", CONFIG).await;
    assert_eq!(second.handle.alerts(&|_| true).len(), 3);
    scene.advance(Duration::from_secs(1), &[&second]).await;
    let at_46 = TimestampNs(T0.0 + 46 * SECOND_NS);
    second.handle.post(vec![ended("One", T0, at_46), report("Two"), report("Three")]).await.unwrap();
    scene.advance(Duration::from_secs(200), &[&second]).await;
    let told = scene.told();
    let of = |name: &str| told.iter().filter(|(_, alerts)| alerts.ends_with(name)).cloned().collect::<Vec<_>>();
    assert_eq!(of("Three"), [(45, "+Three".to_owned())]);
    assert_eq!(of("Two"), [(10, "+Two".to_owned())]);
    assert_eq!(of("One"), [(10, "+One".to_owned()), (105, "-One".to_owned())]);
}

#[tokio::test]
async fn an_alert_nobody_speaks_of_again_is_over_after_the_resolve_timeout_of_the_new_life() {
    let scene = Scene::new(Arc::new(MemoryState::default()));
    let first = scene.start("a", CONFIG).await;
    first.handle.post(vec![report("Down")]).await.unwrap();
    scene.advance(Duration::from_secs(15), &[&first]).await;
    first.shutdown.fire();
    first.handle.drain().await;
    scene.clock.advance(Duration::from_secs(3600));
    let second = scene.start("a", CONFIG).await;
    scene.advance(Duration::from_secs(290), &[&second]).await;
    // The repeat interval has passed, so that it is told anew, but not that it is over: nobody said so.
    assert_eq!(scene.told(), [(10, "+Down".to_owned()), (3615, "+Down".to_owned())]);
    scene.advance(Duration::from_secs(120), &[&second]).await;
    assert_eq!(scene.told().last().unwrap().1, "-Down");
}

#[tokio::test]
async fn two_notifiers_over_one_file_tell_once() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("state.db");
    let open = || Arc::new(SqliteState::open(&path).unwrap()) as Arc<dyn SmallState>;
    let scene = Scene::new(open());
    let (a, b) = (scene.start("a", CONFIG).await, scene.start_on(open(), "b", CONFIG).await);
    for minute in 0..6 {
        // Rules send to both, as Prometheus does; Late is known to one of them only.
        for node in [&a, &b] {
            node.handle.post(vec![report("Down"), report("Slow")]).await.unwrap();
        }
        if minute == 1 {
            a.handle.post(vec![report("Late")]).await.unwrap();
        }
        scene.advance(Duration::from_secs(60), &[&a, &b]).await;
    }
    let mut told: Vec<String> = scene.told().into_iter().map(|(_, alerts)| alerts).collect();
    told.sort();
    assert_eq!(told, ["+Down", "+Late", "+Slow"]);
    assert_eq!(
        b.handle.alerts(&|labels| labels.get("alertname") == Some("Late")).len(),
        1,
        "b knows it through the file"
    );
}

#[tokio::test]
async fn when_one_dies_half_way_the_other_takes_over_after_the_lease() {
    let disk: Arc<dyn SmallState> = Arc::new(MemoryState::default());
    let scene = Scene::new(Arc::clone(&disk));
    // A claims, and is dead before it sends.
    let a = scene.start_on(Mortal::dying(&disk, 1, true), "a", CONFIG).await;
    a.handle.post(vec![report("Down")]).await.unwrap();
    for _ in 0..110 {
        scene.clock.advance(Duration::from_millis(100));
        for _ in 0..50 {
            tokio::task::yield_now().await;
        }
    }
    a.shutdown.fire();
    let b = scene.start("b", CONFIG).await;
    b.handle.post(vec![report("Down")]).await.unwrap();
    scene.advance(Duration::from_secs(28), &[&b]).await;
    assert_eq!(scene.told(), [], "the lease of the dead one still holds");
    scene.advance(Duration::from_secs(3), &[&b]).await;
    assert_eq!(scene.told(), [(40, "+Down".to_owned())]);
}

#[tokio::test]
async fn a_dead_mans_switch_beats_every_minute() {
    let scene = Scene::new(Arc::new(MemoryState::default()));
    let config = "
route:
  receiver: team
  routes: [{matchers: [alertname=Watchdog], receiver: outside, group_wait: 0s, group_interval: 1m, repeat_interval: 1m}]
receivers: [{name: team}, {name: outside}]
";
    let node = scene.start("a", config).await;
    for _ in 0..5 {
        node.handle.post(vec![report("Watchdog")]).await.unwrap();
        scene.advance(Duration::from_secs(60), &[&node]).await;
    }
    let beats: Vec<i64> = scene.told().into_iter().map(|(at, _)| at).collect();
    assert_eq!(beats, [0, 60, 120, 180, 240]);
}

#[tokio::test]
async fn what_fails_is_tried_again_and_what_is_refused_is_not() {
    let mut scene = Scene::new(Arc::new(MemoryState::default()));
    scene.answer = Arc::new(|notification, at| match notification.alerts[0].alert.labels.get("alertname") {
        Some("Refused") => Err(NotifyError::Permanent("400".to_owned())),
        _ if at < 13 => Err(NotifyError::Temporary("503".to_owned())),
        _ => Ok(()),
    });
    let node = scene.start("a", CONFIG).await;
    node.handle.post(vec![report("Down"), report("Refused")]).await.unwrap();
    for _ in 0..200 {
        scene.clock.advance(Duration::from_millis(100));
        for _ in 0..50 {
            tokio::task::yield_now().await;
        }
    }
    let told = scene.told();
    assert!(matches!(told.as_slice(), [(13..=16, alerts)] if alerts == "+Down"), "{told:?}");
    let failed =
        node.registry.snapshot().into_iter().find(|family| family.name.ends_with("notifications_failed_total"));
    let failed = failed.unwrap().points.into_iter().find(|(_, labels, _)| labels.get("reason") == Some("clientError"));
    assert_eq!(failed.unwrap().2, 1.0);
}
