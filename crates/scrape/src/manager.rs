//! The manager: keeps the workers in step with the config and the target files.
//!
//! It wakes when the config changes, every few seconds to look at the target files, and to stop. A job that a new
//! config leaves as it was keeps its workers, so that a reload costs no scrape.

use crate::client::Fetcher;
use crate::config::{Config, Job};
use crate::discovery::FileGroups;
use crate::handle::Deps;
use crate::local::LocalTarget;
use crate::target::{Outcome, Target, resolve};
use crate::worker::{Shared, Status, Stop, Worker};
use lgtm_model::Labels;
use lgtm_runtime::metrics::{Counter, Gauge};
use lgtm_runtime::{Shutdown, Tasks};
use parking_lot::Mutex;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;

/// How often target files are looked at. A look is one `stat` a file.
const FILE_CHECK_INTERVAL: Duration = Duration::from_secs(5);
/// Dropped targets that a job remembers for display.
const DROPPED_PER_JOB_MAX: usize = 1_000;

/// A target with its worker.
pub(crate) struct Running {
    pub target: Target,
    pub status: Arc<Mutex<Status>>,
    stop: watch::Sender<Stop>,
}

/// One job at work.
pub(crate) struct JobState {
    pub job: Arc<Job>,
    fetcher: Result<Fetcher, String>,
    files: FileGroups,
    pub running: HashMap<(Labels, String), Running>,
    pub dropped: Vec<Labels>,
}

/// What the manager and the handle share.
pub(crate) type Jobs = Arc<Mutex<Vec<JobState>>>;

pub(crate) struct Manager {
    pub config: watch::Receiver<Arc<Config>>,
    pub jobs: Jobs,
    pub tasks: Tasks,
    pub shutdown: Shutdown,
    shared: Shared,
    file_errors: Counter,
    target_errors: Counter,
    targets: Gauge,
}

impl Manager {
    pub(crate) fn new(
        deps: Deps,
        local: Option<Arc<dyn LocalTarget>>,
        config: watch::Receiver<Arc<Config>>,
        jobs: Jobs,
        tasks: Tasks,
        shutdown: Shutdown,
    ) -> Self {
        let registry = deps.registry.clone();
        let counter = |name: &str, help: &str| registry.counter(name, help, &[]);
        Self {
            config,
            jobs,
            tasks,
            shutdown,
            file_errors: counter("lgtm_scrape_target_file_errors_total", "Target files that could not be used."),
            target_errors: counter(
                "lgtm_scrape_targets_refused_total",
                "Targets that were left out: invalid after relabelling, or beyond target_limit.",
            ),
            targets: registry.gauge("lgtm_scrape_targets", "Targets that are scraped.", &[]),
            shared: Shared {
                seed: deps.random.in_range(0..u64::MAX),
                failures: counter("lgtm_scrape_failures_total", "Scrapes that failed."),
                local,
                refusals: counter("lgtm_scrape_batches_refused_total", "Scrapes whose samples were not stored."),
                deps,
            },
        }
    }

    /// Runs until shutdown; the workers stop with it.
    pub(crate) async fn run(mut self) {
        let clock = Arc::clone(&self.shared.deps.clock);
        self.apply();
        loop {
            self.refresh().await;
            tokio::select! {
                () = self.shutdown.requested() => break,
                changed = self.config.changed() => match changed {
                    Ok(()) => self.apply(),
                    Err(_) => break,
                },
                () = clock.sleep(FILE_CHECK_INTERVAL) => {}
            }
        }
        for running in self.jobs.lock().drain(..).flat_map(|job| job.running.into_values()) {
            running.stop.send_replace(Stop::Quietly);
        }
    }

