//! Starting the notifier, its loops, and the handle by which the rest of the program uses it.

use crate::config::{Config, Receiver};
use crate::integration::Integration;
use crate::limit::{DRAIN_GRACE, MAINTENANCE_INTERVAL, SYNC_INTERVAL};
use crate::log::Teller;
use crate::matching::Matchers;
use crate::metrics::Metrics;
use crate::notifier::{AlertView, GroupView, Notifier, Parts, PostError, Preview, Report, Setup};
use crate::route::Routes;
use crate::shared::Shared;
use crate::silence::Silences;
use async_trait::async_trait;
use lgtm_flow::{AlertSink, SinkError};
use lgtm_model::{Alert, Labels, TimestampNs};
use lgtm_runtime::metrics::Registry;
use lgtm_runtime::{Random, SharedClock, Shutdown, Tasks};
use lgtm_state::{SmallState, StateError};
use std::sync::Arc;
use std::time::Duration;
use thiserror::Error;

/// Makes the ways to tell of a receiver, in the order in which they are configured.
pub type Integrations = Arc<dyn Fn(&Receiver) -> Result<Vec<Arc<dyn Integration>>, String> + Send + Sync>;

/// The collaborators of a notifier.
#[derive(Clone)]
pub struct Deps {
    /// Where silences, alerts and the notification log are kept; notifiers that share it tell everything once.
    pub state: Arc<dyn SmallState>,
    /// The time.
    pub clock: SharedClock,
    /// The program's metrics.
    pub registry: Registry,
    /// Chance, for waits and ids.
    pub random: Random,
    /// How receivers become ways to tell.
    pub integrations: Integrations,
    /// This notifier's name among those that share the state: the same after a restart, so that claims of its former life
    /// are void at once. Two that run at the same time must not share it.
    pub name: String,
    /// Nothing is told for so long after the start, so that senders and inhibiting alerts can come in first.
    pub start_delay: Duration,
}

