//! Our own API of service level objectives: how each stands, for the web app, the command line and pipelines.
//!
//! `GET /lgtm/api/v1/slos` answers `{"status":"success","data":{"scale":…,"slos":[…]}}`. What was not measured is null.

use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use lgtm_promql::{Engine, Source};
use lgtm_runtime::SharedClock;
use lgtm_slo::{BurnRate, Scale, Slo, SloStatus, rfc3339, status};
use serde_json::{Value, json};
use std::sync::Arc;

/// What the surface reads through.
#[derive(Clone)]
pub struct SloDeps {
    /// Keeps what the rules recorded.
    pub source: Arc<dyn Source>,
    /// Evaluates.
    pub engine: Engine,
    /// Tells what "now" is.
    pub clock: SharedClock,
    /// Gives the objectives in force; asked at every request, so that a reload is seen.
    pub objectives: Arc<dyn Fn() -> Arc<[Slo]> + Send + Sync>,
    /// By how much windows are shortened.
    pub scale: Scale,
}

/// The route, whole, for the web app's port.
pub fn router(deps: SloDeps) -> Router {
    Router::new().route("/lgtm/api/v1/slos", get(slos)).with_state(deps)
}

async fn slos(State(deps): State<SloDeps>) -> Response {
    let objectives = (deps.objectives)();
    let found = status(&objectives, deps.scale, deps.source.as_ref(), &deps.engine, deps.clock.now_ms()).await;
    match found {
        Ok(statuses) => answer(StatusCode::OK, &success(deps.scale, &statuses)),
        Err(error) => {
            let body = json!({ "status": "error", "errorType": "execution", "error": error.to_string() });
            answer(StatusCode::SERVICE_UNAVAILABLE, &body)
        }
    }
}

fn answer(status: StatusCode, body: &Value) -> Response {
    (status, [(header::CONTENT_TYPE, "application/json")], body.to_string()).into_response()
}

fn success(scale: Scale, statuses: &[SloStatus]) -> Value {
    let slos: Vec<Value> = statuses.iter().map(slo).collect();
    json!({ "status": "success", "data": { "scale": scale.factor(), "slos": slos } })
}

fn slo(status: &SloStatus) -> Value {
    let alerts: Vec<Value> = status
        .alerts
        .iter()
        .map(|alert| json!({ "name": alert.name, "state": alert.state, "instance": alert.instance }))
        .collect();
    json!({
        "name": status.name,
        "displayName": status.display_name,
        "service": status.service,
        "description": status.description,
        "objective": status.objective,
        "windowSeconds": seconds(status.window_ms),
        "effectiveWindowSeconds": seconds(status.effective_window_ms),
        "sli": status.sli,
        "good": status.good,
        "total": status.total,
        "budgetTotalSeconds": seconds(status.budget_ms),
        "budgetRemaining": status.budget_remaining(),
        "budgetConsumed": status.budget_consumed,
        "burnRates": status.burn_rates.iter().map(burn_rate).collect::<Vec<Value>>(),
        "state": status.state.as_str(),
        "stateSince": status.state_since.map(rfc3339),
        "resumesAt": status.resumes_at.map(rfc3339),
        "exhaustsInSeconds": status.exhausts_in_ms.map(seconds),
        "measuredFraction": status.measured,
        "alerts": alerts,
        "queries": { "sli": status.queries.sli, "burn": status.queries.burn, "budget": status.queries.budget },
    })
}

fn burn_rate(burn: &BurnRate) -> Value {
    json!({
        "window": burn.window,
        "effectiveWindow": burn.effective_window,
        "shortWindow": burn.short_window,
        "rate": burn.rate,
        "threshold": burn.threshold,
        "severity": burn.severity,
    })
}

