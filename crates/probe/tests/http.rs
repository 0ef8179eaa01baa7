//! HTTP probes of a site on this machine, and upstream's tables of answers and verdicts.

mod scene;

use lgtm_probe::{Config, Limits, ProbeRequest};
use lgtm_runtime::Tasks;
use scene::certificates::{Authority, self_signed};
use scene::{black_hole, canned, page, probe, probe_within, refused, web};
use serde_json::{Value, json};
use std::time::Duration;

const PLAIN: &str = "{prober: http, http: {preferred_ip_protocol: ip4}}";

fn table(name: &str) -> Option<Vec<Value>> {
    let Ok(root) = std::env::var("LGTM_CONFORMANCE") else {
        eprintln!("skipped: {name} (LGTM_CONFORMANCE is not set)");
        return None;
    };
    let text = std::fs::read_to_string(format!("{root}/blackbox/prober/{name}")).unwrap();
    Some(serde_json::from_str::<Value>(&text).unwrap()["cases"].as_array().unwrap().clone())
}

/// Probes an answer by the settings of a case and compares the verdict.
async fn judge(case: &Value, answer: String, settings: Value, want: &Value) {
    let tasks = Tasks::default();
    let address = canned(&tasks, answer).await;
    let module = json!({ "prober": "http", "http": settings });
    let outcome = probe(&module.to_string(), &address.to_string()).await;
    assert_eq!(outcome.success, want.as_bool().unwrap(), "{case}\n{}", outcome.debug());
}

#[tokio::test]
async fn statuses_and_versions_are_judged_as_upstream_does() {
    for case in table("http_status_codes.json").unwrap_or_default() {
        let answer = page(&format!("{} Some Words", case["StatusCode"]), "", "");
        judge(&case, answer, json!({ "valid_status_codes": case["ValidStatusCodes"] }), &case["ShouldSucceed"]).await;
    }
    let mut refused_at_load = 0;
    for case in table("http_versions.json").unwrap_or_default() {
        let settings = json!({ "valid_http_versions": case["ValidHTTPVersions"] });
        let text = format!("modules: {{m: {{prober: http, http: {settings}}}}}");
        if Config::read_text("m.yml", &text).is_err() {
            // HTTP/3.0 without enable_http3 can never be answered, and upstream refuses the file too.
            assert_eq!(case["ShouldSucceed"], json!(false), "{case}");
            refused_at_load += 1;
            continue;
        }
        judge(&case, page("200 OK", "", ""), settings, &case["ShouldSucceed"]).await;
    }
    eprintln!("http_versions.json: {refused_at_load} cases are refused when the module is read");
}

#[tokio::test]
async fn headers_and_bodies_are_judged_as_upstream_does() {
    for (name, field) in [
        ("http_header_matches.json", "fail_if_header_matches"),
        ("http_header_not_matches.json", "fail_if_header_not_matches"),
    ] {
        for case in table(name).unwrap_or_default() {
            let rule = &case["Rule"];
            let header = rule["Header"].as_str().unwrap();
            let lines = case["Values"].as_array().unwrap().iter();
            let lines: String = lines.map(|value| format!("{header}: {}\r\n", value.as_str().unwrap())).collect();
            let rule = json!([{
                "header": header, "regexp": rule["Regexp"], "allow_missing": rule["AllowMissing"],
            }]);
            judge(&case, page("200 OK", &lines, ""), json!({ field: rule }), &case["ShouldSucceed"]).await;
        }
    }
    for case in table("http_body_regexp.json").unwrap_or_default() {
        let answer = page("200 OK", "", case["respBody"].as_str().unwrap());
        judge(&case, answer, json!({ "fail_if_body_matches_regexp": case["regexps"] }), &case["expectedResult"]).await;
    }
    for (name, field) in [
        ("http_cel_matches.json", "fail_if_body_json_matches_cel"),
        ("http_cel_not_matches.json", "fail_if_body_json_not_matches_cel"),
    ] {
        for case in table(name).unwrap_or_default() {
            let answer = page("200 OK", "", case["respBody"].as_str().unwrap());
            judge(&case, answer, json!({ field: case["celExpression"] }), &case["expectedResult"]).await;
        }
    }
}

