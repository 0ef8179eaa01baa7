//! The Pushgateway's paths.

use super::body::Reading;
use super::error::PushError;
use super::gateway::{Gateway, Inner};
use super::grouping::Grouping;
use super::{expose, json, page};
use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::response::{Html, IntoResponse, Json, Response};
use axum::routing::{any, get, put};
use http::header::{CONTENT_LENGTH, CONTENT_TYPE, RETRY_AFTER};
use http::{HeaderMap, Method, StatusCode, Uri};
use http_body_util::LengthLimitError;
use lgtm_wire::exposition::CONTENT_TYPE_TEXT;
use std::error::Error;
use std::sync::Arc;

/// Seconds after which a push that found no room may be tried again.
const RETRY_AFTER_SECONDS: u64 = 1;

/// All paths, to be served on a port of their own or nested under a prefix.
pub fn router(gateway: &Gateway) -> Router {
    Router::new()
        .route("/metrics", get(metrics))
        .route("/metrics/job/{*labels}", any(change))
        .route("/metrics/job@base64/{*labels}", any(change))
        .route("/api/v1/status", get(status))
        .route("/api/v1/metrics", get(query))
        .route("/api/v1/admin/wipe", put(wipe))
        .route("/-/healthy", get(ok))
        .route("/-/ready", get(ok))
        .route("/status", get(show))
        .route("/", get(show))
        .with_state(Arc::clone(&gateway.inner))
}

type Shared = State<Arc<Inner>>;

async fn ok() -> &'static str {
    "OK"
}

async fn metrics(State(inner): Shared) -> Response {
    let text = expose::expose(&inner.groups(), &inner.meter.own.snapshot());
    ([(CONTENT_TYPE, CONTENT_TYPE_TEXT)], text).into_response()
}

async fn show(State(inner): Shared) -> Html<String> {
    inner.meter.request("status", "get", 200);
    Html(page::page(&inner.groups(), inner.config.admin_api))
}

async fn status(State(inner): Shared) -> Json<serde_json::Value> {
    inner.meter.request("api/v1/status", "get", 200);
    Json(json::status(&inner.config, inner.started))
}

async fn query(State(inner): Shared) -> Json<serde_json::Value> {
    inner.meter.request("api/v1/metrics", "get", 200);
    Json(json::metrics(&inner.groups()))
}

async fn wipe(State(inner): Shared) -> Response {
    if !inner.config.admin_api {
        let text = "the admin API is not enabled; set pushgateway.admin_api to true\n";
        return (StatusCode::NOT_FOUND, text).into_response();
    }
    let wiping = Arc::clone(&inner);
    let result = blocking(move || wiping.wipe()).await;
    answer(&inner, "wipe", "put", result.map(|()| StatusCode::ACCEPTED))
}

/// A push (`PUT`, `POST`) or a deletion of the group that the path names.
async fn change(State(inner): Shared, method: Method, uri: Uri, headers: HeaderMap, body: Body) -> Response {
    let path = uri.path().strip_prefix("/metrics/").unwrap_or_default().to_owned();
    let (handler, name) = match method {
        Method::PUT => ("push", "put"),
        Method::POST => ("push", "post"),
        Method::DELETE => ("delete", "delete"),
        _ => {
            let text = "push with PUT or POST, delete with DELETE; scrape /metrics\n";
            return (StatusCode::METHOD_NOT_ALLOWED, [(http::header::ALLOW, "PUT, POST, DELETE")], text)
                .into_response();
        }
    };
    if method == Method::DELETE {
        let result = delete(&inner, &path).await;
        return answer(&inner, handler, name, result.map(|()| StatusCode::ACCEPTED));
    }
    let began = inner.clock.elapsed();
    let announced = announced_bytes(&headers).unwrap_or_default();
    let result = push(&inner, &path, &headers, body, method == Method::PUT).await;
    inner.meter.push(name, inner.clock.elapsed().saturating_sub(began), *result.as_ref().unwrap_or(&announced));
    answer(&inner, handler, name, result.map(|_bytes| StatusCode::OK))
}

async fn delete(inner: &Arc<Inner>, path: &str) -> Result<(), PushError> {
    let grouping = Grouping::from_path(path, inner.config.utf8_names)?;
    let inner = Arc::clone(inner);
    blocking(move || inner.delete(&grouping)).await
}

/// Takes a push; gives back how many bytes were sent.
async fn push(
    inner: &Arc<Inner>,
    path: &str,
    headers: &HeaderMap,
    body: Body,
    replace: bool,
) -> Result<usize, PushError> {
    let config = &inner.config;
    let grouping = Grouping::from_path(path, config.utf8_names)?;
    let reading = Reading::of(headers, config.utf8_names, config.body_bytes_max)?;
    let _permit = inner.in_flight.try_acquire().map_err(|_| PushError::Busy(config.pushes_in_flight_max))?;
    let limit_bytes = config.body_bytes_max;
    if announced_bytes(headers).is_some_and(|announced| announced > limit_bytes) {
        return Err(PushError::TooLarge { limit_bytes });
    }
    let body = axum::body::to_bytes(body, limit_bytes).await.map_err(|error| {
        if error.source().is_some_and(|source| source.is::<LengthLimitError>()) {
            PushError::TooLarge { limit_bytes }
        } else {
            PushError::Incomplete(error.to_string())
        }
    })?;
    let taker = Arc::clone(inner);
    blocking(move || {
        let pushed = reading.read(&body)?;
        taker.push(grouping, pushed, replace)?;
        Ok(body.len())
    })
    .await
}

/// Parsing, checking and syncing would hold up the other connections of this thread. The work goes on to its end when
/// the client hangs up: a push is taken whole or not at all.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, PushError> + Send + 'static,
) -> Result<T, PushError> {
    let done = tokio::task::spawn_blocking(work).await;
    done.unwrap_or_else(|error| Err(PushError::Incomplete(error.to_string())))
}

fn announced_bytes(headers: &HeaderMap) -> Option<usize> {
    headers.get(CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

fn answer(inner: &Inner, handler: &str, method: &str, result: Result<StatusCode, PushError>) -> Response {
    let response = match result {
        Ok(status) => status.into_response(),
        Err(error) => {
            inner.meter.refuse(error.reason());
            tracing::debug!(%error, handler, "refused");
            let mut response = (error.http_status(), format!("{error}\n")).into_response();
            if error.is_temporary() {
                response.headers_mut().insert(RETRY_AFTER, RETRY_AFTER_SECONDS.into());
            }
            response
        }
    };
    inner.meter.request(handler, method, response.status().as_u16());
    response
}