    /// Takes over the newest config: unchanged jobs stay, others begin anew.
    fn apply(&mut self) {
        let config = Arc::clone(&self.config.borrow_and_update());
        let mut jobs = self.jobs.lock();
        let mut before: Vec<JobState> = std::mem::take(&mut *jobs);
        for job in &config.jobs {
            let kept = before.iter().position(|state| *state.job == *job).map(|index| before.swap_remove(index));
            jobs.push(kept.unwrap_or_else(|| begin(job)));
        }
        for (key, running) in before.into_iter().flat_map(|state| state.running) {
            // A job that only changed keeps most of its targets: their series go on under the new worker.
            let goes_on = config.jobs.iter().any(|job| key.0.get("job") == Some(job.name.as_str()));
            running.stop.send_replace(if goes_on { Stop::Quietly } else { Stop::Removed });
        }
    }

    /// Looks at the target files, then brings the workers in step.
    async fn refresh(&self) {
        let count = self.jobs.lock().len();
        for index in 0..count {
            let taken =
                self.jobs.lock().get_mut(index).map(|state| (Arc::clone(&state.job), std::mem::take(&mut state.files)));
            let Some((job, mut files)) = taken else { break };
            if !job.files.is_empty() {
                let (failures, discoveries) = (self.file_errors.clone(), Arc::clone(&job));
                let read = tokio::task::spawn_blocking(move || {
                    files.refresh(&discoveries.files, &failures);
                    files
                });
                files = read.await.unwrap_or_default();
            }
            if let Some(state) = self.jobs.lock().get_mut(index) {
                state.files = files;
                self.synchronise(state);
            }
        }
        self.targets.set(self.jobs.lock().iter().map(|state| state.running.len() as f64).sum());
    }

    /// Starts workers for new targets and stops those of targets that are gone.
    fn synchronise(&self, state: &mut JobState) {
        let (targets, dropped) = self.resolve_all(state);
        state.dropped = dropped;
        state.running.retain(|key, running| {
            let stays = targets.contains_key(key);
            if !stays {
                running.stop.send_replace(Stop::Removed);
            }
            stays
        });
        for (key, target) in targets {
            if let Some(running) = state.running.get_mut(&key) {
                running.target.discovered = target.discovered;
                continue;
            }
            let (stop, stopped) = watch::channel(Stop::NotYet);
            let status = Arc::default();
            let worker = Worker {
                shared: self.shared.clone(),
                job: Arc::clone(&state.job),
                fetcher: state.fetcher.clone(),
                target: target.clone(),
                status: Arc::clone(&status),
                stop: stopped,
            };
            self.tasks.spawn(worker.run());
            state.running.insert(key, Running { target, status, stop });
        }
    }

    fn resolve_all(&self, state: &JobState) -> (HashMap<(Labels, String), Target>, Vec<Labels>) {
        let (mut targets, mut dropped) = (HashMap::new(), Vec::new());
        let job = &state.job;
        let limit = usize::try_from(job.limits.targets).unwrap_or(usize::MAX);
        for group in job.groups.iter().chain(state.files.groups()) {
            for address in &group.addresses {
                match resolve(job, group, address) {
                    Ok(Outcome::Target(_)) if limit > 0 && targets.len() >= limit => {
                        self.target_errors.increment();
                        tracing::error!(job = job.name, address, limit, "target_limit reached; the target is left out");
                    }
                    Ok(Outcome::Target(target)) => {
                        targets.insert((target.labels.clone(), target.url.clone()), target);
                    }
                    Ok(Outcome::Dropped(labels)) if dropped.len() < DROPPED_PER_JOB_MAX => dropped.push(labels),
                    Ok(Outcome::Dropped(_)) => {}
                    Err(error) => {
                        self.target_errors.increment();
                        tracing::error!(job = job.name, address, group = group.source, "target is left out: {error}");
                    }
                }
            }
        }
        (targets, dropped)
    }
}

fn begin(job: &Job) -> JobState {
    let fetcher = Fetcher::new(job);
    if let Err(error) = &fetcher {
        tracing::error!(job = job.name, "no target of the job can be scraped: {error}");
    }
    JobState {
        job: Arc::new(job.clone()),
        fetcher,
        files: FileGroups::default(),
        running: HashMap::new(),
        dropped: Vec::new(),
    }
}
