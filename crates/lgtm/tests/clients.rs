//! Clients that nobody here wrote: the OpenTelemetry SDK for Python, promtool, node-exporter.

mod support;

use serde_json::Value;
use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use support::{Lgtm, eventually, get_json, installed};

/// How long data may take from a client to an answer.
const VISIBLE_WITHIN: Duration = Duration::from_secs(30);

fn python() -> Option<String> {
    let python = std::env::var("LGTM_PYTHON").ok();
    if python.is_none() {
        eprintln!("SKIPPED: the OpenTelemetry SDK for Python (LGTM_PYTHON is not set; ./dev test sets it)");
    }
    python
}

fn send_with_sdk(python: &str, protocol: &str, endpoint: &str, service: &str) -> String {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/clients/otel_sdk.py");
    let output = Command::new(python).arg(script).args([protocol, endpoint, service]).output().expect("python runs");
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{errors}");
    String::from_utf8(output.stdout).expect("text").trim().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_opentelemetry_sdk_sends_all_three_signals_over_grpc_and_http() {
    let Some(python) = python() else { return };
    let folder = tempfile::tempdir().expect("a folder");
    let server = Lgtm::start("server", folder.path(), &[]);
    for (protocol, endpoint) in [("grpc", "otlp_grpc"), ("http", "otlp_http")] {
        let service = format!("client-{protocol}");
        let trace = send_with_sdk(&python, protocol, server.url(endpoint), &service);

        let found = get_json(&format!("{}/api/traces/{trace}", server.url("tempo")), &[]).await;
        let span = &found["batches"][0]["scopeSpans"][0]["spans"][0];
        assert_eq!(span["name"], "client-work", "{found}");

        let query = format!("{{service_name=\"{service}\"}} |= \"hello\"");
        let url = format!("{}/loki/api/v1/query_range", server.url("loki"));
        let found = get_json(&url, &[("query", query.as_str())]).await;
        assert_eq!(found["data"]["result"][0]["values"][0][1], format!("hello from {protocol}"), "{found}");

        let query = format!("client_orders_total{{job=\"{service}\", kind=\"test\"}}");
        let url = format!("{}/api/v1/query", server.url("prometheus"));
        let found = get_json(&url, &[("query", query.as_str())]).await;
        assert_eq!(found["data"]["result"][0]["value"][1], "3", "{found}");
    }
}

/// A server that scrapes what `targets` lists, every second.
fn scraping(folder: &Path, targets: &[(&str, &str)]) -> Lgtm {
    let mut text = "global: {scrape_interval: 1s, scrape_timeout: 1s}\nscrape_configs:\n".to_owned();
    for (job, target) in targets {
        text.push_str(&format!("  - job_name: {job}\n    static_configs:\n      - targets: ['{target}']\n"));
    }
    std::fs::write(folder.join("prometheus.yml"), text).expect("written");
    std::fs::write(folder.join("lgtm.yml"), "prometheus: prometheus.yml\n").expect("written");
    let data = folder.join("data");
    std::fs::create_dir(&data).expect("a folder");
    Lgtm::start("server", &data, &["--config", folder.join("lgtm.yml").to_str().expect("UTF-8")])
}

async fn values(server: &Lgtm, query: &str) -> Vec<Value> {
    let answer = get_json(&format!("{}/api/v1/query", server.url("prometheus")), &[("query", query)]).await;
    answer["data"]["result"].as_array().cloned().unwrap_or_default()
}

async fn wait_for(server: &Lgtm, query: &str) -> Vec<Value> {
    let found =
        eventually(VISIBLE_WITHIN, || async { Some(values(server, query).await).filter(|found| !found.is_empty()) });
    found.await.unwrap_or_else(|| panic!("nothing for {query} within {VISIBLE_WITHIN:?}"))
}

fn promtool(arguments: &[&str]) -> String {
    let output = Command::new("promtool").args(arguments).output().expect("promtool runs");
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "promtool {arguments:?}: {errors}");
    String::from_utf8(output.stdout).expect("text")
}

