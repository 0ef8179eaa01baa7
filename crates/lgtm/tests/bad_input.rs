//! Bad input gets a clear answer and changes nothing.

mod support;

use std::path::Path;
use std::process::{Command, Stdio};
use support::{Lgtm, run_to_end};

#[test]
fn a_malformed_file_is_named_with_line_and_column() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("prometheus.yml");
    std::fs::write(&file, "scrape_configs:\n  - job_name: x\n    scrap_interval: 5s\n").expect("written");
    let path = file.to_str().expect("UTF-8");
    let (code, errors) = run_to_end(&["check", "prometheus", path]);
    assert_eq!(code, 1, "{errors}");
    assert!(errors.contains("prometheus.yml:3:5: "), "{errors}");
    assert!(errors.contains("did you mean \"scrape_interval\"?"), "{errors}");

    std::fs::write(&file, "scrape_configs:\n  - job_name: [x\n").expect("written");
    let (code, errors) = run_to_end(&["check", "prometheus", path]);
    assert!(code == 1 && errors.contains("prometheus.yml:"), "{errors}");
}

#[test]
fn wrong_usage_exits_with_two() {
    assert_eq!(run_to_end(&["servr"]).0, 2);
}

#[test]
fn where_nobody_reads_the_program_ends_quietly() {
    let rules = concat!(env!("CARGO_MANIFEST_DIR"), "/../../content/rules/hosts.yml");
    let mut child = Command::new(env!("CARGO_BIN_EXE_lgtm"))
        .args(["check", "rules", rules])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary starts");
    drop(child.stdout.take());
    let output = child.wait_with_output().expect("the process ends");
    assert_eq!((output.status.code(), String::from_utf8_lossy(&output.stderr).as_ref()), (Some(141), ""));
}

#[test]
fn a_port_in_use_is_named_with_its_flag() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = Lgtm::start("server", folder.path(), &[]);
    let taken = server.url("ui").trim_start_matches("http://").to_owned();
    let other = tempfile::tempdir().expect("a folder");
    let data = other.path().to_str().expect("UTF-8");
    let (code, errors) = run_to_end(&["server", "--data", data, "--listen", &taken]);
    let port = taken.rsplit(':').next().expect("a port");
    assert!(code == 1 && errors.contains(&format!("port {port} is in use")) && errors.contains("--listen"), "{errors}");
}

#[test]
fn an_open_address_without_a_token_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().to_str().expect("UTF-8");
    let (code, errors) = run_to_end(&["server", "--data", data, "--listen", "0.0.0.0:0"]);
    assert!(code == 1 && errors.contains("--token-file"), "{errors}");
}

#[tokio::test]
async fn truncated_protobuf_is_a_400_with_the_offset() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = Lgtm::start("server", folder.path(), &[]);
    for path in ["v1/logs", "v1/traces", "v1/metrics"] {
        let answer = reqwest::Client::new()
            .post(format!("{}/{path}", server.url("otlp_http")))
            .header("content-type", "application/x-protobuf")
            .body(vec![0x0a, 0x05, 0x12])
            .send()
            .await
            .expect("an answer");
        assert_eq!(answer.status(), reqwest::StatusCode::BAD_REQUEST);
        let body = answer.bytes().await.expect("a body");
        assert!(String::from_utf8_lossy(&body).contains("byte 3"), "{}", String::from_utf8_lossy(&body));
    }
}

#[tokio::test]
async fn curly_quotes_in_promql_are_shown_with_a_caret_and_a_hint() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = Lgtm::start("server", folder.path(), &[]);
    let url = format!("{}/api/v1/query", server.url("prometheus"));
    let query = "rate(node_cpu_seconds_total{mode=“idle”}[5m])";
    let answer = reqwest::Client::new().get(url).query(&[("query", query)]).send().await.expect("an answer");
    assert_eq!(answer.status(), reqwest::StatusCode::BAD_REQUEST);
    let body: serde_json::Value = serde_json::from_str(&answer.text().await.expect("a body")).expect("JSON");
    assert_eq!(body["errorType"], "bad_data");
    let error = body["diagnostics"]["rendered"].as_str().expect("a text");
    let lines: Vec<&str> = error.lines().collect();
    let query_line = lines.iter().position(|line| line.contains(query)).unwrap_or_else(|| panic!("{error}"));
    let quote_column = lines[query_line].chars().position(|c| c == '“').expect("the quote");
    let caret_column = lines[query_line + 1].chars().position(|c| c == '^').unwrap_or_else(|| panic!("{error}"));
    assert_eq!(caret_column, quote_column, "{error}");
    assert!(error.contains('"'), "{error}");
}