#[test]
fn timeouts_are_upstreams() {
    for case in table("timeout.json").unwrap_or_default() {
        let own_ms = case["inModuleTimeout"].as_i64().unwrap() / 1_000_000;
        let text = format!("modules: {{m: {{prober: tcp, timeout: {own_ms}ms}}}}");
        let config = Config::read_text("m.yml", &text).unwrap().value;
        let header = case["inPrometheusTimeout"].as_str();
        let request = ProbeRequest::from_params([("target", "a")], header).unwrap();
        let offset = Duration::from_secs_f64(case["inOffset"].as_f64().unwrap());
        let limits = Limits { timeout_offset: offset, ..Limits::default() };
        let timeout = request.timeout(&config.modules["m"], &limits).as_secs_f64();
        assert_eq!(timeout, case["outTimeout"].as_f64().unwrap(), "{case}");
    }
}

#[tokio::test]
async fn targets_may_be_encoded_more_than_once() {
    let tasks = Tasks::default();
    let address = web(&tasks, None).await;
    let (host, port) = (address.ip(), address.port());
    for target in [
        format!("http://{address}"),
        format!("http://{host}%3A{port}"),
        format!("http://{host}:{port}/api/v1%3Alatest"),
        format!("http%3A%2F%2F{host}%3A{port}%2Fpath"),
    ] {
        let request = ProbeRequest::from_params([("target", &target)], None).unwrap();
        assert!(probe(PLAIN, &request.target).await.success, "{target}");
    }
}

#[tokio::test]
async fn a_good_page_tells_everything() {
    let tasks = Tasks::default();
    let address = web(&tasks, None).await;
    let outcome = probe(PLAIN, &format!("http://{address}/hop")).await;
    assert!(outcome.success, "{}", outcome.debug());
    for (name, want) in [
        ("probe_http_status_code", 200.0),
        ("probe_http_redirects", 1.0),
        ("probe_http_version", 1.1),
        ("probe_http_content_length", 11.0),
        ("probe_http_uncompressed_body_length", 11.0),
        ("probe_http_last_modified_timestamp_seconds", 1_624_035_850.0),
        ("probe_http_ssl", 0.0),
        ("probe_ip_protocol", 4.0),
    ] {
        assert_eq!(outcome.value(name), Some(want), "{name}\n{}", outcome.exposition());
    }
    let phases = outcome.families.iter().find(|family| family.name == "probe_http_duration_seconds").unwrap();
    assert_eq!(phases.points.len(), 5);
    assert!(outcome.in_words().contains("succeeded after") && outcome.in_words().contains("processing"));
}

#[tokio::test]
async fn what_goes_wrong_is_said() {
    let tasks = Tasks::default();
    let address = web(&tasks, None).await;
    let (hole, _filled) = black_hole().await;
    let nobody = refused().await;
    for (target, reason, status) in [
        (format!("{address}/broken"), "status 500, wanted 2xx", 500.0),
        (format!("{address}/loop"), "status 302", 302.0),
        (format!("{address}/slow"), "the body cannot be read: no answer within the timeout of 0.3 s", 200.0),
        (format!("{address}/never"), "no answer within the timeout of 0.3 s", 0.0),
        (hole.to_string(), "cannot connect to", 0.0),
        (nobody.to_string(), "refused", 0.0),
        ("name.that.does.not.exist.invalid".to_owned(), "cannot be resolved", 0.0),
        ("http://[".to_owned(), "the target is no URL", 0.0),
    ] {
        let outcome = probe_within(PLAIN, &target, 0.3).await;
        assert!(!outcome.success, "{target}");
        let why = outcome.reason.clone().unwrap_or_default();
        // A resolver that is slow to say no runs into the timeout instead.
        assert!(why.contains(reason) || target.ends_with(".invalid"), "{target}: {why}");
        assert_eq!(outcome.value("probe_http_status_code"), Some(status), "{target}");
        assert!(outcome.in_words().contains("FAILED"), "{}", outcome.in_words());
    }
    assert_eq!(probe_within(PLAIN, &format!("{address}/loop"), 5.0).await.value("probe_http_redirects"), Some(11.0));
}

