//! Judgement and what it stands on, started in the order of need: probes, pushes, the notifier, rules and objectives.

use crate::cellar::Cellar;
use crate::error::RunError;
use crate::loaded::{Loaded, Places};
use async_trait::async_trait;
use lgtm_flow::{AlertSink, SampleSink};
use lgtm_notify::receivers::{Collaborators, integrations};
use lgtm_promql::{Engine, EngineOptions};
use lgtm_receive::pushgateway;
use lgtm_runtime::Shutdown;
use lgtm_slo::{Scale, Slo};
use lgtm_state::SqliteState;
use lgtm_store::StoreDeps;
use parking_lot::{Mutex, RwLock};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// Rules come in before anything is told, so that what inhibits is known.
const NOTIFY_DELAY: Duration = Duration::from_secs(5);

/// Everything that judges, running.
#[derive(Clone)]
pub struct Judgement {
    /// Probes.
    pub probe: lgtm_probe::Handle,
    /// Pushes.
    pub gateway: pushgateway::Gateway,
    /// The notifier.
    pub notify: lgtm_notify::Handle,
    /// Rules, those of objectives among them.
    pub rules: lgtm_rules::Handle,
    /// Objectives in force.
    pub slos: Arc<RwLock<Arc<[Slo]>>>,
    /// By how much their windows are shortened.
    pub scale: Scale,
}

/// What it is started with.
pub struct Start<'s> {
    /// What is kept.
    pub cellar: &'s Cellar,
    /// Where everything is kept.
    pub data: &'s Path,
    /// What the files say.
    pub loaded: Loaded,
    /// Where people reach the web app.
    pub external_url: String,
    /// By how much the windows of objectives are shortened.
    pub scale: Scale,
    /// Whether the Pushgateway may be wiped.
    pub pushgateway_admin: bool,
    /// Clock, chance, metrics.
    pub deps: &'s StoreDeps,
}

impl Judgement {
    /// Starts everything but scraping.
    pub async fn start(start: Start<'_>, shutdown: &Shutdown) -> Result<Self, RunError> {
        let Start { cellar, data, loaded, external_url, scale, pushgateway_admin, deps } = start;
        let probe_deps = lgtm_probe::Deps {
            clock: deps.clock.clone(),
            registry: deps.registry.clone(),
            random: deps.random.clone(),
        };
        let probe = lgtm_probe::start(loaded.probe, probe_deps, shutdown.clone());
        let gateway_config =
            pushgateway::Config { admin_api: pushgateway_admin, ..pushgateway::Config::in_folder(data) };
        let gateway_deps = pushgateway::Deps { clock: deps.clock.clone(), registry: deps.registry.clone() };
        let gateway = pushgateway::Gateway::open(gateway_config, gateway_deps)?;
        let notify = start_notifier(data, loaded.notify, loaded.notify_text, &external_url, deps, shutdown).await?;
        let rules_deps = lgtm_rules::Deps {
            engine: Engine::new(EngineOptions::default()),
            source: Arc::clone(&cellar.metrics) as _,
            logs: Arc::clone(&cellar.logs) as _,
            samples: Arc::clone(&cellar.metrics) as Arc<dyn SampleSink>,
            alerts: vec![Arc::new(notify.clone()) as Arc<dyn AlertSink>],
            clock: deps.clock.clone(),
            registry: deps.registry.clone(),
            external_url,
            options: lgtm_rules::Options::default(),
        };
        let rules = lgtm_rules::start(loaded.rules, rules_deps, shutdown.clone()).await;
        rules.add_groups("slo", loaded.slo_groups).await;
        Ok(Self { probe, gateway, notify, rules, slos: Arc::new(RwLock::new(loaded.slos)), scale })
    }

    /// Which alerts there are, each with the link to its runbook.
    pub fn runbook_links(&self) -> Vec<(String, String)> {
        let mut links = Vec::new();
        for group in self.rules.groups() {
            for rule in &group.rules {
                if let Some(link) = rule.rule.written_annotations().get("runbook_url") {
                    links.push((rule.rule.name.clone(), link.to_owned()));
                }
            }
        }
        links
    }

