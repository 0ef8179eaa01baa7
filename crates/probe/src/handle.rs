//! Probing as a component: started once, asked by many, reloaded while it runs.

use crate::config::{Config, Kind, Limits, Module};
use crate::history::{History, PastProbe};
use crate::log::Log;
use crate::metric::Sheet;
use crate::outcome::Outcome;
use crate::request::{ProbeError, ProbeRequest};
use crate::run::{Deadline, Run};
use crate::tls::SystemRoots;
use crate::{dns, grpc, http, icmp, tcp, unix, websocket};
use lgtm_runtime::metrics::{Counter, Gauge, Registry};
use lgtm_runtime::{Random, SharedClock, Shutdown};
use lgtm_settings::{Problems, Reading};
use parking_lot::{Mutex, RwLock};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Semaphore;

/// What probing works with.
#[derive(Clone)]
pub struct Deps {
    /// The time.
    pub clock: SharedClock,
    /// Where probing counts what it does.
    pub registry: Registry,
    /// Chooses identifiers that no one can guess.
    pub random: Random,
}

/// Makes one probe at a time for whoever asks; keeps no module and no history.
#[derive(Clone)]
pub struct Prober {
    clock: SharedClock,
    random: Random,
    roots: Arc<SystemRoots>,
}

impl Prober {
    /// A prober on its own.
    pub fn new(clock: SharedClock, random: Random) -> Self {
        Self { clock, random, roots: Arc::default() }
    }

    /// Makes the probe that a config's module describes. Dropping the future ends it.
    pub async fn probe(&self, config: &Config, request: &ProbeRequest) -> Result<Outcome, ProbeError> {
        let module = find(config, request)?;
        Ok(self.run(&module, request, request.timeout(&module, &config.limits)).await)
    }

    async fn run(&self, module: &Module, request: &ProbeRequest, timeout: Duration) -> Outcome {
        let mut run = Run {
            target: request.target.clone(),
            hostname: request.hostname.clone(),
            clock: Arc::clone(&self.clock),
            random: self.random.clone(),
            roots: Arc::clone(&self.roots),
            sheet: Sheet::default(),
            log: Log::new(Arc::clone(&self.clock), &request.module, &request.target),
            deadline: Deadline::after(Arc::clone(&self.clock), timeout),
        };
        run.log
            .note("Beginning the probe", &[("prober", &module.prober()), ("timeout_seconds", &timeout.as_secs_f64())]);
        let start = run.now();
        let success = match &module.kind {
            Kind::Http(probe) => http::probe(&mut run, probe).await,
            Kind::Tcp(probe) => tcp::probe(&mut run, probe).await,
            Kind::Icmp(probe) => icmp::probe(&mut run, probe).await,
            Kind::Dns(probe) => dns::probe(&mut run, probe).await,
            Kind::Grpc(probe) => grpc::probe(&mut run, probe).await,
            Kind::Unix(probe) => unix::probe(&mut run, probe).await,
            Kind::Websocket(probe) => websocket::probe(&mut run, probe).await,
        };
        let duration = run.now().saturating_sub(start);
        run.log.note(
            if success { "The probe succeeded" } else { "The probe failed" },
            &[("duration_seconds", &duration.as_secs_f64())],
        );
        run.sheet.set("probe_success", f64::from(u8::from(success)));
        run.sheet.set("probe_duration_seconds", duration.as_secs_f64());
        run.sheet.set("probe_timeout_seconds", timeout.as_secs_f64());
        Outcome {
            module: request.module.clone(),
            target: request.target.clone(),
            success,
            reason: run.log.reason().filter(|_| !success),
            duration,
            timeout,
            families: run.sheet.families(),
            log: run.log.text(),
            module_yaml: module.describe(),
        }
    }
}

/// The module of a request that makes sense.
fn find(config: &Config, request: &ProbeRequest) -> Result<Arc<Module>, ProbeError> {
    let module = config.modules.get(&request.module).cloned();
    let module = module.ok_or_else(|| ProbeError::UnknownModule(request.module.clone()))?;
    if request.target.is_empty() {
        return Err(ProbeError::NoTarget);
    }
    if let (Kind::Http(probe), false) = (&module.kind, request.hostname.is_empty()) {
        let host = probe.headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("host"));
        if let Some((_, host)) = host.filter(|(_, host)| *host != request.hostname) {
            return Err(ProbeError::TwoHosts { module: host.clone(), request: request.hostname.clone() });
        }
    }
    Ok(module)
}

#[derive(Clone)]
struct Metrics {
    succeeded: Counter,
    failed: Counter,
    refused: Counter,
    unknown_modules: Counter,
    running: Gauge,
    reload_successful: Gauge,
    reload_time: Gauge,
}

impl Metrics {
    fn new(registry: &Registry) -> Self {
        let probes = |result| {
            registry.counter("lgtm_probe_probes_total", "Probes that were made, by result.", &[("result", result)])
        };
        let reloaded = "Whether the last blackbox.yml that was read could be used.";
        let time = "When a blackbox.yml was taken over last, in seconds since 1970.";
        Self {
            succeeded: probes("success"),
            failed: probes("failure"),
            refused: registry.counter("lgtm_probe_refused_total", "Probes not made: too many at once.", &[]),
            unknown_modules: registry.counter(
                "blackbox_module_unknown_total",
                "Count of unknown modules requested by probes",
                &[],
            ),
            running: registry.gauge("lgtm_probe_running", "Probes under way.", &[]),
            reload_successful: registry.gauge("blackbox_exporter_config_last_reload_successful", reloaded, &[]),
            reload_time: registry.gauge("blackbox_exporter_config_last_reload_success_timestamp_seconds", time, &[]),
        }
    }
}

