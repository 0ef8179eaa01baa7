//! All notifiers: those in this process, and the Alertmanagers that the config and its files name.

use super::alertmanager::Remote;
use super::labelled;
use super::queue::{Counters, Target};
use crate::config::{Alertmanager, Config, same_rules};
use crate::options::Options;
use lgtm_client::HttpClient;
use lgtm_flow::AlertSink;
use lgtm_model::{Alert, Labels, RelabelRule};
use lgtm_runtime::metrics::{Counter, Gauge, Registry};
use lgtm_runtime::{SharedClock, Shutdown, Tasks};
use lgtm_scrape::FileGroups;
use parking_lot::{Mutex, RwLock};
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Notify;

/// How often files that name Alertmanagers are looked at.
const FILE_CHECK_INTERVAL: Duration = Duration::from_secs(5);
/// How long a notifier in this process may take for one message.
const LOCAL_TIMEOUT: Duration = Duration::from_secs(10);

/// What every alert gets on its way.
struct Stamp {
    external_labels: Labels,
    relabel: Vec<RelabelRule>,
}

/// One entry of `alertmanagers` with what its files name.
struct Discovery {
    config: Alertmanager,
    files: FileGroups,
}

/// How one notifier is told.
struct Way {
    relabel: Vec<RelabelRule>,
    http: HttpClient,
    timeout: Duration,
}

impl Way {
    fn local() -> Self {
        Self { relabel: Vec::new(), http: HttpClient::default(), timeout: LOCAL_TIMEOUT }
    }
}

/// The way out for alerts. Cheap to share; see the module.
pub(crate) struct Notifications {
    stamp: RwLock<Stamp>,
    local: Vec<Arc<Target>>,
    remote: RwLock<Vec<Arc<Target>>>,
    discoveries: Mutex<Vec<Discovery>>,
    registry: Registry,
    discovered: Gauge,
    file_errors: Counter,
    tasks: Tasks,
    clock: SharedClock,
    shutdown: Shutdown,
    options: Options,
}

impl Notifications {
    /// Starts the notifiers.
    pub fn start(
        config: &Config,
        sinks: Vec<Arc<dyn AlertSink>>,
        options: &Options,
        registry: &Registry,
        clock: &SharedClock,
        tasks: &Tasks,
        shutdown: &Shutdown,
    ) -> Arc<Self> {
        let capacity = "prometheus_notifications_queue_capacity";
        registry.gauge(capacity, "Alerts that may wait for one notifier.", &[]).set(options.queued_alerts_max as f64);
        let gauge = "prometheus_notifications_alertmanagers_discovered";
        let mut this = Self {
            stamp: RwLock::new(stamp(config)),
            local: Vec::new(),
            remote: RwLock::default(),
            discoveries: Mutex::new(discoveries(config)),
            discovered: registry.gauge(gauge, "Alertmanagers that are told.", &[]),
            file_errors: registry.counter(
                "lgtm_rules_target_file_errors_total",
                "Files that name Alertmanagers and could not be used.",
                &[],
            ),
            registry: registry.clone(),
            tasks: tasks.clone(),
            clock: Arc::clone(clock),
            shutdown: shutdown.clone(),
            options: options.clone(),
        };
        for (number, sink) in sinks.into_iter().enumerate() {
            let name = if number == 0 { "lgtm".to_owned() } else { format!("lgtm-{number}") };
            this.local.push(this.target(name, sink, Way::local()));
        }
        let this = Arc::new(this);
        this.refresh();
        tasks.spawn(Arc::clone(&this).watch());
        this
    }

    /// Takes over another config. Alertmanagers that stay keep their queues.
    pub fn apply(&self, config: &Config) {
        *self.stamp.write() = stamp(config);
        *self.discoveries.lock() = discoveries(config);
        self.refresh();
    }

