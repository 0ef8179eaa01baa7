//! The Blackbox Exporter's HTTP surface: `/probe`, `/config`, `/logs`, and a page with recent probes.

mod page;

use axum::Router;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use lgtm_probe::{Handle, ProbeError, ProbeRequest};
use lgtm_wire::exposition::CONTENT_TYPE_TEXT;

/// The header in which a scraper says how long it waits.
const TIMEOUT_HEADER: &str = "X-Prometheus-Scrape-Timeout-Seconds";

/// All routes.
pub fn router(probes: Handle) -> Router {
    Router::new()
        .route("/", get(recent))
        .route("/probe", get(probe).post(probe))
        .route("/config", get(config))
        .route("/logs", get(logs))
        .with_state(probes)
}

type Params = Query<Vec<(String, String)>>;

async fn probe(State(probes): State<Handle>, Query(params): Params, headers: HeaderMap) -> Response {
    let timeout = headers.get(TIMEOUT_HEADER).map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned());
    let request = match ProbeRequest::from_params(params, timeout.as_deref()) {
        Ok(request) => request,
        Err(error) => return refusal(&error),
    };
    match probes.probe(&request).await {
        Ok(outcome) if request.debug => plain(outcome.debug()),
        Ok(outcome) => ([(header::CONTENT_TYPE, CONTENT_TYPE_TEXT)], outcome.exposition()).into_response(),
        Err(error) => refusal(&error),
    }
}

fn refusal(error: &ProbeError) -> Response {
    let status = match error {
        ProbeError::UnknownModule(_) | ProbeError::NoTarget | ProbeError::TwoHosts { .. } => StatusCode::BAD_REQUEST,
        ProbeError::BadTimeout(_) => StatusCode::INTERNAL_SERVER_ERROR,
        ProbeError::Busy(_) | ProbeError::Stopping => StatusCode::SERVICE_UNAVAILABLE,
    };
    (status, format!("{error}\n")).into_response()
}

fn plain(text: String) -> Response {
    ([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], text).into_response()
}

/// The modules at work, secrets hidden.
async fn config(State(probes): State<Handle>) -> Response {
    plain(probes.config().describe())
}

async fn recent(State(probes): State<Handle>) -> Html<String> {
    Html(page::recent(&probes.history(), &probes.config()))
}

/// The log of a recent probe, found by its number or by its target.
async fn logs(State(probes): State<Handle>, Query(params): Params) -> Response {
    let find = |name: &str| params.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str());
    let id = find("id").and_then(|id| id.parse().ok());
    let target = find("target").filter(|target| !target.is_empty());
    let module = find("module").filter(|module| !module.is_empty());
    let bad = |reason: &str| (StatusCode::BAD_REQUEST, format!("{reason}\n")).into_response();
    let (found, what) = match (id, target, module) {
        (Some(_), Some(_), _) => return bad("Probe id and target can't be defined at the same time"),
        (None, None, _) => return bad("Probe id or target must be defined as http query parameters"),
        (_, None, Some(_)) => return bad("Probe module filter only works in conjunction with target parameter"),
        (Some(id), None, None) => (probes.past_by_id(id), "id"),
        (None, Some(target), module) => (probes.past_by_target(target, module), "target"),
    };
    match found {
        Some(probe) => plain(probe.debug.clone()),
        None => (StatusCode::NOT_FOUND, format!("Probe {what} not found\n")).into_response(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::Body;
    use axum::http::Request;
    use lgtm_probe::{Config, Deps};
    use lgtm_runtime::metrics::Registry;
    use lgtm_runtime::{Random, ShutdownTrigger, SystemClock};
    use tower::ServiceExt;

    const MODULES: &str = "modules:\n  tcp_connect:\n    prober: tcp\n  login:\n    prober: http\n    http:\n      \
        basic_auth: {username: u, password: hunter2}\n      headers: {Host: a.example}\n";

    async fn ask(app: &Router, path: &str, timeout: Option<&str>) -> (u16, String) {
        let mut request = Request::get(path);
        if let Some(timeout) = timeout {
            request = request.header(TIMEOUT_HEADER, timeout);
        }
        let answer = app.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
        let status = answer.status().as_u16();
        let body = axum::body::to_bytes(answer.into_body(), 1 << 20).await.unwrap();
        (status, String::from_utf8(body.to_vec()).unwrap())
    }

    fn app() -> (Router, ShutdownTrigger) {
        let (trigger, shutdown) = ShutdownTrigger::new();
        let deps = Deps { clock: SystemClock::shared(), registry: Registry::default(), random: Random::from_seed(1) };
        let config = Config::read_text("blackbox.yml", MODULES).unwrap().value;
        (router(lgtm_probe::start(config, deps, shutdown)), trigger)
    }

    #[tokio::test]
    async fn a_probe_answers_and_is_remembered() {
        let (app, _trigger) = app();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let target = listener.local_addr().unwrap();
        let (status, text) = ask(&app, &format!("/probe?target={target}&module=tcp_connect"), Some("5")).await;
        assert_eq!(status, 200);
        assert!(text.contains("# TYPE probe_success gauge\nprobe_success 1\n"), "{text}");
        assert!(text.contains("\nprobe_timeout_seconds 4.5\n"), "{text}");
        let (_, debug) = ask(&app, &format!("/probe?target={target}&module=tcp_connect&debug=true"), None).await;
        for part in
            ["Logs for the probe:\n", "\n\n\nMetrics that would have been returned:\n", "\n\n\nModule configuration:\n"]
        {
            assert!(debug.contains(part), "{debug}");
        }
        let (_, page) = ask(&app, "/", None).await;
        assert!(page.contains("logs?id=0") && page.contains(&target.to_string()), "{page}");
        assert_eq!(ask(&app, "/logs?id=1", None).await.1, debug);
        assert_eq!(ask(&app, &format!("/logs?target={target}"), None).await.0, 200);
    }

    #[tokio::test]
    async fn what_makes_no_sense_is_refused_and_secrets_stay_hidden() {
        let (app, _trigger) = app();
        for (path, status) in [
            ("/probe?target=a&module=none", 400),
            ("/probe?module=tcp_connect", 400),
            ("/probe?target=a&module=login&hostname=b.example", 400),
            ("/logs", 400),
            ("/logs?id=1&target=a", 400),
            ("/logs?id=99", 404),
            ("/logs?module=a", 400),
        ] {
            assert_eq!(ask(&app, path, None).await.0, status, "{path}");
        }
        assert_eq!(ask(&app, "/probe?target=a&module=tcp_connect", Some("soon")).await.0, 500);
        let (_, config) = ask(&app, "/config", None).await;
        assert!(config.contains("password: <secret>") && !config.contains("hunter2"), "{config}");
    }
}
