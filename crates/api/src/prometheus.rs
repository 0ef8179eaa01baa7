//! Prometheus' HTTP API, version 1: queries, series and labels, metadata, targets.
//!
//! Shapes, status codes and messages are upstream's, so that Grafana, promtool and client libraries work. An answer to
//! a query that does not parse has one field more, `diagnostics`, with the place and a hint for every problem.

mod alerts;
mod answer;
mod labels;
mod metadata;
mod params;
mod query;
mod rules;
mod targets;
mod time;
mod value;

pub use rules::{RulesSource, rules_router};
pub use targets::{ActiveTarget, DroppedTarget, TargetHealth, TargetsSource};

use answer::Answer;
use axum::Router;
use axum::routing::get;
use lgtm_promql::{Engine, Source};
use lgtm_runtime::SharedClock;
use params::Params;
use std::sync::Arc;
use tokio::sync::Semaphore;

/// The upstream release whose API this is. Clients read it to find out what they may ask for.
const COMPATIBLE_VERSION: &str = "3.14.0";

/// What bounds the work of the surface.
#[derive(Clone, Debug)]
pub struct PrometheusLimits {
    /// How long a query may run; a request may ask for less. Upstream's default: two minutes.
    pub query_timeout_ms: i64,
    /// Queries running at once; further ones wait, for no longer than their timeout. Upstream's default: 20.
    pub queries_concurrent_max: usize,
    /// Series in an answer without a `limit` of its own.
    pub series_max: usize,
}

impl Default for PrometheusLimits {
    fn default() -> Self {
        Self { query_timeout_ms: 120_000, queries_concurrent_max: 20, series_max: 1_000_000 }
    }
}

/// What the surface reads through.
#[derive(Clone)]
pub struct PrometheusDeps {
    /// Keeps the samples.
    pub source: Arc<dyn Source>,
    /// Evaluates.
    pub engine: Engine,
    /// Tells the time of a query without one, and when it has taken too long.
    pub clock: SharedClock,
    /// Knows what is scraped.
    pub targets: Arc<dyn TargetsSource>,
    /// The limits.
    pub limits: PrometheusLimits,
}

/// What the handlers share.
#[derive(Clone)]
struct Surface {
    deps: PrometheusDeps,
    running: Arc<Semaphore>,
}

/// All routes, under `/api/v1`.
pub fn router(deps: PrometheusDeps) -> Router {
    let running = Arc::new(Semaphore::new(deps.limits.queries_concurrent_max.max(1)));
    Router::new()
        .route("/api/v1/query", get(query::instant).post(query::instant))
        .route("/api/v1/query_range", get(query::range).post(query::range))
        .route("/api/v1/format_query", get(format_query).post(format_query))
        .route("/api/v1/series", get(labels::series).post(labels::series))
        .route("/api/v1/labels", get(labels::names).post(labels::names))
        .route("/api/v1/label/{name}/values", get(labels::values))
        .route("/api/v1/metadata", get(metadata::metadata))
        .route("/api/v1/targets", get(targets::targets))
        .route("/api/v1/status/buildinfo", get(build_information))
        .with_state(Surface { deps, running })
}

async fn format_query(params: Params) -> Answer {
    let expr = lgtm_promql::parse(params.get("query")).map_err(answer::unparsable)?;
    answer::data(&expr.pretty().into())
}

async fn build_information() -> Answer {
    answer::data(&serde_json::json!({
        "version": COMPATIBLE_VERSION,
        "revision": "",
        "branch": "",
        "buildUser": "",
        "buildDate": "",
        "goVersion": "",
        "application": "lgtm",
        "applicationVersion": env!("CARGO_PKG_VERSION"),
    }))
}