    /// Waits for the end after the shutdown was requested: rules first, then what they told. Returns how many groups of
    /// rules were cut off.
    pub async fn drain(&self, grace: Duration) -> usize {
        let cut_off = self.rules.drain(grace).await;
        self.notify.drain().await;
        cut_off
    }
}

async fn start_notifier(
    data: &Path,
    config: lgtm_notify::Config,
    text: String,
    external_url: &str,
    deps: &StoreDeps,
    shutdown: &Shutdown,
) -> Result<lgtm_notify::Handle, RunError> {
    let path = data.join("state.sqlite");
    let state = SqliteState::open(&path)?;
    if let Some(aside) = state.set_aside() {
        tracing::error!(kept = %aside.display(), "the state was damaged and is set aside; silences in it are lost");
    }
    let notify_deps = lgtm_notify::Deps {
        state: Arc::new(state),
        clock: deps.clock.clone(),
        registry: deps.registry.clone(),
        random: deps.random.clone(),
        integrations: integrations(Collaborators {
            external_url: external_url.to_owned(),
            clock: deps.clock.clone(),
            random: deps.random.clone(),
        }),
        name: "lgtm".to_owned(),
        start_delay: NOTIFY_DELAY,
    };
    Ok(lgtm_notify::start(config, text, notify_deps, shutdown.clone()).await?)
}

/// Probes as targets that need no hop over HTTP.
pub struct LocalProbes {
    probe: lgtm_probe::Handle,
    listener: SocketAddr,
}

impl LocalProbes {
    /// Answers for the reserved name, and for the address that probes listen on.
    pub fn new(probe: lgtm_probe::Handle, listener: SocketAddr) -> Self {
        Self { probe, listener }
    }
}

#[async_trait]
impl lgtm_scrape::LocalTarget for LocalProbes {
    fn claims(&self, address: &str, path: &str) -> bool {
        lgtm_probe::claims(address, path, Some(self.listener))
    }

    async fn answer(&self, params: &[(String, String)], timeout: Duration) -> Result<String, String> {
        self.probe.scrape(params, timeout).await.map_err(|error| error.to_string())
    }
}

/// Reads the files anew for what runs.
#[derive(Clone)]
pub struct Reloader {
    judgement: Judgement,
    scrape: lgtm_scrape::Handle,
    places: Arc<Mutex<Places>>,
}

impl Reloader {
    /// For these components and files.
    pub fn new(judgement: Judgement, scrape: lgtm_scrape::Handle, places: Places) -> Self {
        Self { judgement, scrape, places: Arc::new(Mutex::new(places)) }
    }

    /// Takes another `prometheus.yml` from now on.
    pub async fn use_prometheus(&self, path: PathBuf) -> Result<(), RunError> {
        self.places.lock().prometheus = Some(path);
        self.reload().await
    }

    /// Reads all files. When one of them is wrong, everything goes on as it was and the problems are returned.
    pub async fn reload(&self) -> Result<(), RunError> {
        let (places, scale) = (self.places.lock().clone(), self.judgement.scale);
        let read = tokio::task::spawn_blocking(move || Loaded::read(&places, scale)).await;
        let loaded = read.map_err(|error| RunError::Settings(error.to_string())).flatten();
        let loaded = loaded.inspect_err(|_| self.judgement.notify.reload_failed())?;
        self.judgement.notify.reload(loaded.notify, loaded.notify_text)?;
        self.judgement.probe.reload(loaded.probe);
        self.judgement.rules.reload(loaded.rules).await;
        self.judgement.rules.add_groups("slo", loaded.slo_groups).await;
        *self.judgement.slos.write() = loaded.slos;
        self.scrape.reload(loaded.scrape);
        tracing::info!("settings, rules, objectives and probes were read anew");
        Ok(())
    }
}