/// Whole seconds as whole numbers.
fn seconds(duration_ms: i64) -> Value {
    if duration_ms % 1000 == 0 { (duration_ms / 1000).into() } else { (duration_ms as f64 / 1000.0).into() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use async_trait::async_trait;
    use axum::body::{Body, to_bytes};
    use axum::http::Request;
    use lgtm_model::{Labels, METRIC_NAME, Matcher, Metadata, TimestampMs, TimestampNs};
    use lgtm_promql::{Select, SeriesColumns, SourceError};
    use lgtm_runtime::ManualClock;
    use lgtm_slo::{Config, PolicyState, gate, parse_statuses};
    use tower::ServiceExt;

    const NOW_MS: i64 = 1_764_028_800_000;

    /// Series with one value each minute of the last ten.
    struct Recorded(Vec<(Labels, f64)>);

    #[async_trait]
    impl Source for Recorded {
        async fn select(&self, request: &Select) -> Result<Vec<SeriesColumns>, SourceError> {
            let wanted = |labels: &Labels| {
                request.matchers.iter().all(|matcher| matcher.matches(labels.get(matcher.name()).unwrap_or_default()))
            };
            let times: Vec<i64> = (0..10).rev().map(|minute| NOW_MS - minute * 60_000).collect();
            let times: Vec<i64> =
                times.into_iter().filter(|time| (request.start.0..=request.end.0).contains(time)).collect();
            let series = self.0.iter().filter(|(labels, _)| wanted(labels)).map(|(labels, value)| SeriesColumns {
                labels: labels.clone(),
                timestamps_ms: times.clone().into(),
                values: vec![*value; times.len()],
            });
            Ok(series.collect())
        }

        async fn series(
            &self,
            _: &[Vec<Matcher>],
            _: (TimestampMs, TimestampMs),
            _: usize,
        ) -> Result<Vec<Labels>, SourceError> {
            Ok(Vec::new())
        }

        async fn label_names(
            &self,
            _: &[Vec<Matcher>],
            _: (TimestampMs, TimestampMs),
        ) -> Result<Vec<String>, SourceError> {
            Ok(Vec::new())
        }

        async fn label_values(
            &self,
            _: &str,
            _: &[Vec<Matcher>],
            _: (TimestampMs, TimestampMs),
        ) -> Result<Vec<String>, SourceError> {
            Ok(Vec::new())
        }

        async fn metadata(&self, _: Option<&str>) -> Result<Vec<(String, Metadata)>, SourceError> {
            Ok(Vec::new())
        }
    }

    fn deps(series: Vec<(Labels, f64)>) -> SloDeps {
        let yaml = "apiVersion: lgtm/v1\nkind: SLO\nmetadata: {name: shop, displayName: Shop}\nspec:\n  service: shop\n  \
                    target: 0.995\n  probes: probe_success\n";
        let slos: Arc<[Slo]> = Config::read_texts(&[("a.yml", yaml)]).unwrap().value.slos.into();
        SloDeps {
            source: Arc::new(Recorded(series)),
            engine: Engine::default(),
            clock: ManualClock::starting_at(TimestampNs(NOW_MS * 1_000_000)),
            objectives: Arc::new(move || slos.clone()),
            scale: Scale::new(12).unwrap(),
        }
    }

    async fn get_text(deps: SloDeps) -> String {
        let request = Request::get("/lgtm/api/v1/slos").body(Body::empty()).unwrap();
        let response = router(deps).oneshot(request).await.unwrap();
        assert_eq!(response.status(), StatusCode::OK);
        String::from_utf8(to_bytes(response.into_body(), 1 << 20).await.unwrap().to_vec()).unwrap()
    }

    fn series(name: &str, more: &[(&str, &str)], value: f64) -> (Labels, f64) {
        let own = [(METRIC_NAME, name), ("slo", "shop"), ("service", "shop")];
        (Labels::from_pairs(own.iter().chain(more).copied()), value)
    }

    #[tokio::test]
    async fn what_the_rules_recorded_is_told_in_full_and_reads_back() {
        let (month, hour) = ([("window", "30d")], [("window", "1h")]);
        let text = get_text(deps(vec![
            series("lgtm_slo_good_events", &month, 996.0),
            series("lgtm_slo_total_events", &month, 1000.0),
            series("lgtm_slo_sli_ratio", &month, 0.996),
            series("lgtm_slo_measured_ratio", &month, 1.0),
            series("lgtm_slo_budget_consumed_ratio", &month, 0.8),
            series("lgtm_slo_burn_rate", &hour, 2.0),
            series("lgtm_slo_policy_state", &[("state", "pause")], 1.0),
            series("lgtm_slo_policy_state", &[("state", "normal")], 0.0),
            series("lgtm_slo_block_total_events", &[], 100.0),
            series("lgtm_slo_block_good_events", &[], 99.6),
            series("ALERTS", &[("alertname", "SLOBudgetPause"), ("alertstate", "firing")], 1.0),
        ]))
        .await;
        let answer: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(answer["data"]["scale"], 12);
        let slo = &answer["data"]["slos"][0];
        assert_eq!((&slo["windowSeconds"], &slo["effectiveWindowSeconds"]), (&json!(2_592_000), &json!(216_000)));
        assert_eq!(slo["budgetTotalSeconds"], 12_960);
        assert_eq!(slo["budgetConsumed"], 0.8);
        assert_eq!((&slo["state"], &slo["stateSince"]), (&json!("pause"), &json!("2025-11-24T23:51:00Z")));
        let hour = &slo["burnRates"][0];
        assert_eq!(
            (&hour["effectiveWindow"], &hour["shortWindow"], &hour["rate"]),
            (&json!("5m"), &json!("5m"), &json!(2.0))
        );
        assert_eq!(slo["burnRates"][1]["rate"], Value::Null);
        // A fifth of 60 hours, at twice the speed.
        assert_eq!(slo["exhaustsInSeconds"], 21_600);
        assert_eq!(slo["alerts"][0]["name"], "SLOBudgetPause");

        let statuses = parse_statuses(&text).unwrap();
        assert_eq!(statuses[0].state, PolicyState::Pause);
        let verdict = gate(&statuses, &[]);
        assert!(!verdict.open);
        // One of ten blocks with equal failures must leave the window: 80% become 72%, below 75%.
        assert!(verdict.text.contains("until about 2025-11-27T11:51:00Z"), "{}", verdict.text);
    }

    #[tokio::test]
    async fn what_was_not_measured_is_null() {
        let text = get_text(deps(Vec::new())).await;
        let answer: Value = serde_json::from_str(&text).unwrap();
        let slo = &answer["data"]["slos"][0];
        for name in ["sli", "good", "total", "budgetConsumed", "budgetRemaining", "stateSince", "exhaustsInSeconds"] {
            assert_eq!(slo[name], Value::Null, "{name}");
        }
        assert_eq!(slo["state"], "unknown");
        assert!(gate(&parse_statuses(&text).unwrap(), &[]).open);
    }
}
