//! The manager: keeps the running groups in step with the config and with generated groups.

use crate::config::Config;
use crate::eval::GroupState;
use crate::handle::Deps;
use crate::metrics::GroupMetrics;
use crate::notify::Notifications;
use crate::rule::Group;
use crate::snapshot::GroupSnapshot;
use crate::worker::{Cell, Shared, Stop, Worker};
use lgtm_model::{Labels, SampleBatch, SampleRow, TimestampMs, stale_nan};
use lgtm_runtime::{Shutdown, Tasks};
use parking_lot::RwLock;
use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Mutex, Semaphore, oneshot, watch};

/// A group at work.
struct Running {
    cell: Arc<Cell>,
    stop: watch::Sender<Stop>,
    ended: oneshot::Receiver<()>,
    metrics: GroupMetrics,
}

/// What is to run, and what runs.
#[derive(Default)]
struct Wanted {
    config: Config,
    generated: BTreeMap<String, Vec<Group>>,
    /// Whether the groups of the config have run; of generated ones, the names that have.
    is_started: bool,
    started: HashSet<String>,
    running: Vec<Running>,
}

pub(crate) struct Manager {
    shared: Arc<Shared>,
    wanted: Mutex<Wanted>,
    /// The running groups, for readers.
    cells: RwLock<Vec<Arc<Cell>>>,
    tasks: Tasks,
    shutdown: Shutdown,
}

impl Manager {
    pub async fn start(config: Config, deps: Deps, shutdown: Shutdown) -> Arc<Self> {
        let tasks = Tasks::default();
        let notifications = Notifications::start(
            &config,
            deps.alerts.clone(),
            &deps.options,
            &deps.registry,
            &deps.clock,
            &tasks,
            &shutdown,
        );
        let permits = Arc::new(Semaphore::new(deps.options.groups_at_once_max.max(1)));
        let external_labels = RwLock::new(config.external_labels.clone());
        let shared = Arc::new(Shared { deps, notifications, permits, external_labels, shutdown: shutdown.clone() });
        let manager = Arc::new(Self { shared, wanted: Mutex::default(), cells: RwLock::default(), tasks, shutdown });
        manager.reload(config).await;
        manager
    }

    pub async fn reload(&self, config: Config) {
        let mut wanted = self.wanted.lock().await;
        if wanted.is_started {
            self.shared.notifications.apply(&config);
        }
        *self.shared.external_labels.write() = config.external_labels.clone();
        wanted.config = config;
        self.synchronise(&mut wanted).await;
    }

    pub async fn add_groups(&self, name: &str, groups: Vec<Group>) {
        let mut wanted = self.wanted.lock().await;
        let renamed = groups.into_iter().map(|group| Group { file: name.to_owned(), ..group });
        wanted.generated.insert(name.to_owned(), renamed.collect());
        wanted.generated.retain(|_, groups| !groups.is_empty());
        self.synchronise(&mut wanted).await;
    }

    pub fn groups(&self) -> Vec<Arc<GroupSnapshot>> {
        self.cells.read().iter().map(|cell| cell.snapshot()).collect()
    }

    pub fn alertmanagers(&self) -> Vec<String> {
        self.shared.notifications.urls()
    }

    pub async fn drain(&self, grace: Duration) -> usize {
        self.tasks.drain(&self.shared.deps.clock, grace).await
    }