/// A server on files of its own: one rule that always fires, and routes to nowhere.
fn judging(folder: &Path) -> Lgtm {
    let write = |name: &str, text: &str| std::fs::write(folder.join(name), text).expect("written");
    write("rules.yml", RULES);
    write("alertmanager.yml", ROUTES);
    write("prometheus.yml", "rule_files: [rules.yml]\n");
    write("lgtm.yml", "prometheus: prometheus.yml\nalertmanager: alertmanager.yml\n");
    let config = folder.join("lgtm.yml");
    Lgtm::start("server", &folder.join("data"), &["--config", config.to_str().expect("UTF-8")])
}

const RULES: &str = "groups:
  - name: shop
    rules:
      - alert: Failing
        expr: http_requests_total{code=\"500\"} > 0
";
const ROUTES: &str = "route: {receiver: hook}
receivers:
  - name: hook
    webhook_configs:
      - url: http://127.0.0.1:9/
";

/// Reloads, and what was answered.
async fn reload(server: &Lgtm) -> (reqwest::StatusCode, String) {
    let url = format!("{}/-/reload", server.url("prometheus"));
    let answer = reqwest::Client::new().post(url).send().await.expect("an answer");
    (answer.status(), answer.text().await.expect("a body"))
}

/// The names of the rules in force, and the notifier's configuration as text.
async fn in_force(server: &Lgtm) -> (String, String) {
    let rules = support::get_json(&format!("{}/api/v1/rules", server.url("prometheus")), &[]).await;
    let names: Vec<&str> = rules["data"]["groups"]
        .as_array()
        .expect("groups")
        .iter()
        .flat_map(|group| group["rules"].as_array().expect("rules"))
        .filter_map(|rule| rule["query"].as_str())
        .filter(|query| query.contains("http_requests_total{code="))
        .collect();
    let status = support::get_json(&format!("{}/api/v2/status", server.url("alertmanager")), &[]).await;
    (names.join(" "), status["config"]["original"].as_str().expect("the configuration").to_owned())
}

#[tokio::test]
async fn curly_quotes_in_a_rule_file_and_a_missing_function_in_a_template_change_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = judging(folder.path());
    let before = in_force(&server).await;
    assert!(before.0.starts_with("http_requests_total") && before.1.contains("name: hook"), "{before:?}");

    let rules = folder.path().join("rules.yml");
    std::fs::write(&rules, RULES.replace("\"500\"", "“500”")).expect("written");
    let (status, told) = reload(&server).await;
    println!("{told}");
    assert_eq!(status, reqwest::StatusCode::BAD_REQUEST);
    assert!(told.contains("rules.yml:5:") && told.contains("“500”") && told.contains("straight"), "{told}");
    assert_eq!(in_force(&server).await, before);
    std::fs::write(&rules, RULES).expect("written");

    let routes = folder.path().join("alertmanager.yml");
    let title = "      - url: http://127.0.0.1:9/\n    slack_configs:
      - api_url: http://127.0.0.1:9/
        title: '{{ .CommonLabels.zone | default \"none\" }}'\n";
    std::fs::write(&routes, ROUTES.replace("      - url: http://127.0.0.1:9/\n", title)).expect("written");
    let (status, told) = reload(&server).await;
    println!("{told}");
    assert_eq!(status, reqwest::StatusCode::BAD_REQUEST);
    assert!(told.contains("alertmanager.yml:8:") && told.contains("function \"default\" is not defined"), "{told}");
    assert!(told.contains("{{ if .CommonLabels.zone }}{{ .CommonLabels.zone }}{{ else }}none{{ end }}"), "{told}");
    assert_eq!(in_force(&server).await, before);

    std::fs::write(&routes, ROUTES.replace("hook\n", "pager\n").replace("receiver: hook", "receiver: pager"))
        .expect("written");
    let (status, told) = reload(&server).await;
    assert!(status.is_success(), "{told}");
    assert!(in_force(&server).await.1.contains("name: pager"));
}
