//! `lgtm server`: all components in one process. Start order follows health, stop order is the reverse and drains.

use crate::cellar::Cellar;
use crate::cli::ComponentOptions;
use crate::config::Config;
use crate::endpoints::Endpoints;
use crate::error::RunError;
use crate::judgement::{Judgement, LocalProbes, Reloader, Start};
use crate::listeners::{Bound, Listeners, Ports};
use crate::loaded::{Loaded, Places};
use crate::provision::built_in;
use crate::routes::{Routes, Sources};
use crate::stop;
use crate::targets::ScrapeTargets;
use lgtm_access::Listen;
use lgtm_receive::{Intake, ListenAddress};
use lgtm_runtime::{Shutdown, ShutdownTrigger, Tasks};
use lgtm_slo::Scale;
use lgtm_store::StoreDeps;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
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
    judging_stop: ShutdownTrigger,
    cellar_stop: ShutdownTrigger,
    listeners: Tasks,
    cellar_tasks: Tasks,
    receive: lgtm_receive::Handle,
    scrape: lgtm_scrape::Handle,
    judgement: Judgement,
    reloader: Reloader,
    rules: PathBuf,
}

/// What a server is started with.
pub struct Plan {
    /// Its settings.
    pub config: Config,
    /// Where it keeps everything.
    pub data: PathBuf,
    /// Where it listens.
    pub ports: Ports,
    /// Where its files are.
    pub places: Places,
    /// How many times shorter than declared the windows of objectives are.
    pub scale: Scale,
}

impl Plan {
    /// The plan that flags and settings make; `scale` is used where the settings say none.
    pub fn new(options: &ComponentOptions, scale: u32) -> Result<Self, RunError> {
        let config = Config::of(options)?;
        let ports = config.listen.map_or_else(Ports::of_the_ecosystem, Ports::beside);
        let data = config.data_folder()?;
        let places = Places::new(&config, &data)?;
        let scale = config.slo_scale.or(Scale::new(scale)).unwrap_or_default();
        Ok(Self { data, ports, places, scale, config })
    }
}

impl Server {
    /// Opens what is kept, then the doors, then judges, then starts collecting.
    pub async fn start(plan: Plan, deps: StoreDeps) -> Result<Self, RunError> {
        let token = plan.config.token()?;
        // Doors and files are checked before the cellar is opened, so that a mistake in them costs no recovery.
        lgtm_access::check(&ui_listen(plan.ports.ui), token.as_ref())?;
        let loaded = Loaded::read(&plan.places, plan.scale)?;
        let (cellar_stop, cellar_shutdown) = ShutdownTrigger::new();
        let (judging_stop, judging_shutdown) = ShutdownTrigger::new();
        let (doors, shutdown) = ShutdownTrigger::new();
        let listeners = Tasks::default();
        let serving = Listeners { tasks: listeners.clone(), shutdown: shutdown.clone(), token };
        let open = Doors::bind(&serving, &plan.ports).await?;
        let cellar_tasks = Tasks::default();
        let cellar = Cellar::open(&plan.data, &plan.config, &deps, &cellar_tasks, &cellar_shutdown).await?;

        let (receive, intake) = start_receive(&plan.ports, &cellar, &deps, shutdown.clone()).await?;
        let scrape_jobs = loaded.scrape.clone();
        let judging = Start {
            cellar: &cellar,
            data: &plan.data,
            loaded,
            external_url: plan.config.external_url.clone().unwrap_or_else(|| format!("http://{}", open.ui.address)),
            scale: plan.scale,
            pushgateway_admin: plan.config.pushgateway_admin,
            deps: &deps,
        };
        let judgement = Judgement::start(judging, &judging_shutdown).await?;
        let scrape_deps = lgtm_scrape::Deps {
            sink: Arc::clone(&cellar.metrics) as _,
            clock: Arc::clone(&deps.clock),
            registry: deps.registry.clone(),
            random: deps.random.clone(),
        };
        let local = Arc::new(LocalProbes::new(judgement.probe.clone(), open.blackbox.address));
        let scrape = lgtm_scrape::start_with_local(scrape_jobs, scrape_deps, local, shutdown);
        let rules = plan.places.rules.clone();
        let runbooks = plan.places.runbooks.clone();
        let reloader = Reloader::new(judgement.clone(), scrape.clone(), plan.places);
        let routes = Routes::new(Sources {
            cellar: &cellar,
            judgement: &judgement,
            targets: Arc::new(ScrapeTargets(scrape.clone())),
            intake,
            reloader: reloader.clone(),
            runbooks,
            clock: &deps.clock,
            registry: &deps.registry,
        });
        let mut endpoints = open.serve(&serving, routes);
        endpoints.add("otlp_grpc", receive.grpc);
        endpoints.add("otlp_http", receive.http);
        Ok(Self {
            endpoints,
            deps,
            doors,
            judging_stop,
            cellar_stop,
            listeners,
            cellar_tasks,
            receive,
            scrape,
            judgement,
            reloader,
            rules,
        })
    }

    /// The address of an endpoint without its scheme, as scrape targets are written; empty when there is none.
    pub fn address(&self, endpoint: &str) -> String {
        self.endpoints.get(endpoint).unwrap_or_default().trim_start_matches("http://").to_owned()
    }

    /// Reads the files anew.
    pub fn reloader(&self) -> &Reloader {
        &self.reloader
    }

    /// The folder with the rule files of the content.
    pub fn rules(&self) -> &Path {
        &self.rules
    }

