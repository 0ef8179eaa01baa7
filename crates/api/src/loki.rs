//! Loki's HTTP API: queries for lines and numbers, labels, series.
//!
//! Parameters come in the query text or in a form; answers are Loki's JSON, errors plain text, as its clients expect.

mod answer;
mod labels;
mod parameters;
mod query;
mod time;

use axum::Router;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use lgtm_logql::{QueryError, Source};
use lgtm_runtime::SharedClock;
use serde_json::{Value, json};
use std::sync::Arc;

/// What the surface reads through.
#[derive(Clone)]
pub struct LokiDeps {
    /// Keeps the lines.
    pub source: Arc<dyn Source>,
    /// Tells the end of a query without one.
    pub clock: SharedClock,
}

/// All routes, under `/loki/api/v1`.
pub fn router(deps: LokiDeps) -> Router {
    Router::new()
        .route("/loki/api/v1/query", get(query::instant).post(query::instant))
        .route("/loki/api/v1/query_range", get(query::range).post(query::range))
        .route("/loki/api/v1/labels", get(labels::names).post(labels::names))
        .route("/loki/api/v1/label", get(labels::names).post(labels::names))
        .route("/loki/api/v1/label/{name}/values", get(labels::values).post(labels::values))
        .route("/loki/api/v1/series", get(labels::series).post(labels::series))
        .route("/loki/api/v1/status/buildinfo", get(build_information))
        .with_state(deps)
}

async fn build_information() -> Response {
    let version = env!("CARGO_PKG_VERSION");
    success(&json!({
        "version": version, "revision": "lgtm", "branch": "", "buildUser": "", "buildDate": "", "goVersion": "",
    }))
}

fn success(body: &Value) -> Response {
    ([(header::CONTENT_TYPE, "application/json; charset=UTF-8")], body.to_string()).into_response()
}

/// An answer that is no answer, as plain text.
struct Refusal(StatusCode, String);

impl Refusal {
    fn parameter(text: impl Into<String>) -> Self {
        Self(StatusCode::BAD_REQUEST, text.into())
    }
}

impl From<QueryError> for Refusal {
    fn from(error: QueryError) -> Self {
        let status = match error {
            QueryError::Parse(_) | QueryError::Limit(_) => StatusCode::BAD_REQUEST,
            QueryError::Storage(_) => StatusCode::INTERNAL_SERVER_ERROR,
        };
        Self(status, error.to_string())
    }
}

impl From<lgtm_logql::ParseError> for Refusal {
    fn from(error: lgtm_logql::ParseError) -> Self {
        QueryError::from(error).into()
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        (self.0, [(header::CONTENT_TYPE, "text/plain; charset=utf-8")], self.1 + "\n").into_response()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use async_trait::async_trait;
    use axum::body::Body;
    use axum::http::Request;
    use lgtm_logql::{Entry, LogSelect, LogStream, RangeSelect, RangeSeries};
    use lgtm_model::{Labels, Matcher, TimestampNs};
    use lgtm_runtime::ManualClock;
    use tower::ServiceExt;

    /// Answers every question with one stream, and lines with what was asked.
    struct Echo;

    #[async_trait]
    impl Source for Echo {
        async fn select_logs(&self, select: &LogSelect) -> Result<Vec<LogStream>, QueryError> {
            let line = format!("{} {} {:?}", select.end.since_ns(select.start), select.limit, select.direction);
            let entry = Entry { timestamp: select.start, line, metadata: Labels::empty() };
            Ok(vec![LogStream { labels: Labels::from_pairs([("app", "a")]), entries: vec![entry] }])
        }

        async fn select_range(&self, select: &RangeSelect) -> Result<Vec<RangeSeries>, QueryError> {
            Ok(vec![RangeSeries { labels: Labels::empty(), values: vec![Some(select.step_ns as f64); select.steps()] }])
        }

        async fn streams(&self, _: &[Vec<Matcher>], _: TimestampNs, _: TimestampNs) -> Result<Vec<Labels>, QueryError> {
            Ok(vec![Labels::from_pairs([("app", "a")])])
        }
    }

    async fn ask(request: Request<Body>) -> (u16, String) {
        let clock = ManualClock::starting_at(TimestampNs(7_200_000_000_000));
        let answer = router(LokiDeps { source: Arc::new(Echo), clock }).oneshot(request).await.unwrap();
        let status = answer.status().as_u16();
        let body = axum::body::to_bytes(answer.into_body(), 1 << 20).await.unwrap();
        (status, String::from_utf8(body.to_vec()).unwrap())
    }

    async fn get_path(path: &str) -> (u16, Value) {
        let (status, body) = ask(Request::get(format!("/loki/api/v1/{path}")).body(Body::empty()).unwrap()).await;
        (status, serde_json::from_str(&body).unwrap_or(Value::String(body)))
    }

    const LOGS: &str = "%7Bapp%3D%22a%22%7D";

    #[tokio::test]
    async fn lines_are_asked_for_with_the_defaults_and_the_parameters() {
        let (status, body) = get_path(&format!("query_range?query={LOGS}")).await;
        assert_eq!(status, 200);
        assert_eq!(body["data"]["result"][0]["values"][0], json!(["3600000000000", "3600000000000 100 Backward"]));
        let form = format!("query={LOGS}&start=100&end=101.5&limit=7&direction=FORWARD");
        let request = Request::post("/loki/api/v1/query_range").body(Body::from(form)).unwrap();
        let (_, body) = ask(request).await;
        assert!(body.contains("1500000000 7 Forward"), "{body}");
    }

    #[tokio::test]
    async fn numbers_come_as_matrix_and_vector() {
        let rate = format!("rate%28{LOGS}%5B1s%5D%29");
        let (_, body) = get_path(&format!("query_range?query={rate}&start=10&end=14&step=2")).await;
        assert_eq!(body["data"]["resultType"], "matrix");
        assert_eq!(body["data"]["result"][0]["values"][2], json!([14, "2000000000"]));
        let (_, body) = get_path(&format!("query?query={rate}&time=10")).await;
        assert_eq!(body["data"]["result"][0]["value"], json!([10, "1"]));
    }

    #[tokio::test]
    async fn labels_and_series_are_listed() {
        assert_eq!(get_path("labels").await.1["data"], json!(["app"]));
        assert_eq!(get_path("label/app/values").await.1["data"], json!(["a"]));
        assert_eq!(get_path(&format!("series?match[]={LOGS}")).await.1["data"], json!([{ "app": "a" }]));
    }

    #[tokio::test]
    async fn bad_input_is_answered_with_its_place() {
        for (path, want) in [
            (format!("query_range?query={LOGS}%7C+json"), "not supported yet: `| json`"),
            ("query_range?query=%7Bapp%3D%E2%80%9Ca%E2%80%9D%7D".to_owned(), "type \" instead"),
            ("query_range".to_owned(), "parameter query is missing"),
            (format!("query_range?query={LOGS}&start=t"), "invalid parameter start"),
            (format!("query_range?query={LOGS}&start=5&end=4"), "end timestamp must not be before"),
            (format!("query_range?query={LOGS}&limit=-1"), "limit must be a positive value"),
            (format!("query_range?query={LOGS}&limit=5001"), "max entries limit"),
            (format!("query_range?query={LOGS}&direction=fw"), "invalid direction"),
            (format!("query_range?query={LOGS}&step=0"), "zero or negative"),
            (format!("query?query={LOGS}"), "not supported as an instant query"),
        ] {
            let (status, body) = get_path(&path).await;
            assert!(status == 400 && body.as_str().is_some_and(|text| text.contains(want)), "{path}: {status} {body}");
        }
    }
}
