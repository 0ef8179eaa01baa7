//! Backtests of rules: `POST /lgtm/api/v1/rules/backtest?since=7d&file=NAME` with a rule file as its body answers when each
//! rule would have fired on the history that is kept here.
//!
//! `since` is how far back (a duration); `file` names the file in problems. The answer is
//! `{"status":"success","data":{"report":…,"text":"…"}}`, the text being the same for a terminal.

use axum::Router;
use axum::extract::{DefaultBodyLimit, Query, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use lgtm_model::parse_duration_ms;
use lgtm_rules::backtest::{BacktestOptions, BacktestSources, run};
use lgtm_rules::{Format, read_rules};
use lgtm_runtime::SharedClock;
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::Arc;
use tokio::sync::Semaphore;

/// Bytes of a rule file.
const FILE_BYTES_MAX: usize = 4 << 20;
/// Backtests at one time; each computes on a thread of its own.
const CONCURRENT_MAX: usize = 2;
/// How far back one may go.
const SINCE_MS_MAX: i64 = 400 * 86_400_000;

/// What backtests read.
#[derive(Clone)]
pub struct BacktestDeps {
    /// The history.
    pub sources: BacktestSources,
    /// Tells what "now" is.
    pub clock: SharedClock,
}

#[derive(Clone)]
struct Surface {
    deps: BacktestDeps,
    running: Arc<Semaphore>,
}

#[derive(Deserialize)]
struct Parameters {
    since: Option<String>,
    file: Option<String>,
}

/// The route, whole, for the web app's port.
pub fn router(deps: BacktestDeps) -> Router {
    let surface = Surface { deps, running: Arc::new(Semaphore::new(CONCURRENT_MAX)) };
    Router::new()
        .route("/lgtm/api/v1/rules/backtest", post(backtest))
        .layer(DefaultBodyLimit::max(FILE_BYTES_MAX))
        .with_state(surface)
}

async fn backtest(State(surface): State<Surface>, Query(parameters): Query<Parameters>, body: String) -> Response {
    let since = parameters.since.as_deref().unwrap_or("1d");
    let since_ms = match parse_duration_ms(since) {
        Ok(since_ms) if (1..=SINCE_MS_MAX).contains(&since_ms) => since_ms,
        Ok(_) => return refused(format!("since={since:?} must lie between 1ms and 400d")),
        Err(error) => return refused(format!("since={since:?}: {error}; write a duration such as 7d")),
    };
    let name = parameters.file.unwrap_or_else(|| "rules.yml".to_owned());
    let groups = match read_rules(&name, &body, Format::default()) {
        Ok(reading) => reading.value,
        Err(problems) => return refused(problems.to_string()),
    };
    let Ok(_permit) = surface.running.try_acquire() else {
        let error = format!("{CONCURRENT_MAX} backtests are running already; try again later");
        return answer(StatusCode::TOO_MANY_REQUESTS, &json!({"status": "error", "errorType": "busy", "error": error}));
    };
    let now = surface.deps.clock.now_ms();
    let report = run(groups, surface.deps.sources.clone(), BacktestOptions::between(now.add_ms(-since_ms), now)).await;
    let data = json!({"report": report.to_json(), "text": report.to_string()});
    answer(StatusCode::OK, &json!({"status": "success", "data": data}))
}

fn refused(error: String) -> Response {
    answer(StatusCode::BAD_REQUEST, &json!({"status": "error", "errorType": "bad_data", "error": error}))
}

fn answer(status: StatusCode, body: &Value) -> Response {
    (status, [(header::CONTENT_TYPE, "application/json")], body.to_string()).into_response()
}
