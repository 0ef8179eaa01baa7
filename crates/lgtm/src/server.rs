//! `lgtm server`: all components in one process. Start order follows health, stop order is the reverse and drains.

use crate::cellar::Cellar;
use crate::cli::ComponentOptions;
use crate::config::{self, Config};
use crate::endpoints::Endpoints;
use crate::error::RunError;
use crate::listeners::{Listeners, Ports};
use crate::routes::Routes;
use crate::stop;
use crate::targets::ScrapeTargets;
use lgtm_access::Listen;
use lgtm_receive::{Intake, ListenAddress};
use lgtm_runtime::{Shutdown, ShutdownTrigger, Tasks};
use lgtm_store::StoreDeps;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// How long requests under way may take to end.
const DRAIN_GRACE: Duration = Duration::from_secs(10);

/// A running server.
pub struct Server {
    /// Where it answers.
    pub endpoints: Endpoints,
    deps: StoreDeps,
    doors: ShutdownTrigger,
    cellar_stop: ShutdownTrigger,
    listeners: Tasks,
    cellar_tasks: Tasks,
    receive: lgtm_receive::Handle,
    scrape: lgtm_scrape::Handle,
}

/// What a server is started with.
pub struct Plan {
    /// Its settings.
    pub config: Config,
    /// Where it keeps everything.
    pub data: PathBuf,
    /// Where it listens.
    pub ports: Ports,
    /// What it scrapes.
    pub scrape: lgtm_scrape::Config,
}

impl Plan {
    /// The plan that flags and settings make.
    pub fn new(options: &ComponentOptions) -> Result<Self, RunError> {
        let config = Config::of(options)?;
        let ports = config.listen.map_or_else(Ports::of_the_ecosystem, Ports::beside);
        let scrape = match &config.prometheus {
            Some(path) => config::scrape(path)?,
            None => lgtm_scrape::Config::default(),
        };
        Ok(Self { data: config.data_folder()?, ports, scrape, config })
    }
}

impl Server {
    /// Opens what is kept, then the doors, then starts collecting.
    pub async fn start(plan: Plan, deps: StoreDeps) -> Result<Self, RunError> {
        let token = plan.config.token()?;
        // The doors are checked before the cellar is opened, so that a wrong address costs no recovery.
        lgtm_access::check(&ui_listen(plan.ports.ui), token.as_ref())?;
        let (cellar_stop, cellar_shutdown) = ShutdownTrigger::new();
        let (doors, shutdown) = ShutdownTrigger::new();
        let cellar_tasks = Tasks::default();
        let cellar = Cellar::open(&plan.data, &plan.config, &deps, &cellar_tasks, &cellar_shutdown).await?;

        let receive_deps = lgtm_receive::Deps {
            sinks: cellar.sinks(),
            clock: Arc::clone(&deps.clock),
            registry: deps.registry.clone(),
        };
        let receive_config = receive_config(&plan.ports);
        let intake = Intake::new(&receive_config, receive_deps.clone());
        let receive = lgtm_receive::start(receive_config, receive_deps, shutdown.clone()).await?;
        let scrape_deps = lgtm_scrape::Deps {
            sink: Arc::clone(&cellar.metrics) as _,
            clock: Arc::clone(&deps.clock),
            registry: deps.registry.clone(),
            random: deps.random.clone(),
        };
        let scrape = lgtm_scrape::start(plan.scrape, scrape_deps, shutdown.clone());
        let targets = Arc::new(ScrapeTargets(scrape.clone()));
        let routes = Routes::new(&cellar, targets, intake, &deps.clock, &deps.registry);
        let listeners = Tasks::default();
        let serving = Listeners { tasks: listeners.clone(), shutdown, token };
        let mut endpoints = open_doors(&serving, routes, &plan.ports).await?;
        endpoints.add("otlp_grpc", receive.grpc);
        endpoints.add("otlp_http", receive.http);
        Ok(Self { endpoints, deps, doors, cellar_stop, listeners, cellar_tasks, receive, scrape })
    }

