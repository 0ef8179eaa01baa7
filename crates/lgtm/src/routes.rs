//! Which API answers where: each on its own port without a prefix, and all of them on the web app's port under one.

use crate::cellar::Cellar;
use axum::Router;
use axum::http::header;
use axum::response::IntoResponse;
use axum::routing::get;
use lgtm_api::loki::LokiDeps;
use lgtm_api::prometheus::{PrometheusDeps, PrometheusLimits, TargetsSource};
use lgtm_api::tempo::TempoDeps;
use lgtm_promql::{Engine, EngineOptions};
use lgtm_receive::Intake;
use lgtm_runtime::SharedClock;
use lgtm_runtime::metrics::Registry;
use lgtm_wire::exposition::{CONTENT_TYPE_TEXT, write_families};
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
}

impl Routes {
    /// Builds them over the open signals.
    pub fn new(
        cellar: &Cellar,
        targets: Arc<dyn TargetsSource>,
        intake: Intake,
        clock: &SharedClock,
        registry: &Registry,
    ) -> Self {
        let prometheus = lgtm_api::prometheus::router(PrometheusDeps {
            source: Arc::clone(&cellar.metrics) as _,
            engine: Engine::new(EngineOptions::default()),
            clock: Arc::clone(clock),
            targets,
            limits: PrometheusLimits::default(),
        });
        let loki = lgtm_api::loki::router(LokiDeps { source: Arc::clone(&cellar.logs) as _, clock: Arc::clone(clock) });
        let tempo =
            lgtm_api::tempo::router(TempoDeps { source: Arc::clone(&cellar.traces) as _, clock: Arc::clone(clock) });
        let own = own_routes(registry);
        let ui = Router::new()
            .nest("/prometheus", prometheus.clone())
            // Loki's paths begin with /loki already.
            .merge(loki.clone())
            .nest("/tempo", tempo.clone())
            .nest("/otlp", lgtm_receive::otlp_http_router(intake))
            .merge(own.clone())
            .merge(lgtm_web::router());
        Self { ui, prometheus: prometheus.merge(own.clone()), loki: loki.merge(own.clone()), tempo: tempo.merge(own) }
    }
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
