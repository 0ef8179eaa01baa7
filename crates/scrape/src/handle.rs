//! What the program holds of a running scraper.

use crate::config::Config;
use crate::local::LocalTarget;
use crate::manager::{JobState, Jobs, Manager};
use lgtm_flow::SampleSink;
use lgtm_model::{Labels, TimestampNs};
use lgtm_runtime::metrics::Registry;
use lgtm_runtime::{Random, SharedClock, Shutdown, Tasks};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;

/// What scraping works with.
#[derive(Clone)]
pub struct Deps {
    /// Where samples go.
    pub sink: Arc<dyn SampleSink>,
    /// The time.
    pub clock: SharedClock,
    /// Where scraping counts what it does.
    pub registry: Registry,
    /// Spreads the scrapes of several servers over the interval.
    pub random: Random,
}

/// How a target's last scrape went.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Health {
    /// It was not asked yet.
    #[default]
    Unknown,
    /// It answered, and the answer was stored.
    Up,
    /// It did not answer, not well, or the answer was not stored.
    Down,
}

impl Health {
    /// As API answers have it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Up => "up",
            Self::Down => "down",
        }
    }
}

/// A target that is scraped.
#[derive(Clone, Debug)]
pub struct ActiveTarget {
    /// The job's name.
    pub pool: String,
    /// Labels before relabelling.
    pub discovered_labels: Labels,
    /// Labels of its series.
    pub labels: Labels,
    /// What is asked for.
    pub scrape_url: String,
    /// How it is.
    pub health: Health,
    /// Why it is down; empty when it is not.
    pub last_error: String,
    /// When it was asked last.
    pub last_scrape: Option<TimestampNs>,
    /// How long it took to answer.
    pub last_scrape_duration: Duration,
    /// How often it is asked.
    pub interval_ms: i64,
    /// How long it may take.
    pub timeout_ms: i64,
}

/// A target that relabelling dropped.
#[derive(Clone, Debug)]
pub struct DroppedTarget {
    /// The job's name.
    pub pool: String,
    /// Labels before relabelling.
    pub discovered_labels: Labels,
}

/// All targets at one moment, in the order of the jobs and of their URLs.
#[derive(Clone, Debug, Default)]
pub struct TargetsSnapshot {
    /// Those that are scraped.
    pub active: Vec<ActiveTarget>,
    /// Those that are not.
    pub dropped: Vec<DroppedTarget>,
}

/// A running scraper. It ends with its [`Shutdown`] or when every handle is dropped.
#[derive(Clone)]
pub struct Handle {
    config: watch::Sender<Arc<Config>>,
    jobs: Jobs,
    tasks: Tasks,
    clock: SharedClock,
}

/// Starts scraping; must be called within a tokio runtime.
pub fn start(config: Config, deps: Deps, shutdown: Shutdown) -> Handle {
    begin(config, deps, None, shutdown)
}

/// Starts scraping; targets that `local` claims are answered by it, all others over HTTP.
pub fn start_with_local(config: Config, deps: Deps, local: Arc<dyn LocalTarget>, shutdown: Shutdown) -> Handle {
    begin(config, deps, Some(local), shutdown)
}

fn begin(config: Config, deps: Deps, local: Option<Arc<dyn LocalTarget>>, shutdown: Shutdown) -> Handle {
    let (sender, receiver) = watch::channel(Arc::new(config));
    let (jobs, tasks) = (Jobs::default(), Tasks::default());
    let clock = Arc::clone(&deps.clock);
    let manager = Manager::new(deps, local, receiver, Arc::clone(&jobs), tasks.clone(), shutdown);
    tasks.spawn(manager.run());
    Handle { config: sender, jobs, tasks, clock }
}

impl Handle {
    /// Takes over a new config. Jobs that did not change are not disturbed.
    pub fn reload(&self, config: Config) {
        self.config.send_replace(Arc::new(config));
    }

    /// The config at work.
    pub fn config(&self) -> Arc<Config> {
        Arc::clone(&self.config.borrow())
    }

    /// All targets as they are now.
    pub fn targets(&self) -> TargetsSnapshot {
        let mut snapshot = TargetsSnapshot::default();
        for state in self.jobs.lock().iter() {
            let mut active: Vec<ActiveTarget> = active(state).collect();
            active.sort_by(|a, b| a.scrape_url.cmp(&b.scrape_url).then_with(|| a.labels.cmp(&b.labels)));
            snapshot.active.extend(active);
            snapshot.dropped.extend(
                state
                    .dropped
                    .iter()
                    .map(|labels| DroppedTarget { pool: state.job.name.clone(), discovered_labels: labels.clone() }),
            );
        }
        snapshot
    }

    /// Waits until everything has ended after the shutdown, at most `grace`. Returns how many tasks were aborted.
    pub async fn drain(&self, grace: Duration) -> usize {
        self.tasks.drain(&self.clock, grace).await
    }
}

fn active(state: &JobState) -> impl Iterator<Item = ActiveTarget> {
    state.running.values().map(|running| {
        let status = running.status.lock().clone();
        ActiveTarget {
            pool: state.job.name.clone(),
            discovered_labels: running.target.discovered.clone(),
            labels: running.target.labels.clone(),
            scrape_url: running.target.url.clone(),
            health: status.health,
            last_error: status.last_error,
            last_scrape: status.last_scrape,
            last_scrape_duration: status.last_duration,
            interval_ms: running.target.interval_ms,
            timeout_ms: running.target.timeout_ms,
        }
    })
}