#[tokio::test(flavor = "multi_thread")]
async fn promtool_reads_what_was_scraped() {
    if !installed("promtool", "promtool against our Prometheus API") {
        return;
    }
    let scraped_folder = tempfile::tempdir().expect("a folder");
    let scraped = Lgtm::start("server", scraped_folder.path(), &[]);
    let folder = tempfile::tempdir().expect("a folder");
    let server = scraping(folder.path(), &[("lgtm", scraped.url("ui").trim_start_matches("http://"))]);
    wait_for(&server, "up == 1").await;
    let url = server.url("prometheus").to_owned();
    let text = tokio::task::spawn_blocking(move || {
        [
            promtool(&["query", "instant", &url, "up"]),
            promtool(&["query", "range", &url, "up"]),
            promtool(&["query", "series", &url, "--match=up"]),
            promtool(&["query", "labels", &url, "job"]),
        ]
    });
    let [instant, range, series, labels] = text.await.expect("promtool ran");
    assert!(instant.starts_with("up{") && instant.contains("=> 1 @["), "{instant}");
    assert!(range.contains("job=\"lgtm\"") && range.contains("1 @["), "{range}");
    assert!(series.contains("__name__=\"up\"") && series.contains("job=\"lgtm\""), "{series}");
    assert!(labels.lines().any(|line| line == "lgtm"), "{labels}");
}

struct NodeExporter {
    child: Child,
    address: String,
}

impl NodeExporter {
    fn start() -> Self {
        // Taken and given back, so that the exporter can have it: it cannot say which port it took by itself.
        let free = std::net::TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("an address");
        let child = Command::new("prometheus-node-exporter")
            .arg(format!("--web.listen-address={free}"))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("node-exporter starts");
        Self { child, address: free.to_string() }
    }
}

impl Drop for NodeExporter {
    fn drop(&mut self) {
        let _may_have_ended = self.child.kill();
        let _may_be_reaped = self.child.wait();
    }
}

/// Metric names with the label names of their series.
fn shapes(series: &[Value]) -> BTreeMap<String, Vec<Vec<String>>> {
    let mut shapes: BTreeMap<String, Vec<Vec<String>>> = BTreeMap::new();
    for labels in series.iter().filter_map(|series| series["metric"].as_object()) {
        let name = labels["__name__"].as_str().unwrap_or_default().to_owned();
        let identity = ["__name__", "job", "instance"];
        let names: Vec<String> = labels.keys().filter(|name| !identity.contains(&name.as_str())).cloned().collect();
        let known = shapes.entry(name).or_default();
        if !known.contains(&names) {
            known.push(names);
        }
    }
    shapes.values_mut().for_each(|shapes| shapes.sort());
    shapes
}

async fn metadata_types(server: &Lgtm) -> BTreeMap<String, String> {
    let answer = get_json(&format!("{}/api/v1/metadata", server.url("prometheus")), &[]).await;
    let families = answer["data"].as_object().expect("families");
    families.iter().map(|(name, rows)| (name.clone(), rows[0]["type"].as_str().unwrap_or("").to_owned())).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn host_metrics_agree_with_node_exporters_in_name_type_and_labels() {
    if !installed("prometheus-node-exporter", "our host metrics beside node-exporter's") {
        return;
    }
    let exporter = NodeExporter::start();
    let folder = tempfile::tempdir().expect("a folder");
    let theirs = scraping(folder.path(), &[("node", &exporter.address)]);
    let demo_folder = tempfile::tempdir().expect("a folder");
    let ours = Lgtm::start("demo", demo_folder.path(), &[]);
    wait_for(&theirs, "node_load1").await;
    wait_for(&ours, "node_load1").await;
    wait_for(&ours, "node_network_receive_bytes_total").await;

    let selector = "{__name__=~\"node_.+\"}";
    let (our_shapes, their_shapes) = (shapes(&values(&ours, selector).await), shapes(&values(&theirs, selector).await));
    let (our_types, their_types) = (metadata_types(&ours).await, metadata_types(&theirs).await);
    let shared: Vec<&String> = our_shapes.keys().filter(|name| their_shapes.contains_key(*name)).collect();
    println!("{} metrics of ours, {} of node-exporter, {} shared", our_shapes.len(), their_shapes.len(), shared.len());
    assert!(shared.len() >= 100, "only {} shared metrics", shared.len());
    for name in shared {
        assert_eq!(our_shapes[name], their_shapes[name], "labels of {name}");
        assert_eq!(our_types.get(name), their_types.get(name), "type of {name}");
    }
}
