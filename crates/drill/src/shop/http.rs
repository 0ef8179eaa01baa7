//! The gateway's HTTP surface: the shop itself, its faults, its metrics.

use super::fault::Fault;
use super::plan::{self, ENDPOINTS};
use super::process::Sampler;
use super::request::Shop;
use axum::Router;
use axum::extract::{Path, Query, State};
use axum::http::{Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get, post};
use lgtm_model::parse_duration_ms;
use lgtm_runtime::metrics::Registry;
use lgtm_wire::exposition::{CONTENT_TYPE_TEXT, write_families};
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;

struct Gateway {
    shop: Arc<Shop>,
    sampler: Sampler,
    registry: Registry,
}

/// All routes.
pub fn router(shop: Arc<Shop>, sampler: Sampler, registry: Registry) -> Router {
    Router::new()
        .route("/api/{name}", any(serve))
        .route("/faults", get(list_faults))
        .route("/faults/{name}", post(switch_on).delete(switch_off))
        .route("/metrics", get(metrics))
        .route("/health", get(|| async { "ok\n" }))
        .with_state(Arc::new(Gateway { shop, sampler, registry }))
}

async fn serve(State(gateway): State<Arc<Gateway>>, method: Method, Path(name): Path<String>) -> Response {
    let path = format!("/api/{name}");
    let Some(endpoint) = plan::endpoint(&path) else {
        return (StatusCode::NOT_FOUND, answer(&json!({ "error": format!("no endpoint {path}") }))).into_response();
    };
    // Only methods that the shop knows become label values: a client must not be able to invent series.
    let method = match method {
        Method::GET => "GET",
        Method::POST => "POST",
        _ => return StatusCode::METHOD_NOT_ALLOWED.into_response(),
    };
    let status = gateway.shop.handle(endpoint, method).await;
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    (status, answer(&json!({ "endpoint": endpoint.path, "status": status.as_u16() }))).into_response()
}

#[derive(Deserialize)]
struct FaultQuery {
    endpoint: Option<String>,
    duration: Option<String>,
}

async fn switch_on(
    State(gateway): State<Arc<Gateway>>,
    Path(name): Path<String>,
    Query(query): Query<FaultQuery>,
) -> Response {
    let Some(fault) = Fault::from_name(&name) else { return unknown_fault(&name) };
    let wanted = query.endpoint.as_deref().unwrap_or("/api/checkout");
    let Some(endpoint) = plan::endpoint(wanted) else {
        let known: Vec<_> = ENDPOINTS.iter().map(|endpoint| endpoint.path).collect();
        let error = format!("no endpoint {wanted}; there are {}", known.join(", "));
        return (StatusCode::BAD_REQUEST, answer(&json!({ "error": error }))).into_response();
    };
    let duration = match query.duration.as_deref().map(parse_duration_ms).transpose() {
        Ok(duration_ms) => duration_ms.map(|duration_ms| Duration::from_millis(duration_ms.unsigned_abs())),
        Err(error) => return (StatusCode::BAD_REQUEST, answer(&json!({ "error": error.to_string() }))).into_response(),
    };
    gateway.shop.faults.switch_on(fault, endpoint.path, duration);
    list_faults(State(gateway)).await
}

async fn switch_off(State(gateway): State<Arc<Gateway>>, Path(name): Path<String>) -> Response {
    let Some(fault) = Fault::from_name(&name) else { return unknown_fault(&name) };
    gateway.shop.faults.switch_off(fault);
    list_faults(State(gateway)).await
}

async fn list_faults(State(gateway): State<Arc<Gateway>>) -> Response {
    let active: Vec<Value> = gateway
        .shop
        .faults
        .active()
        .into_iter()
        .map(|(fault, endpoint)| json!({ "fault": fault.as_str(), "endpoint": endpoint }))
        .collect();
    answer(&json!({ "active": active })).into_response()
}

async fn metrics(State(gateway): State<Arc<Gateway>>) -> Response {
    gateway.sampler.sample();
    let text = write_families(&gateway.registry.snapshot());
    ([(header::CONTENT_TYPE, CONTENT_TYPE_TEXT)], text).into_response()
}

fn unknown_fault(name: &str) -> Response {
    let known: Vec<_> = Fault::ALL.iter().map(|fault| fault.as_str()).collect();
    let error = format!("no fault {name:?}; there are {}", known.join(", "));
    (StatusCode::NOT_FOUND, answer(&json!({ "error": error }))).into_response()
}

fn answer(body: &Value) -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "application/json")], format!("{body}\n"))
}
