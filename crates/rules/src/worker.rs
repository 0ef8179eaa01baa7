//! One group at work: waits for its time, has it evaluated on a thread for computing, and counts.

use crate::alert::ActiveAlert;
use crate::eval::{GroupState, Tools, evaluate};
use crate::handle::Deps;
use crate::link::generator_url;
use crate::metrics::GroupMetrics;
use crate::notify::{Letter, Notifications};
use crate::restore;
use crate::rule::{Group, Rule};
use crate::schedule::Schedule;
use crate::snapshot::GroupSnapshot;
use crate::text::Surroundings;
use lgtm_model::{Labels, TimestampMs};
use lgtm_runtime::Shutdown;
use parking_lot::{Mutex, RwLock};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Semaphore, watch};

/// How a group's work ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stop {
    /// It does not.
    NotYet,
    /// Another one takes over its state.
    Replaced,
    /// It is gone from the config.
    Removed,
}

/// What all groups share.
pub(crate) struct Shared {
    pub deps: Deps,
    pub notifications: Arc<Notifications>,
    pub permits: Arc<Semaphore>,
    pub external_labels: RwLock<Labels>,
    pub shutdown: Shutdown,
}

/// A group's state, and how it looks from outside. The state is locked while it is evaluated; the picture never for
/// long.
pub(crate) struct Cell {
    group: Arc<Group>,
    interval_ms: i64,
    query_offset_ms: i64,
    state: Mutex<GroupState>,
    snapshot: RwLock<Arc<GroupSnapshot>>,
}

impl Cell {
    pub fn new(state: GroupState) -> Self {
        Self {
            group: Arc::clone(&state.group),
            interval_ms: state.interval_ms,
            query_offset_ms: state.query_offset_ms,
            snapshot: RwLock::new(Arc::new(state.snapshot())),
            state: Mutex::new(state),
        }
    }

    /// Whether it is this group, perhaps with other rules.
    pub fn is(&self, group: &Group) -> bool {
        self.group.file == group.file && self.group.name == group.name
    }

    pub fn is_unchanged(&self, group: &Group, interval_ms: i64, query_offset_ms: i64) -> bool {
        *self.group == *group && (self.interval_ms, self.query_offset_ms) == (interval_ms, query_offset_ms)
    }

    pub fn snapshot(&self) -> Arc<GroupSnapshot> {
        Arc::clone(&self.snapshot.read())
    }

    /// The state, once nothing works on it any more.
    pub fn take(&self) -> GroupState {
        self.state.lock().clone()
    }

    /// The series that are alive.
    pub fn series(&self) -> Vec<Labels> {
        self.state.lock().series().cloned().collect()
    }
}

/// A group before it runs.
pub(crate) struct Worker {
    pub shared: Arc<Shared>,
    pub cell: Arc<Cell>,
    pub metrics: GroupMetrics,
    pub stop: watch::Receiver<Stop>,
    /// Whether the alerts' past is looked up once there has been time for data to arrive.
    pub restores: bool,
}

/// After how many evaluations the past is looked up: by then, metrics have been scraped and recorded anew.
const EVALUATIONS_BEFORE_RESTORE: usize = 2;

impl Worker {
    /// Runs until it is told to stop.
    pub async fn run(mut self) {
        let clock = Arc::clone(&self.shared.deps.clock);
        let schedule = Schedule::new(&self.cell.group.key(), self.cell.interval_ms);
        let mut due = schedule.at_or_before(clock.now_ms()).add_ms(schedule.interval_ms);
        let mut evaluations = 0;
        loop {
            let wait = Duration::from_millis((due.0 - clock.now_ms().0).max(0).unsigned_abs());
            let shutdown = self.shared.shutdown.clone();
            tokio::select! {
                biased;
                () = shutdown.requested() => return,
                _ = self.stop.wait_for(|stop| *stop != Stop::NotYet) => return,
                () = clock.sleep(wait) => {}
            }
            self.metrics.iterations.increment();
            self.evaluate(due).await;
            evaluations += 1;
            if self.restores && evaluations == EVALUATIONS_BEFORE_RESTORE {
                self.restore().await;
            }
            let (next, missed) = schedule.next(due, clock.now_ms());
            if missed > 0 {
                self.metrics.missed.add(missed);
                self.metrics.iterations.add(missed);
                tracing::warn!(
                    group = self.cell.group.name,
                    missed,
                    "evaluations were missed: the last one took too long"
                );
            }
            due = next;
        }
    }