    /// Hands alerts to every notifier; does not wait.
    pub fn send(&self, alerts: Vec<Alert>) {
        let stamp = self.stamp.read();
        let stamped: Vec<Alert> = alerts
            .into_iter()
            .filter_map(|mut alert| {
                alert.labels = labelled(&alert.labels, &stamp.external_labels, &stamp.relabel)?;
                Some(alert)
            })
            .collect();
        for target in self.local.iter().chain(self.remote.read().iter()) {
            let own = stamped.iter().filter_map(|alert| {
                let labels = labelled(&alert.labels, &Labels::empty(), &target.relabel)?;
                Some(Alert { labels, ..alert.clone() })
            });
            target.push(own.collect());
        }
    }

    /// The URLs of the Alertmanagers that are told.
    pub fn urls(&self) -> Vec<String> {
        self.remote.read().iter().map(|target| target.name.clone()).collect()
    }

    fn target(&self, name: String, sink: Arc<dyn AlertSink>, way: Way) -> Arc<Target> {
        let target = Arc::new(Target {
            counters: Counters::new(&self.registry, &name),
            name,
            sink,
            relabel: way.relabel,
            http: way.http,
            timeout: way.timeout,
            queue: Mutex::new(VecDeque::new()),
            wake: Notify::new(),
            gone: Notify::new(),
            queued_max: self.options.queued_alerts_max,
            batch_max: self.options.batch_alerts_max,
        });
        self.tasks.spawn(Arc::clone(&target).run(Arc::clone(&self.clock), self.shutdown.clone()));
        target
    }

    async fn watch(self: Arc<Self>) {
        loop {
            tokio::select! {
                () = self.shutdown.requested() => return,
                () = self.clock.sleep(FILE_CHECK_INTERVAL) => {}
            }
            if self.discoveries.lock().iter().any(|discovery| !discovery.config.files.is_empty()) {
                let this = Arc::clone(&self);
                // Files may lie on a slow disk.
                let _ended = tokio::task::spawn_blocking(move || this.refresh()).await;
            }
        }
    }

    /// Brings the notifiers in step with config and files.
    fn refresh(&self) {
        let mut wanted: Vec<(String, Alertmanager)> = Vec::new();
        for discovery in self.discoveries.lock().iter_mut() {
            let config = &discovery.config;
            discovery.files.refresh(&config.files, &self.file_errors);
            for group in config.groups.iter().chain(discovery.files.groups()) {
                for address in &group.addresses {
                    match config.url(group, address) {
                        Ok(Some(url)) if !wanted.iter().any(|(known, _)| *known == url) => {
                            wanted.push((url, config.clone()));
                        }
                        Ok(_) => {}
                        Err(error) => tracing::error!(address, "Alertmanager is left out: {error}"),
                    }
                }
            }
        }
        let mut remote = self.remote.write();
        let before = std::mem::take(&mut *remote);
        for (url, config) in wanted {
            let timeout = Duration::from_millis(config.timeout_ms.unsigned_abs());
            let same = |target: &&Arc<Target>| {
                target.name == url
                    && (target.timeout, &target.http) == (timeout, &config.http)
                    && same_rules(&target.relabel, &config.alert_relabel)
            };
            if let Some(known) = before.iter().find(same) {
                remote.push(Arc::clone(known));
                continue;
            }
            match Remote::new(url.clone(), &config.http) {
                Ok(sink) => {
                    let way = Way { relabel: config.alert_relabel, http: config.http, timeout };
                    remote.push(self.target(url, Arc::new(sink), way));
                }
                Err(error) => tracing::error!(url, "Alertmanager cannot be told: {error}"),
            }
        }
        for target in before.iter().filter(|old| !remote.iter().any(|new| Arc::ptr_eq(old, new))) {
            target.gone.notify_one();
        }
        self.discovered.set(remote.len() as f64);
    }
}

fn stamp(config: &Config) -> Stamp {
    Stamp { external_labels: config.external_labels.clone(), relabel: config.alert_relabel.clone() }
}

fn discoveries(config: &Config) -> Vec<Discovery> {
    let all = config.alertmanagers.iter();
    all.map(|config| Discovery { config: config.clone(), files: FileGroups::default() }).collect()
}