/// The probing component. Cheap to clone.
#[derive(Clone)]
pub struct Handle {
    config: Arc<RwLock<Arc<Config>>>,
    history: Arc<Mutex<History>>,
    permits: Arc<Semaphore>,
    prober: Prober,
    metrics: Metrics,
    shutdown: Shutdown,
    limits: Limits,
}

/// Starts probing. Nothing runs in the background: a probe is made while someone waits for it, and ends with the shutdown.
pub fn start(config: Config, deps: Deps, shutdown: Shutdown) -> Handle {
    let limits = config.limits;
    let handle = Handle {
        config: Arc::new(RwLock::new(Arc::new(Config::default()))),
        history: Arc::default(),
        permits: Arc::new(Semaphore::new(limits.concurrent_max.clamp(1, Semaphore::MAX_PERMITS))),
        metrics: Metrics::new(&deps.registry),
        prober: Prober::new(deps.clock, deps.random),
        shutdown,
        limits,
    };
    handle.reload(config);
    handle
}

/// Lowers a gauge when its probe is over or given up.
struct Running<'a>(&'a Gauge);

impl Drop for Running<'_> {
    fn drop(&mut self) {
        self.0.add(-1.0);
    }
}

impl Handle {
    /// Makes a probe, notes it in the history, and gives its outcome. Dropping the future ends the probe.
    pub async fn probe(&self, request: &ProbeRequest) -> Result<Outcome, ProbeError> {
        let config = self.config();
        let module = find(&config, request).inspect_err(|error| {
            if matches!(error, ProbeError::UnknownModule(_)) {
                self.metrics.unknown_modules.increment();
            }
        })?;
        let timeout = request.timeout(&module, &self.limits);
        let deadline = Deadline::after(Arc::clone(&self.prober.clock), timeout);
        let Ok(Ok(_permit)) = deadline.cap(self.permits.acquire()).await else {
            self.metrics.refused.increment();
            return Err(ProbeError::Busy(self.limits.concurrent_max));
        };
        self.metrics.running.add(1.0);
        let _running = Running(&self.metrics.running);
        let outcome = tokio::select! {
            outcome = self.prober.run(&module, request, timeout) => outcome,
            () = self.shutdown.requested() => return Err(ProbeError::Stopping),
        };
        if outcome.success { &self.metrics.succeeded } else { &self.metrics.failed }.increment();
        let (max, debug) = (self.limits.history_max, outcome.debug());
        self.history.lock().add(&request.module, &request.target, outcome.success, debug, max);
        Ok(outcome)
    }

    /// The same for the scraper in this process: parameters of `/probe` in, exposition text out.
    pub async fn scrape(&self, params: &[(String, String)], timeout: Duration) -> Result<String, ProbeError> {
        let params = params.iter().map(|(name, value)| (name, value));
        let mut request = ProbeRequest::from_params(params, None)?;
        request.scrape_timeout_seconds = Some(timeout.as_secs_f64());
        self.probe(&request).await.map(|outcome| outcome.exposition())
    }

    /// Takes over a config that was read. The bounds stay those of the start.
    pub fn reload(&self, config: Config) {
        *self.config.write() = Arc::new(config);
        self.metrics.reload_successful.set(1.0);
        self.metrics.reload_time.set(self.prober.clock.now_ms().0 as f64 / 1000.0);
    }

    /// Reads a file and takes it over; on problems, which are given back, the running config stays. Gives the warnings.
    pub fn reload_file(&self, path: &Path) -> Result<Problems, Problems> {
        match Config::read_file(path) {
            Ok(reading) => {
                self.reload(reading.value);
                Ok(reading.warnings)
            }
            Err(problems) => {
                self.metrics.reload_successful.set(0.0);
                Err(problems)
            }
        }
    }

    /// The config at work.
    pub fn config(&self) -> Arc<Config> {
        Arc::clone(&self.config.read())
    }

    /// Recent probes, the oldest first.
    pub fn history(&self) -> Vec<Arc<PastProbe>> {
        self.history.lock().all()
    }

    /// A recent probe by its number.
    pub fn past_by_id(&self, id: u64) -> Option<Arc<PastProbe>> {
        self.history.lock().by_id(id)
    }

    /// The newest probe of a target, perhaps by one module.
    pub fn past_by_target(&self, target: &str, module: Option<&str>) -> Option<Arc<PastProbe>> {
        self.history.lock().by_target(target, module)
    }
}

/// `lgtm check blackbox FILE`: one line a module and the warnings, or all problems.
pub fn check_file(path: &Path) -> Result<Reading<String>, Problems> {
    let reading = Config::read_file(path)?;
    let modules = &reading.value.modules;
    let mut text = format!("{} modules\n", modules.len());
    for (name, module) in modules {
        let timeout =
            module.timeout.map_or("the scraper's".to_owned(), |timeout| format!("{} s", timeout.as_secs_f64()));
        text.push_str(&format!("  {name}: {}, timeout {timeout}\n", module.prober()));
    }
    Ok(Reading { value: text, warnings: reading.warnings })
}