/// A notifier that cannot start or take a configuration.
#[derive(Debug, Error)]
pub enum StartError {
    /// The state cannot be read.
    #[error("the notifier's state cannot be read: {0}")]
    State(#[from] StateError),
    /// A receiver cannot be set up.
    #[error("receiver {receiver:?}: {reason}")]
    Receiver {
        /// Its name.
        receiver: String,
        /// Why.
        reason: String,
    },
}

/// A running notifier. Cheap to clone.
#[derive(Clone)]
pub struct Handle {
    notifier: Arc<Notifier>,
    integrations: Integrations,
    tasks: Tasks,
}

/// Starts a notifier: loads what is written down, then serves until `shutdown`. `original` is the configuration as text,
/// which the API shows.
pub async fn start(config: Config, original: String, deps: Deps, shutdown: Shutdown) -> Result<Handle, StartError> {
    let metrics = Metrics::new(&deps.registry);
    let setup = setup(config, original, &deps.integrations, &metrics)?;
    let now = deps.clock.now();
    let teller = Teller { name: deps.name, incarnation: deps.random.in_range(1..u64::MAX) };
    let parts = Parts { shared: Shared::new(deps.state), clock: deps.clock, random: deps.random, metrics, teller };
    let delay_ns = i64::try_from(deps.start_delay.as_nanos()).unwrap_or(i64::MAX);
    let notifier = Arc::new(Notifier::new(parts, setup, now.add_ns(delay_ns)));
    notifier.restore().await?;
    notifier.metrics.reload_success.set(1.0);
    notifier.metrics.reload_success_time.set(now.0 as f64 / 1e9);
    let tasks = Tasks::default();
    tasks.spawn(tell(Arc::clone(&notifier), tasks.clone(), shutdown.clone()));
    tasks.spawn(every(Arc::clone(&notifier), SYNC_INTERVAL, Chore::Sync, shutdown.clone()));
    tasks.spawn(every(Arc::clone(&notifier), MAINTENANCE_INTERVAL, Chore::Maintain, shutdown));
    Ok(Handle { notifier, integrations: deps.integrations, tasks })
}

fn setup(
    config: Config,
    original: String,
    integrations: &Integrations,
    metrics: &Metrics,
) -> Result<Setup, StartError> {
    let mut made = std::collections::HashMap::new();
    for receiver in &config.receivers {
        let ways = integrations(receiver)
            .map_err(|reason| StartError::Receiver { receiver: receiver.name.clone(), reason })?;
        ways.iter().for_each(|way| metrics.prepare(way.kind()));
        made.insert(receiver.name.clone(), ways);
    }
    metrics.config_hash.set((crate::fingerprint(&Labels::from_pairs([("config", original.as_str())])) >> 16) as f64);
    Ok(Setup { routes: Arc::new(Routes::new(&config.route)), config, original, integrations: made })
}

/// Takes groups as they become due, and tells about each in a task of its own.
async fn tell(notifier: Arc<Notifier>, tasks: Tasks, shutdown: Shutdown) {
    loop {
        let (due, setup, next_at) = notifier.due();
        for flush in due {
            tasks.spawn(Arc::clone(&notifier).flush(Arc::clone(&setup), flush));
        }
        notifier.idle.notify_waiters();
        let wait_ns = next_at.map(|at| at.since_ns(notifier.clock.now()).max(0).unsigned_abs());
        let due = async {
            match wait_ns {
                Some(wait_ns) => notifier.clock.sleep(Duration::from_nanos(wait_ns)).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            () = shutdown.requested() => return,
            () = notifier.wake.notified() => {}
            () = due => {}
        }
    }
}

enum Chore {
    Sync,
    Maintain,
}

async fn every(notifier: Arc<Notifier>, interval: Duration, chore: Chore, shutdown: Shutdown) {
    loop {
        tokio::select! {
            () = shutdown.requested() => return,
            () = notifier.clock.sleep(interval) => {}
        }
        let done = match chore {
            Chore::Sync => notifier.sync().await,
            Chore::Maintain => {
                notifier.maintain().await;
                notifier.shared.state.purge(notifier.clock.now()).await.map(|_count| ())
            }
        };
        if let Err(error) = done {
            tracing::warn!(%error, "the notifier's state cannot be looked after");
        }
    }
}

impl Handle {
    /// Takes reports of alerts. They are told as the routes say, whatever the answer; `Ok` means that they are also
    /// written down and survive a crash.
    pub async fn post(&self, reports: Vec<Report>) -> Result<(), PostError> {
        self.notifier.post(reports).await
    }

    /// Changes the configuration. On an error the running one stays.
    pub fn reload(&self, config: Config, original: String) -> Result<(), StartError> {
        match setup(config, original, &self.integrations, &self.notifier.metrics) {
            Ok(setup) => {
                self.notifier.reconfigure(setup);
                self.notifier.metrics.reload_success.set(1.0);
                self.notifier.metrics.reload_success_time.set(self.notifier.clock.now().0 as f64 / 1e9);
                Ok(())
            }
            Err(error) => {
                self.reload_failed();
                Err(error)
            }
        }
    }

    /// Notes that a new configuration could not even be read, so that the metric tells.
    pub fn reload_failed(&self) {
        self.notifier.metrics.reload_success.set(0.0);
    }

    /// The silences.
    pub fn silences(&self) -> &Silences {
        &self.notifier.silences
    }

    /// The alerts that fire and whose labels `wanted` accepts, in the order of their fingerprints.
    pub fn alerts(&self, wanted: &dyn Fn(&Labels) -> bool) -> Vec<AlertView> {
        self.notifier.alerts(wanted)
    }

    /// The groups with alerts that fire, of receivers and labels that are wanted.
    pub fn groups(&self, receiver: &dyn Fn(&str) -> bool, wanted: &dyn Fn(&Labels) -> bool) -> Vec<GroupView> {
        self.notifier.groups(receiver, wanted)
    }

    /// What a silence with these matchers would mute now.
    pub fn preview(&self, matchers: &Matchers) -> Preview {
        self.notifier.preview(matchers)
    }

    /// The configuration that is in force.
    pub fn config(&self) -> Config {
        self.notifier.setup().config.clone()
    }

    /// The configuration as text, without its secrets.
    pub fn original(&self) -> String {
        crate::redact::redact(&self.notifier.setup().original)
    }

    /// This notifier's name.
    pub fn name(&self) -> &str {
        &self.notifier.teller.name
    }

    /// When it started.
    pub fn started_at(&self) -> TimestampNs {
        self.notifier.started_at
    }

    /// The time as the notifier sees it.
    pub fn now(&self) -> TimestampNs {
        self.notifier.clock.now()
    }

    /// Returns once no group is due and nobody is being told: for tests that turn the clock by hand.
    pub async fn settle(&self) {
        loop {
            let idle = self.notifier.idle.notified();
            tokio::pin!(idle);
            idle.as_mut().enable();
            if self.notifier.is_idle() {
                return;
            }
            idle.await;
        }
    }

    /// Waits for the end, after `shutdown` was asked for: notifications under way may finish within a grace.
    pub async fn drain(&self) {
        let aborted = self.tasks.drain(&self.notifier.clock, DRAIN_GRACE).await;
        if aborted > 0 {
            tracing::warn!(aborted, "notifications were given up at the end and will be sent after the next start");
        }
    }
}

#[async_trait]
impl AlertSink for Handle {
    async fn send_alerts(&self, alerts: Vec<Alert>) -> Result<(), SinkError> {
        let report = |alert: Alert| Report {
            labels: alert.labels,
            annotations: alert.annotations,
            starts_at: Some(alert.starts_at),
            ends_at: Some(alert.ends_at),
            generator_url: alert.generator_url,
        };
        self.post(alerts.into_iter().map(report).collect()).await.map_err(|error| match error {
            PostError::Invalid(_) => SinkError::Refused(error.to_string()),
            PostError::TooMany(_) => {
                SinkError::Overloaded { limit: error.to_string(), retry_after: Duration::from_secs(60) }
            }
            PostError::NotWritten(_) => SinkError::Unavailable(error.to_string()),
        })
    }
}