    /// Reads all files anew, with this `prometheus.yml` from now on.
    pub async fn use_prometheus(&self, path: PathBuf) -> Result<(), RunError> {
        self.reloader.use_prometheus(path).await
    }

    /// Stops collecting and answering, then judging, then flushes what is in memory and closes the cellar.
    pub async fn stop(self) {
        self.doors.fire();
        self.scrape.drain(DRAIN_GRACE).await;
        let cut_off = self.receive.drain(&self.deps.clock, DRAIN_GRACE).await
            + self.listeners.drain(&self.deps.clock, DRAIN_GRACE).await;
        if cut_off > 0 {
            tracing::warn!(cut_off, "listeners were cut off after the grace period");
        }
        self.judging_stop.fire();
        let cut_off = self.judgement.drain(DRAIN_GRACE).await;
        if cut_off > 0 {
            tracing::warn!(cut_off, "rules were cut off after the grace period");
        }
        self.cellar_stop.fire();
        self.cellar_tasks.drain(&self.deps.clock, DRAIN_GRACE).await;
        tracing::info!("stopped");
    }
}

async fn start_receive(
    ports: &Ports,
    cellar: &Cellar,
    deps: &StoreDeps,
    shutdown: Shutdown,
) -> Result<(lgtm_receive::Handle, Intake), RunError> {
    let receive_deps =
        lgtm_receive::Deps { sinks: cellar.sinks(), clock: Arc::clone(&deps.clock), registry: deps.registry.clone() };
    let config = receive_config(ports);
    let intake = Intake::new(&config, receive_deps.clone());
    Ok((lgtm_receive::start(config, receive_deps, shutdown).await?, intake))
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

/// The listeners of a server, bound.
struct Doors {
    ui: Bound,
    prometheus: Bound,
    loki: Bound,
    tempo: Bound,
    alertmanager: Bound,
    pushgateway: Bound,
    blackbox: Bound,
}

impl Doors {
    async fn bind(serving: &Listeners, ports: &Ports) -> Result<Self, RunError> {
        let flag = "--listen (which moves every other listener to a free port)";
        let bind = |what, address| serving.bind(Listen { what, address, flag });
        Ok(Self {
            ui: serving.bind(ui_listen(ports.ui)).await?,
            prometheus: bind("Prometheus' API", ports.prometheus).await?,
            loki: bind("Loki's API", ports.loki).await?,
            tempo: bind("Tempo's API", ports.tempo).await?,
            alertmanager: bind("Alertmanager's API", ports.alertmanager).await?,
            pushgateway: bind("Pushgateway's API", ports.pushgateway).await?,
            blackbox: bind("the probes", ports.blackbox).await?,
        })
    }

    fn serve(self, serving: &Listeners, routes: Routes) -> Endpoints {
        let mut endpoints = Endpoints::default();
        let doors = [
            ("ui", self.ui, routes.ui),
            ("prometheus", self.prometheus, routes.prometheus),
            ("loki", self.loki, routes.loki),
            ("tempo", self.tempo, routes.tempo),
            ("alertmanager", self.alertmanager, routes.alertmanager),
            ("pushgateway", self.pushgateway, routes.pushgateway),
            ("blackbox", self.blackbox, routes.blackbox),
        ];
        for (name, bound, router) in doors {
            endpoints.add(name, bound.address);
            serving.serve(bound, router);
        }
        endpoints
    }
}

/// Runs a server until it is told to stop.
pub async fn run(options: ComponentOptions) -> Result<(), RunError> {
    let plan = Plan::new(&options, 1)?;
    let (data, writes_own_file) = (plan.data.clone(), plan.places.prometheus.is_none());
    let server = Server::start(plan, StoreDeps::of_this_machine()).await?;
    if writes_own_file {
        server.use_prometheus(write_prometheus_yml(&data, &server)?).await?;
    }
    server.endpoints.write(&data)?;
    announce(&server.endpoints);
    let (trigger, shutdown) = ShutdownTrigger::new();
    tokio::join!(stop::wait(&trigger), reload_on_signal(server.reloader.clone(), shutdown));
    server.stop().await;
    Ok(())
}

/// What a server scrapes that was given no `prometheus.yml`: the built-in one, with the addresses that it took.
fn write_prometheus_yml(data: &Path, server: &Server) -> Result<PathBuf, RunError> {
    let text = built_in("prometheus.yml").unwrap_or_default();
    let text = text.replace("127.0.0.1:3000", &server.address("ui"));
    let text = text.replace("127.0.0.1:9091", &server.address("pushgateway"));
    let text = text.replace("rules/*.yml", &server.rules().join("*.yml").display().to_string());
    let path = data.join("prometheus.yml");
    std::fs::write(&path, text).map_err(|source| RunError::Write { path: path.clone(), source })?;
    Ok(path)
}

/// Tells whoever waits on standard output that everything answers.
pub fn announce(endpoints: &Endpoints) {
    println!("ready {}", endpoints.get("ui").unwrap_or_default());
}

/// SIGHUP reads all files anew.
pub async fn reload_on_signal(reloader: Reloader, shutdown: Shutdown) {
    use tokio::signal::unix::{SignalKind, signal};
    let Ok(mut signals) = signal(SignalKind::hangup()) else { return };
    loop {
        tokio::select! {
            () = shutdown.requested() => return,
            _received = signals.recv() => {}
        }
        if let Err(error) = reloader.reload().await {
            tracing::error!("nothing was changed: {error}");
        }
    }
}