    async fn evaluate(&self, at: TimestampMs) {
        let Ok(permit) = Arc::clone(&self.shared.permits).acquire_owned().await else { return };
        let (shared, cell) = (Arc::clone(&self.shared), Arc::clone(&self.cell));
        let (metrics, stop) = (self.metrics.clone(), self.stop.clone());
        let computed = tokio::task::spawn_blocking(move || {
            evaluate_now(&shared, &cell, &metrics, at, &|| {
                shared.shutdown.is_requested() || *stop.borrow() != Stop::NotYet
            });
            drop(permit);
        });
        if let Err(error) = computed.await {
            tracing::error!(group = self.cell.group.name, "the evaluation of a rule group failed: {error}");
        }
    }

    async fn restore(&self) {
        let (shared, cell) = (Arc::clone(&self.shared), Arc::clone(&self.cell));
        let begun = self.shared.deps.clock.elapsed();
        let restored = tokio::task::spawn_blocking(move || restore_now(&shared, &cell));
        if let Err(error) = restored.await {
            tracing::error!(group = self.cell.group.name, "alerts could not be restored: {error}");
        }
        let took = self.shared.deps.clock.elapsed().saturating_sub(begun);
        self.metrics.last_restore_duration.set(took.as_secs_f64());
    }
}

fn evaluate_now(shared: &Shared, cell: &Cell, metrics: &GroupMetrics, at: TimestampMs, is_stopped: &dyn Fn() -> bool) {
    let deps = &shared.deps;
    let external_labels = shared.external_labels.read().clone();
    let tell = |rule: &Rule, alerts: Vec<ActiveAlert>| {
        let url = generator_url(&deps.external_url, &rule.query.printed());
        let letter = Letter {
            at,
            interval_ms: cell.interval_ms,
            resend_delay_ms: deps.options.resend_delay_ms,
            generator_url: &url,
        };
        shared.notifications.send(alerts.iter().map(|alert| letter.write(alert)).collect());
    };
    let count = |took: Duration, failed: bool| {
        metrics.evaluations.increment();
        metrics.failures.add(u64::from(failed));
        metrics.rule_duration.observe(took.as_secs_f64());
    };
    let tools = Tools {
        engine: &deps.engine,
        metrics: &deps.source,
        logs: &*deps.logs,
        samples: &*deps.samples,
        surroundings: Surroundings { external_labels: &external_labels, external_url: &deps.external_url },
        resend_delay_ms: deps.options.resend_delay_ms,
        elapsed: &|| deps.clock.elapsed(),
        tell: &tell,
        count: &count,
    };
    let mut state = cell.state.lock();
    evaluate(&mut state, at, &tools, is_stopped);
    metrics.last_duration.set(state.duration.as_secs_f64());
    metrics.group_duration.observe(state.duration.as_secs_f64());
    metrics.last_evaluation.set(at.0 as f64 / 1_000.0);
    metrics.last_samples.set(state.rules.iter().map(|rule| rule.status.samples as f64).sum());
    metrics.last_rule_duration_sum.set(state.rules.iter().map(|rule| rule.status.duration.as_secs_f64()).sum());
    *cell.snapshot.write() = Arc::new(state.snapshot());
}

/// Looks up the past of every alert that takes long to fire, and lets all write theirs from now on.
fn restore_now(shared: &Shared, cell: &Cell) {
    let deps = &shared.deps;
    let now = deps.clock.now_ms();
    let mut state = cell.state.lock();
    for one in &mut state.rules {
        one.is_restored = true;
        let Some(for_ms) = one.rule.alerting().map(|alerting| alerting.for_ms) else { continue };
        if for_ms == 0 {
            continue;
        }
        let past = futures::executor::block_on(restore::past(&*deps.source, &one.rule.name, now, &deps.options));
        match past {
            Ok(past) => restore::restore(&mut one.alerts, &past, for_ms, now, &deps.options),
            Err(error) => tracing::error!(alert = one.rule.name, "alerts could not be restored: {error}"),
        }
    }
    *cell.snapshot.write() = Arc::new(state.snapshot());
}
