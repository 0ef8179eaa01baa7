//! What the program holds of running rules.

use crate::config::Config;
use crate::manager::Manager;
use crate::options::Options;
use crate::rule::Group;
use crate::snapshot::GroupSnapshot;
use lgtm_flow::{AlertSink, SampleSink};
use lgtm_promql::Engine;
use lgtm_runtime::metrics::Registry;
use lgtm_runtime::{SharedClock, Shutdown};
use lgtm_settings::{Problems, Reading};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// What rules work with.
#[derive(Clone)]
pub struct Deps {
    /// Evaluates PromQL.
    pub engine: Engine,
    /// Where metrics are read.
    pub source: Arc<dyn lgtm_promql::Source>,
    /// Where logs are read.
    pub logs: Arc<dyn lgtm_logql::Source>,
    /// Where recorded series and the state of alerts go.
    pub samples: Arc<dyn SampleSink>,
    /// Notifiers in this process; Alertmanagers come from the config.
    pub alerts: Vec<Arc<dyn AlertSink>>,
    /// The time.
    pub clock: SharedClock,
    /// Where rules count what they do.
    pub registry: Registry,
    /// The address under which people reach the program, for links and templates.
    pub external_url: String,
    /// What no file says.
    pub options: Options,
}

/// Running rules. They end with their [`Shutdown`].
#[derive(Clone)]
pub struct Handle {
    manager: Arc<Manager>,
}

/// Starts the evaluation of all groups of the config; must be called within a tokio runtime.
pub async fn start(config: Config, deps: Deps, shutdown: Shutdown) -> Handle {
    Handle { manager: Manager::start(config, deps, shutdown).await }
}

impl Handle {
    /// Takes over a new config. Groups that did not change are not disturbed; of those that did, every rule with the
    /// same name and labels keeps its alerts.
    pub async fn reload(&self, config: Config) {
        self.manager.reload(config).await;
    }

    /// Reads a `prometheus.yml` with its rule files and takes it over; on any problem what runs goes on, and the
    /// problems are returned.
    pub async fn reload_file(&self, path: &Path) -> Result<Reading<()>, Problems> {
        let reading = Config::read_file(path)?;
        self.manager.reload(reading.value).await;
        Ok(Reading { value: (), warnings: reading.warnings })
    }

    /// Adds generated groups under a name of their own, which stands for a file, in place of those that it had; none
    /// at all removes it. A reload leaves them as they are.
    pub async fn add_groups(&self, name: &str, groups: Vec<Group>) {
        self.manager.add_groups(name, groups).await;
    }

    /// All groups as they are now, in the order of their files and within them.
    pub fn groups(&self) -> Vec<Arc<GroupSnapshot>> {
        self.manager.groups()
    }

    /// The URLs of the Alertmanagers that are told.
    pub fn alertmanagers(&self) -> Vec<String> {
        self.manager.alertmanagers()
    }

    /// Waits until everything has ended after the shutdown, at most `grace`. Returns how many tasks were aborted.
    pub async fn drain(&self, grace: Duration) -> usize {
        self.manager.drain(grace).await
    }
}
