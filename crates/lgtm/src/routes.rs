//! Which API answers where: each on its own port without a prefix, and all of them on the web app's port under one.

use crate::cellar::Cellar;
use crate::judgement::{Judgement, Reloader};
use axum::Router;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use axum::routing::{get, post};
use lgtm_api::backtest::BacktestDeps;
use lgtm_api::loki::LokiDeps;
use lgtm_api::prometheus::{PrometheusDeps, PrometheusLimits, TargetsSource, rules_router};
use lgtm_api::runbooks::RunbookDeps;
use lgtm_api::slo::SloDeps;
use lgtm_api::tempo::TempoDeps;
use lgtm_promql::{Engine, EngineOptions};
use lgtm_receive::Intake;
use lgtm_rules::backtest::BacktestSources;
use lgtm_runtime::SharedClock;
use lgtm_runtime::metrics::Registry;
use lgtm_wire::exposition::{CONTENT_TYPE_TEXT, write_families};
use std::path::PathBuf;
use std::sync::Arc;

/// The routers of a server's listeners.
pub struct Routes {
    /// The web app, and every API under its prefix.
    pub ui: Router,
    /// Prometheus' API.
    pub prometheus: Router,
    /// Loki's API.
    pub loki: Router,
    /// Tempo's API.
    pub tempo: Router,
    /// Alertmanager's API.
    pub alertmanager: Router,
    /// Pushgateway's API.
    pub pushgateway: Router,
    /// Probes.
    pub blackbox: Router,
}

/// What the routes answer from.
pub struct Sources<'s> {
    /// The signals.
    pub cellar: &'s Cellar,
    /// Rules, notifier, probes, pushes, objectives.
    pub judgement: &'s Judgement,
    /// What is scraped.
    pub targets: Arc<dyn TargetsSource>,
    /// OTLP.
    pub intake: Intake,
    /// Reads the files anew.
    pub reloader: Reloader,
    /// The folder of runbooks.
    pub runbooks: PathBuf,
    /// The time.
    pub clock: &'s SharedClock,
    /// The program's own metrics.
    pub registry: &'s Registry,
}

impl Routes {
    /// Builds them over what runs.
    pub fn new(sources: Sources<'_>) -> Self {
        let own = own_routes(sources.registry).merge(reload_route(sources.reloader.clone()));
        let judged = judgement_routes(&sources);
        let Sources { cellar, judgement, targets, intake, clock, .. } = sources;
        let prometheus = lgtm_api::prometheus::router(PrometheusDeps {
            source: Arc::clone(&cellar.metrics) as _,
            engine: Engine::new(EngineOptions::default()),
            clock: Arc::clone(clock),
            targets,
            limits: PrometheusLimits::default(),
        })
        .merge(rules_router(Arc::new(judgement.rules.clone())));
        let loki = lgtm_api::loki::router(LokiDeps { source: Arc::clone(&cellar.logs) as _, clock: Arc::clone(clock) });
        let tempo =
            lgtm_api::tempo::router(TempoDeps { source: Arc::clone(&cellar.traces) as _, clock: Arc::clone(clock) });
        let alertmanager = lgtm_api::alertmanager::router(judgement.notify.clone());
        let pushgateway = lgtm_receive::pushgateway::router(&judgement.gateway);
        let blackbox = lgtm_api::blackbox::router(judgement.probe.clone());
        let ui = Router::new()
            .nest("/prometheus", prometheus.clone())
            // Loki's paths begin with /loki already.
            .merge(loki.clone())
            .nest("/tempo", tempo.clone())
            .nest("/alertmanager", alertmanager.clone())
            .nest("/pushgateway", pushgateway.clone())
            .nest("/blackbox", blackbox.clone())
            .nest("/otlp", lgtm_receive::otlp_http_router(intake))
            .merge(judged)
            .merge(own.clone())
            .merge(lgtm_web::router());
        Self {
            ui,
            prometheus: prometheus.merge(own.clone()),
            loki: loki.merge(own.clone()),
            tempo: tempo.merge(own.clone()),
            alertmanager: alertmanager.merge(own.clone()),
            pushgateway,
            blackbox: blackbox.merge(own),
        }
    }
}

/// Our own answers: objectives, runbooks, backtests.
fn judgement_routes(sources: &Sources<'_>) -> Router {
    let (slos, of_rules) = (Arc::clone(&sources.judgement.slos), sources.judgement.clone());
    let objectives = lgtm_api::slo::router(SloDeps {
        source: Arc::clone(&sources.cellar.metrics) as _,
        engine: Engine::new(EngineOptions::default()),
        clock: Arc::clone(sources.clock),
        objectives: Arc::new(move || Arc::clone(&slos.read())),
        scale: sources.judgement.scale,
    });
    let runbooks = lgtm_api::runbooks::router(RunbookDeps {
        folder: sources.runbooks.clone(),
        links: Arc::new(move || of_rules.runbook_links()),
    });
    let backtests = lgtm_api::backtest::router(BacktestDeps {
        sources: BacktestSources {
            engine: Engine::new(EngineOptions::default()),
            metrics: Arc::clone(&sources.cellar.metrics) as _,
            logs: Arc::clone(&sources.cellar.logs) as _,
        },
        clock: Arc::clone(sources.clock),
    });
    objectives.merge(runbooks).merge(backtests)
}

/// `POST /-/reload`: 200, or 400 with every problem while all goes on as it was.
fn reload_route(reloader: Reloader) -> Router {
    let reload = move || async move {
        match reloader.reload().await {
            Ok(()) => (StatusCode::OK, "reloaded\n".to_owned()),
            Err(error) => (StatusCode::BAD_REQUEST, format!("nothing was changed:\n{error}\n")),
        }
    };
    Router::new().route("/-/reload", post(reload.clone()).put(reload))
}

/// What every listener answers: health, and the program's own metrics.
fn own_routes(registry: &Registry) -> Router {
    let registry = registry.clone();
    let metrics = move || {
        let registry = registry.clone();
        async move { ([(header::CONTENT_TYPE, CONTENT_TYPE_TEXT)], write_families(&registry.snapshot())).into_response() }
    };
    Router::new()
        .route("/-/healthy", get(|| async { "lgtm is healthy.\n" }))
        .route("/-/ready", get(|| async { "lgtm is ready.\n" }))
        .route("/ready", get(|| async { "ready\n" }))
        .route("/metrics", get(metrics))
}