    /// Reads the scrape jobs anew; the running ones stay when the new ones cannot be read.
    pub fn reload(&self, scrape: lgtm_scrape::Config) {
        self.scrape.reload(scrape);
    }

    /// Stops collecting and answering, then flushes what is in memory and closes the cellar.
    pub async fn stop(self) {
        self.doors.fire();
        self.scrape.drain(DRAIN_GRACE).await;
        let cut_off = self.receive.drain(&self.deps.clock, DRAIN_GRACE).await
            + self.listeners.drain(&self.deps.clock, DRAIN_GRACE).await;
        if cut_off > 0 {
            tracing::warn!(cut_off, "listeners were cut off after the grace period");
        }
        self.cellar_stop.fire();
        self.cellar_tasks.drain(&self.deps.clock, DRAIN_GRACE).await;
        tracing::info!("stopped");
    }
}

fn ui_listen(address: SocketAddr) -> Listen {
    Listen { what: "the web app", address, flag: "--listen" }
}

fn receive_config(ports: &Ports) -> lgtm_receive::Config {
    let at = |address, setting: &str| ListenAddress { address, setting: setting.to_owned() };
    lgtm_receive::Config {
        grpc_listen: at(ports.otlp_grpc, "--listen (which moves every other listener to a free port)"),
        http_listen: at(ports.otlp_http, "--listen (which moves every other listener to a free port)"),
        ..lgtm_receive::Config::default()
    }
}

async fn open_doors(serving: &Listeners, routes: Routes, ports: &Ports) -> Result<Endpoints, RunError> {
    let mut endpoints = Endpoints::default();
    let flag = "--listen (which moves every other listener to a free port)";
    endpoints.add("ui", serving.serve(ui_listen(ports.ui), routes.ui).await?);
    let apis = [
        ("prometheus", "Prometheus' API", ports.prometheus, routes.prometheus),
        ("loki", "Loki's API", ports.loki, routes.loki),
        ("tempo", "Tempo's API", ports.tempo, routes.tempo),
    ];
    for (name, what, address, router) in apis {
        endpoints.add(name, serving.serve(Listen { what, address, flag }, router).await?);
    }
    Ok(endpoints)
}

/// Runs a server until it is told to stop.
pub async fn run(options: ComponentOptions) -> Result<(), RunError> {
    let plan = Plan::new(&options)?;
    let (data, prometheus) = (plan.data.clone(), plan.config.prometheus.clone());
    let server = Server::start(plan, StoreDeps::of_this_machine()).await?;
    if prometheus.is_none() {
        let own = server.endpoints.get("ui").unwrap_or_default().trim_start_matches("http://");
        server.reload(config::scrape_itself(own)?);
    }
    server.endpoints.write(&data)?;
    announce(&server.endpoints);
    let (trigger, shutdown) = ShutdownTrigger::new();
    tokio::join!(stop::wait(&trigger), reload_on_signal(&server, prometheus, shutdown));
    server.stop().await;
    Ok(())
}

/// Tells whoever waits on standard output that everything answers.
pub fn announce(endpoints: &Endpoints) {
    println!("ready {}", endpoints.get("ui").unwrap_or_default());
}

/// SIGHUP reads the scrape jobs anew.
async fn reload_on_signal(server: &Server, prometheus: Option<PathBuf>, shutdown: Shutdown) {
    use tokio::signal::unix::{SignalKind, signal};
    let Ok(mut signals) = signal(SignalKind::hangup()) else { return };
    loop {
        tokio::select! {
            () = shutdown.requested() => return,
            _received = signals.recv() => {}
        }
        match prometheus.as_deref().map(config::scrape).transpose() {
            Ok(Some(scrape)) => server.reload(scrape),
            Ok(None) => tracing::info!("there is no prometheus.yml to reload"),
            Err(error) => tracing::error!("the running scrape jobs are kept: {error}"),
        }
    }
}
