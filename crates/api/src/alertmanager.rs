//! Alertmanager's HTTP API v2: alerts in, alerts, groups and silences out; and a preview of silences, which is ours.
//!
//! Bodies are as its OpenAPI description has them; errors are JSON texts, as its clients expect.

mod alerts;
mod parameters;
mod shape;
mod silences;
mod status;
mod time;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get, post};
use lgtm_notify::Handle;
use serde_json::{Value, json};

/// Bytes of one request's body; a sender's batch of alerts is far smaller.
const BODY_SIZE_BYTES_MAX: usize = 32 << 20;

/// All routes, under `/api/v2`, and the answer to those who still ask `/api/v1`.
pub fn router(notifier: Handle) -> Router {
    Router::new()
        .route("/api/v2/status", get(status::status))
        .route("/api/v2/receivers", get(status::receivers))
        .route("/api/v2/alerts", get(alerts::list).post(alerts::post))
        .route("/api/v2/alerts/groups", get(alerts::groups))
        .route("/api/v2/silences", get(silences::list).post(silences::set))
        .route("/api/v2/silences/preview", post(silences::preview))
        .route("/api/v2/silence/{id}", get(silences::one).delete(silences::expire))
        .route("/api/v1/{*path}", any(gone))
        .layer(DefaultBodyLimit::max(BODY_SIZE_BYTES_MAX))
        .with_state(notifier)
}

async fn gone() -> Response {
    let error = "The Alertmanager v1 API was deprecated in version 0.16.0 and is removed as of version 0.27.0 - please \
                 use the equivalent route in the v2 API";
    (StatusCode::GONE, axum::Json(json!({ "status": "deprecated", "error": error }))).into_response()
}

fn success(body: &Value) -> Response {
    let headers = [(header::CONTENT_TYPE, "application/json"), (header::CACHE_CONTROL, "no-store")];
    (headers, body.to_string()).into_response()
}

/// An answer that says why there is none.
enum Refusal {
    /// What was asked makes no sense.
    Bad(String),
    /// The body is not what the description asks for.
    Unprocessable(String),
    /// There is no such thing.
    NotFound(String),
    /// It is not to blame on whoever asked.
    Internal(String),
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let (status, body) = match self {
            Self::Bad(text) => (StatusCode::BAD_REQUEST, json!(text)),
            Self::Unprocessable(text) => (StatusCode::UNPROCESSABLE_ENTITY, json!({ "code": 602, "message": text })),
            Self::NotFound(text) => (StatusCode::NOT_FOUND, json!(text)),
            Self::Internal(text) => (StatusCode::INTERNAL_SERVER_ERROR, json!(text)),
        };
        (status, [(header::CONTENT_TYPE, "application/json")], body.to_string()).into_response()
    }
}

/// A body of JSON, or why it is none.
fn body<T: serde::de::DeserializeOwned>(bytes: &[u8], what: &str) -> Result<T, Refusal> {
    serde_json::from_slice(bytes).map_err(|error| {
        let text = format!("parsing {what} body failed, because {error}");
        match error.classify() {
            serde_json::error::Category::Data => Refusal::Unprocessable(text),
            _ => Refusal::Bad(text),
        }
    })
}
