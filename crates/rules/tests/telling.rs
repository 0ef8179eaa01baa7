//! Alerts on their way to Alertmanagers that speak HTTP on this machine.

use async_trait::async_trait;
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use lgtm_flow::{SampleBatch, SampleSink, SinkError};
use lgtm_logql::{LogSelect, LogStream, QueryError, RangeSelect};
use lgtm_model::{Labels, Matcher, Metadata, TimestampMs, TimestampNs};
use lgtm_promql::{Engine, Select, SeriesColumns, Source, SourceError};
use lgtm_rules::{Config, Deps, Options, start};
use lgtm_runtime::metrics::Registry;
use lgtm_runtime::{Clock, ManualClock, ShutdownTrigger};
use parking_lot::Mutex;
use serde_json::Value;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::task::JoinSet;

/// No metrics, no logs, and a place for samples that keeps none.
struct Nothing;

#[async_trait]
impl Source for Nothing {
    async fn select(&self, _: &Select) -> Result<Vec<SeriesColumns>, SourceError> {
        Ok(Vec::new())
    }

    async fn series(
        &self,
        _: &[Vec<Matcher>],
        _: (TimestampMs, TimestampMs),
        _: usize,
    ) -> Result<Vec<Labels>, SourceError> {
        Ok(Vec::new())
    }

    async fn label_names(&self, _: &[Vec<Matcher>], _: (TimestampMs, TimestampMs)) -> Result<Vec<String>, SourceError> {
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

#[async_trait]
impl lgtm_logql::Source for Nothing {
    async fn select_logs(&self, _: &LogSelect) -> Result<Vec<LogStream>, QueryError> {
        Ok(Vec::new())
    }

    async fn select_range(&self, _: &RangeSelect) -> Result<Vec<lgtm_logql::RangeSeries>, QueryError> {
        Ok(Vec::new())
    }

    async fn streams(&self, _: &[Vec<Matcher>], _: TimestampNs, _: TimestampNs) -> Result<Vec<Labels>, QueryError> {
        Ok(Vec::new())
    }
}

#[async_trait]
impl SampleSink for Nothing {
    async fn write_samples(&self, _: SampleBatch) -> Result<(), SinkError> {
        Ok(())
    }
}

type Got = Arc<Mutex<Vec<(HeaderMap, Value)>>>;

/// An Alertmanager that answers with `status`: what it gets, and its address.
async fn alertmanager(status: StatusCode, servers: &mut JoinSet<()>) -> (Got, String) {
    let got = Got::default();
    let take = move |State(got): State<Got>, headers: HeaderMap, body: Bytes| async move {
        got.lock().push((headers, serde_json::from_slice(&body).unwrap()));
        status
    };
    let router = Router::new().route("/am/api/v2/alerts", post(take)).with_state(Arc::clone(&got));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    servers.spawn(async move { axum::serve(listener, router).await.unwrap() });
    (got, address)
}

fn config(directory: &Path, good: &str, bad: &str) -> Config {
    let rules = "groups:\n- name: g\n  interval: 30s\n  rules:\n\
                 \x20 - {alert: Always, expr: vector(1), labels: {replica: a}, annotations: {link: '{{ $externalURL }}'}}\n\
                 \x20 - {alert: Secret, expr: vector(1)}\n";
    std::fs::write(directory.join("rules.yml"), rules).unwrap();
    std::fs::write(directory.join("targets.yml"), format!("- targets: ['{bad}']\n")).unwrap();
    let text = format!(
        "rule_files: [rules.yml]\nglobal: {{external_labels: {{region: eu}}}}\nalerting:\n  alert_relabel_configs:\n\
         \x20 - {{action: labeldrop, regex: replica}}\n  alertmanagers:\n\
         \x20 - static_configs: [{{targets: ['{good}']}}]\n    path_prefix: /am/\n\
         \x20   basic_auth: {{username: u, password: p}}\n\
         \x20   alert_relabel_configs: [{{source_labels: [alertname], regex: Secret, action: drop}}]\n\
         \x20 - file_sd_configs: [{{files: [targets.yml]}}]\n    path_prefix: /am\n"
    );
    let path = directory.join("prometheus.yml");
    std::fs::write(&path, text).unwrap();
    Config::read_file(&path).unwrap_or_else(|problems| panic!("{problems}")).value
}

/// Looks so many times, with 5 ms between, until it holds.
async fn eventually(holds: impl Fn() -> bool, looks: usize) -> bool {
    for _ in 0..looks {
        if holds() {
            return true;
        }
        tokio::task::spawn_blocking(|| std::thread::park_timeout(Duration::from_millis(5))).await.unwrap();
    }
    false
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_alertmanager_is_told_in_its_own_way() {
    let mut servers = JoinSet::new();
    let (good, good_address) = alertmanager(StatusCode::OK, &mut servers).await;
    let (bad, bad_address) = alertmanager(StatusCode::INTERNAL_SERVER_ERROR, &mut servers).await;
    let directory = tempfile::tempdir().unwrap();
    let clock = ManualClock::starting_at(TimestampNs(1_700_000_000_000_000_000));
    let registry = Registry::default();
    let (trigger, shutdown) = ShutdownTrigger::new();
    let deps = Deps {
        engine: Engine::default(),
        source: Arc::new(Nothing),
        logs: Arc::new(Nothing),
        samples: Arc::new(Nothing),
        alerts: Vec::new(),
        clock: Arc::clone(&clock) as Arc<dyn Clock>,
        registry: registry.clone(),
        external_url: "http://lgtm".to_owned(),
        options: Options::default(),
    };
    let handle = start(config(directory.path(), &good_address, &bad_address), deps, shutdown).await;
    assert_eq!(handle.alertmanagers().len(), 2);
    let metric = |name: &str| -> f64 {
        let families = registry.snapshot();
        families.iter().filter(|family| family.name == name).flat_map(|family| &family.points).map(|one| one.2).sum()
    };
    // The group takes its first turn once its task runs; no turn comes twice within so few seconds.
    for _ in 0..31 {
        clock.advance(Duration::from_secs(1));
        if eventually(|| metric("prometheus_rule_evaluations_total") >= 2.0, 10).await {
            break;
        }
    }
    // Real sockets need real time; the loop ends as soon as both have answered.
    let sent = || metric("prometheus_notifications_sent_total") >= 1.0;
    let failed = || metric("prometheus_notifications_errors_total") >= 2.0;
    assert!(eventually(|| sent() && failed(), 2_000).await);
    let got = good.lock().clone();
    let alerts: Vec<&Value> = got.iter().flat_map(|(_, body)| body.as_array().unwrap()).collect();
    assert_eq!(alerts.len(), 1, "{alerts:?}");
    assert_eq!(alerts[0]["labels"], serde_json::json!({ "alertname": "Always", "region": "eu" }));
    assert_eq!(alerts[0]["annotations"]["link"], "http://lgtm");
    assert!(got[0].0["authorization"].to_str().unwrap().starts_with("Basic "));
    assert!(!bad.lock().is_empty());
    assert_eq!(metric("prometheus_notifications_sent_total"), 1.0);
    assert_eq!(metric("prometheus_notifications_dropped_total"), metric("prometheus_notifications_errors_total"));
    assert_eq!(metric("prometheus_notifications_alertmanagers_discovered"), 2.0);
    trigger.fire();
    clock.advance(Duration::from_secs(1));
    handle.drain(Duration::from_secs(60)).await;
}