    /// Starts what is new, replaces what has changed and ends what is gone. Only one at a time, as its caller holds
    /// the lock; readers see either the old or the new set.
    async fn synchronise(&self, wanted: &mut Wanted) {
        let mut before = std::mem::take(&mut wanted.running);
        let mut after = Vec::new();
        let config = &wanted.config;
        let configured = config.groups.iter().map(|group| (group, !wanted.is_started));
        let generated = wanted.generated.iter().flat_map(|(name, groups)| {
            let is_new = !wanted.started.contains(name);
            groups.iter().map(move |group| (group, is_new))
        });
        // Put together at once: what spawns this future cannot send an iterator with closures between threads.
        let all: Vec<(&Group, bool)> = configured.chain(generated).collect();
        for (group, is_first) in all {
            let interval_ms = group.interval_ms.unwrap_or(config.evaluation_interval_ms);
            let offset_ms = group.query_offset_ms.unwrap_or(config.query_offset_ms);
            let old = before.iter().position(|running| running.cell.is(group)).map(|index| before.swap_remove(index));
            if let Some(old) = old {
                if old.cell.is_unchanged(group, interval_ms, offset_ms) {
                    after.push(old);
                    continue;
                }
                old.stop.send_replace(Stop::Replaced);
                // It ends once the evaluation that runs has ended.
                let _ended_or_gone = old.ended.await;
                let past = old.cell.take();
                // What was not looked up yet by the old group is by the new one.
                let restores = past.rules.iter().any(|rule| !rule.is_restored);
                let mut state = GroupState::new(Arc::new(group.clone()), interval_ms, offset_ms, !restores);
                state.take_over(past);
                after.push(self.begin(state, restores));
                continue;
            }
            // Only what was there before a restart is looked up; groups that come later begin anew.
            let state = GroupState::new(Arc::new(group.clone()), interval_ms, offset_ms, !is_first);
            after.push(self.begin(state, is_first));
        }
        *self.cells.write() = after.iter().map(|running| Arc::clone(&running.cell)).collect();
        wanted.running = after;
        wanted.is_started = true;
        wanted.started.extend(wanted.generated.keys().cloned());
        for old in before {
            self.end(old).await;
        }
    }

    fn begin(&self, state: GroupState, restores: bool) -> Running {
        let key = state.group.key();
        let metrics = GroupMetrics::new(&self.shared.deps.registry, &key);
        metrics.rules.set(state.rules.len() as f64);
        metrics.interval.set(state.interval_ms as f64 / 1_000.0);
        let cell = Arc::new(Cell::new(state));
        let (stop, stopped) = watch::channel(Stop::NotYet);
        let (ended_sender, ended) = oneshot::channel();
        let worker = Worker {
            shared: Arc::clone(&self.shared),
            cell: Arc::clone(&cell),
            metrics: metrics.clone(),
            stop: stopped,
            restores,
        };
        self.tasks.spawn(async move {
            worker.run().await;
            let _nobody_may_wait = ended_sender.send(());
        });
        Running { cell, stop, ended, metrics }
    }

    /// Ends a group that is gone. Its series end two intervals later, unless another group, to which its rules may
    /// have moved, goes on with them.
    async fn end(&self, old: Running) {
        old.stop.send_replace(Stop::Removed);
        let _ended_or_gone = old.ended.await;
        old.metrics.end();
        let state = old.cell.take();
        let at = self.shared.deps.clock.now_ms();
        let mut series: Vec<Labels> = state.series().cloned().collect();
        series.extend(state.stale);
        let wait = Duration::from_millis(2 * state.interval_ms.unsigned_abs());
        let (shared, shutdown) = (Arc::clone(&self.shared), self.shutdown.clone());
        let cells: Vec<Arc<Cell>> = self.cells.read().clone();
        self.tasks.spawn(async move {
            tokio::select! {
                () = shutdown.requested() => {}
                () = shared.deps.clock.sleep(wait) => end_series(&shared, series, &cells, at).await,
            }
        });
    }
}

async fn end_series(shared: &Shared, series: Vec<Labels>, cells: &[Arc<Cell>], at: TimestampMs) {
    let alive: HashSet<Labels> = cells.iter().flat_map(|cell| cell.series()).collect();
    let gone = series.into_iter().filter(|labels| !alive.contains(labels));
    let rows: Vec<SampleRow> = gone.map(|labels| SampleRow { labels, timestamp: at, value: stale_nan() }).collect();
    if rows.is_empty() {
        return;
    }
    if let Err(error) = shared.deps.samples.write_samples(SampleBatch { rows, ..SampleBatch::default() }).await {
        tracing::error!("series of removed rules could not be ended: {error}");
    }
}