#[tokio::test]
async fn limits_rules_and_hosts() {
    let tasks = Tasks::default();
    let address = web(&tasks, None).await.to_string();
    let limited = probe("{prober: http, http: {body_size_limit: 5B}}", &address).await;
    assert!(limited.reason.unwrap().contains("larger than 5 bytes"));
    let rule = "{prober: http, http: {fail_if_body_not_matches_regexp: ['goodbye']}}";
    let outcome = probe(rule, &address).await;
    assert_eq!((outcome.success, outcome.value("probe_failed_due_to_regex")), (false, Some(1.0)));
    let cel = "{prober: http, http: {fail_if_body_json_not_matches_cel: 'body.queue < 10'}}";
    let outcome = probe(cel, &format!("{address}/json")).await;
    assert_eq!((outcome.success, outcome.value("probe_failed_due_to_cel")), (true, Some(0.0)));
    let stay = "{prober: http, http: {follow_redirects: false, valid_status_codes: [302]}}";
    assert!(probe(stay, &format!("{address}/hop")).await.success);
    assert!(!probe("{prober: http, http: {fail_if_not_ssl: true}}", &address).await.success);
    let third = "{prober: http, http: {enable_http2: false, enable_http3: true}}";
    assert!(probe(third, &address).await.reason.unwrap().contains("HTTP/3"));
}

#[tokio::test]
async fn certificates_are_tested_and_their_end_is_told() {
    let (tasks, directory) = (Tasks::default(), tempfile::tempdir().unwrap());
    let authority = Authority::new(directory.path());
    let trusting = |more: &str| {
        format!(
            "{{prober: http, http: {{preferred_ip_protocol: ip4, tls_config: {{ca_file: {:?}{more}}}}}}}",
            authority.file
        )
    };
    let good = web(&tasks, Some(authority.server(&["localhost"], 2036))).await.port();
    let outcome = probe(&trusting(""), &format!("https://localhost:{good}/")).await;
    assert!(outcome.success, "{}", outcome.debug());
    let end = 2_082_758_400.0;
    assert_eq!(outcome.value("probe_ssl_earliest_cert_expiry"), Some(end));
    assert_eq!(outcome.value("probe_ssl_last_chain_expiry_timestamp_seconds"), Some(end));
    assert_eq!(outcome.value("probe_http_ssl"), Some(1.0));
    let text = outcome.exposition();
    for part in [
        "probe_tls_version_info{version=\"TLS 1.3\"} 1",
        "probe_tls_cipher_info{cipher=\"TLS_",
        "subject=\"CN=test server,O=a\\\\, b\"",
        "issuer=\"CN=test authority\"",
        "subjectalternative=\"localhost\"",
    ] {
        assert!(text.contains(part), "{part}\n{text}");
    }
    let expired = web(&tasks, Some(authority.server(&["localhost"], 2020))).await.port();
    let other = web(&tasks, Some(authority.server(&["other.example"], 2036))).await.port();
    let (own, pem) = self_signed(&["localhost"]);
    let own = web(&tasks, Some(own)).await.port();
    for (port, reason, end) in [
        (expired, "has expired", 1_577_836_800.0),
        (other, "is not for \"localhost\"", 2_082_758_400.0),
        (own, "an authority that is not trusted", 2_114_380_800.0),
    ] {
        let target = format!("https://localhost:{port}/");
        let outcome = probe(&trusting(""), &target).await;
        let why = outcome.reason.clone().unwrap_or_default();
        assert!(!outcome.success && why.contains(reason), "{why}");
        assert_eq!(outcome.value("probe_ssl_earliest_cert_expiry"), None);
        let blind = probe(&trusting(", insecure_skip_verify: true"), &target).await;
        assert!(blind.success, "{}", blind.debug());
        assert_eq!(blind.value("probe_ssl_earliest_cert_expiry"), Some(end));
        assert_eq!(blind.value("probe_ssl_last_chain_expiry_timestamp_seconds"), Some(-62_135_596_800.0));
    }
    let named = probe(&trusting(", server_name: other.example"), &format!("https://localhost:{other}/")).await;
    assert!(named.success, "{}", named.debug());
    let file = directory.path().join("own.pem");
    std::fs::write(&file, pem).unwrap();
    let pinned = format!("{{prober: http, http: {{preferred_ip_protocol: ip4, tls_config: {{ca_file: {file:?}}}}}}}");
    let outcome = probe(&pinned, &format!("https://localhost:{own}/")).await;
    assert!(outcome.success, "a certificate that is itself trusted: {}", outcome.debug());
}
