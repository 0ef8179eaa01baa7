//! Tempo's HTTP API: traces by id, search by tags or TraceQL, names and values of attributes.

mod search;
mod tags;
mod time;
mod trace;

use axum::Router;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use lgtm_runtime::SharedClock;
use lgtm_traceql::{SearchError, Source};
use serde_json::Value;
use std::sync::Arc;

/// What the surface reads through.
#[derive(Clone)]
pub struct TempoDeps {
    /// Keeps the spans.
    pub source: Arc<dyn Source>,
    /// Tells the end of a search without one.
    pub clock: SharedClock,
}

/// All routes, under `/api`.
pub fn router(deps: TempoDeps) -> Router {
    Router::new()
        .route("/api/echo", get(|| async { "echo" }))
        .route("/api/status/buildinfo", get(build_information))
        .route("/api/traces/{id}", get(trace::by_id))
        .route("/api/v2/traces/{id}", get(trace::by_id_v2))
        .route("/api/search", get(search::search))
        .route("/api/search/tags", get(tags::names))
        .route("/api/v2/search/tags", get(tags::names_by_scope))
        .route("/api/search/tag/{name}/values", get(tags::values))
        .route("/api/v2/search/tag/{name}/values", get(tags::typed_values))
        .with_state(deps)
}

async fn build_information() -> Response {
    json(&serde_json::json!({ "version": env!("CARGO_PKG_VERSION"), "revision": "lgtm", "goVersion": "" }))
}

fn json(body: &Value) -> Response {
    ([(header::CONTENT_TYPE, "application/json")], body.to_string()).into_response()
}

/// Tempo answers errors as plain text.
fn bad_request(text: impl Into<String>) -> Response {
    (StatusCode::BAD_REQUEST, format!("{}\n", text.into())).into_response()
}

fn unavailable(error: &SearchError) -> Response {
    (StatusCode::INTERNAL_SERVER_ERROR, format!("{error}\n")).into_response()
}
