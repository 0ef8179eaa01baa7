//! Probes of TCP, Unix sockets, gRPC, WebSocket and ICMP on this machine.

mod scene;

use lgtm_probe::{Config, Deps, ProbeError, ProbeRequest, start};
use lgtm_runtime::metrics::Registry;
use lgtm_runtime::{Random, ShutdownTrigger, SystemClock, Tasks};
use scene::certificates::Authority;
use scene::{canned, grpc, page, probe, probe_within, refused, script};
use std::time::Duration;

#[tokio::test]
async fn a_banner_is_expected_and_told() {
    let tasks = Tasks::default();
    let ssh = script(&tasks, &[">SSH-2.0-OpenSSH_9.2p1 Debian-2", "<"], None).await.to_string();
    let module = "{prober: tcp, tcp: {query_response: [{expect: '^SSH-2.0-([^ -]+)(?: (.*))?$', labels: \
                  [{name: version, value: '${1}'}, {name: comment, value: '${2}'}]}, {send: hello}]}}";
    let outcome = probe(module, &ssh).await;
    assert!(outcome.success, "{}", outcome.debug());
    let want = "probe_expect_info{comment=\"Debian-2\",version=\"OpenSSH_9.2p1\"} 1";
    assert!(outcome.exposition().contains(want), "{}", outcome.exposition());
    let other = probe("{prober: tcp, tcp: {query_response: [{expect: '^FTP'}, {send: x}]}}", &ssh).await;
    assert!(!other.success);
    let silent = script(&tasks, &["<"], None).await.to_string();
    let outcome = probe_within("{prober: tcp, tcp: {query_response: [{expect: '^220'}]}}", &silent, 0.3).await;
    assert!(outcome.reason.unwrap().contains("no answer within the timeout"));
    assert_eq!(outcome.families.iter().filter(|family| family.name == "probe_failed_due_to_regex").count(), 1);
}

#[tokio::test]
async fn bytes_are_expected_and_answers_put_in() {
    let tasks = Tasks::default();
    let irc = script(&tasks, &[">PING :tok", "<", ">:server 001 welcome"], None).await.to_string();
    let module =
        "{prober: tcp, tcp: {query_response: [{expect: 'PING :([^ ]+)', send: 'PONG ${1}'}, {expect: '^:[^ ]+ 001'}]}}";
    assert!(probe(module, &irc).await.success);
    let postgres = script(&tasks, &["<", ">S"], None).await.to_string();
    let module = |expected: &str| {
        format!(
            "{{prober: tcp, tcp: {{query_response: [{{send: !!binary AAAACATSFi8=}}, {{expect_bytes: {expected}}}]}}}}"
        )
    };
    assert!(probe(&module("S"), &postgres).await.success);
    let outcome = probe(&module("N"), &postgres).await;
    assert_eq!((outcome.success, outcome.value("probe_failed_due_to_bytes")), (false, Some(1.0)));
}

#[tokio::test]
async fn tls_begins_in_the_middle() {
    let (tasks, directory) = (Tasks::default(), tempfile::tempdir().unwrap());
    let authority = Authority::new(directory.path());
    let lines = &[">220 mail ESMTP", "<", ">250-STARTTLS", "<", ">220 go", "tls", "<", ">250-AUTH", "<"];
    let mail = script(&tasks, lines, Some(authority.server(&["localhost"], 2036))).await.port();
    let steps = "[{expect: '^220 '}, {send: \"EHLO prober\\r\"}, {expect: '^250-STARTTLS'}, {send: \"STARTTLS\\r\"}, \
                 {expect: '^220'}, {starttls: true}, {send: \"EHLO prober\\r\"}, {expect: '^250-AUTH'}, {send: \"QUIT\\r\"}]";
    let module = format!(
        "{{prober: tcp, tcp: {{preferred_ip_protocol: ip4, tls_config: {{ca_file: {:?}}}, query_response: {steps}}}}}",
        authority.file
    );
    let outcome = probe(&module, &format!("localhost:{mail}")).await;
    assert!(outcome.success, "{}", outcome.debug());
    assert_eq!(outcome.value("probe_ssl_earliest_cert_expiry"), Some(2_082_758_400.0));
    let wrong = probe(&module, &format!("127.0.0.1:{mail}")).await;
    assert!(wrong.reason.unwrap().contains("is not for \"127.0.0.1\""));
}

#[tokio::test]
async fn ip_versions_are_kept_apart() {
    let Ok(listener) = tokio::net::TcpListener::bind("[::1]:0").await else {
        eprintln!("skipped: IPv6 (this machine has none)");
        return;
    };
    let target = listener.local_addr().unwrap().to_string();
    let outcome = probe("{prober: tcp}", &target).await;
    assert_eq!((outcome.success, outcome.value("probe_ip_protocol")), (true, Some(6.0)));
    let module = "{prober: tcp, tcp: {preferred_ip_protocol: ip4, ip_protocol_fallback: false}}";
    assert!(probe(module, &target).await.reason.unwrap().contains("has no IPv4 address"));
    assert!(probe("{prober: tcp, tcp: {preferred_ip_protocol: ip4}}", &target).await.success);
    assert!(!probe("{prober: tcp}", "::1").await.success);
}

#[tokio::test]
async fn unix_sockets_talk_too() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("s").display().to_string();
    let listener = tokio::net::UnixListener::bind(&path).unwrap();
    assert!(probe("{prober: unix}", &path).await.success);
    let module = "{prober: unix, unix: {query_response: [{expect: PONG}]}}";
    assert!(!probe_within(module, &path, 0.2).await.success);
    drop(listener);
    assert!(probe("{prober: unix}", "/nowhere/at/all").await.reason.unwrap().contains("cannot connect"));
}

#[tokio::test]
async fn health_is_asked_for_over_grpc() {
    let tasks = Tasks::default();
    let server = grpc::health(&tasks).await.to_string();
    let module = |service: &str| format!("{{prober: grpc, grpc: {{service: {service}, preferred_ip_protocol: ip4}}}}");
    let well = probe(&module("well"), &server).await;
    assert!(well.success, "{}", well.debug());
    let text = well.exposition();
    assert!(text.contains("probe_grpc_healthcheck_response{serving_status=\"SERVING\"} 1"), "{text}");
    assert!(text.contains("probe_grpc_healthcheck_response{serving_status=\"NOT_SERVING\"} 0"), "{text}");
    let ill = probe(&module("ill"), &server).await;
    assert_eq!((ill.success, ill.value("probe_grpc_status_code")), (false, Some(0.0)));
    let unknown = probe(&module("none"), &server).await;
    assert_eq!((unknown.success, unknown.value("probe_grpc_status_code")), (false, Some(5.0)));
    let nobody = probe(&module("well"), &refused().await.to_string()).await;
    assert_eq!((nobody.success, nobody.value("probe_grpc_status_code")), (false, Some(14.0)));
}

#[tokio::test]
async fn a_page_is_no_websocket() {
    let tasks = Tasks::default();
    let address = canned(&tasks, page("200 OK", "", "hello")).await;
    let outcome = probe("{prober: websocket}", &format!("ws://{address}/")).await;
    assert_eq!((outcome.success, outcome.value("probe_websocket_status_code")), (false, Some(200.0)));
    assert_eq!(outcome.value("probe_websocket_connection_upgraded"), Some(0.0));
    assert!(!probe("{prober: websocket}", &format!("http://{address}/")).await.success);
}

#[tokio::test]
async fn this_machine_answers_pings() {
    for (target, module) in [
        ("127.0.0.1", "{prober: icmp}"),
        ("127.0.0.1", "{prober: icmp, icmp: {payload_size: 1000, dont_fragment: true, source_ip_address: 127.0.0.1}}"),
        ("::1", "{prober: icmp, icmp: {ttl: 5}}"),
    ] {
        let outcome = probe(module, target).await;
        if outcome.reason.as_deref().is_some_and(|reason| reason.contains("no socket for ICMP")) {
            eprintln!("skipped: ICMP to {target} ({})", outcome.reason.unwrap_or_default());
            continue;
        }
        if target == "::1" && !outcome.success {
            eprintln!("skipped: ICMP to ::1 ({})", outcome.reason.unwrap_or_default());
            continue;
        }
        assert!(outcome.success, "{}", outcome.debug());
        assert!(outcome.value("probe_icmp_reply_hop_limit").is_some_and(|limit| limit > 0.0), "{}", outcome.debug());
    }
}

#[tokio::test]
async fn a_component_counts_remembers_reloads_and_is_bounded() {
    let (trigger, shutdown) = ShutdownTrigger::new();
    let registry = Registry::default();
    let deps = Deps { clock: SystemClock::shared(), registry: registry.clone(), random: Random::from_seed(1) };
    let mut config = Config::read_text("m.yml", "modules: {m: {prober: tcp, timeout: 300ms}}").unwrap().value;
    config.limits.concurrent_max = 1;
    let handle = start(config, deps, shutdown);
    let nobody = refused().await.to_string();
    assert!(!handle.probe(&ProbeRequest::new(&nobody, "m")).await.unwrap().success);
    assert_eq!(handle.history().len(), 1);
    let (hole, _filled) = scene::black_hole().await;
    let slow = ProbeRequest::new(hole.to_string(), "m");
    let (first, second) = tokio::join!(handle.probe(&slow), async {
        tokio::task::yield_now().await;
        handle.probe(&ProbeRequest { scrape_timeout_seconds: Some(0.6), ..slow.clone() }).await
    });
    assert!(!first.unwrap().success);
    // The second waited for the first within its own time, and was made or refused; nothing else.
    assert!(matches!(second, Ok(_) | Err(ProbeError::Busy(1))));
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("blackbox.yml");
    std::fs::write(&file, "modules: {x: {prober: nothing}}").unwrap();
    assert!(handle.reload_file(&file).unwrap_err().to_string().contains("blackbox.yml:1:23"));
    assert!(handle.config().modules.contains_key("m"), "the running config stays");
    std::fs::write(&file, "modules: {x: {prober: icmp}}").unwrap();
    assert!(handle.reload_file(&file).unwrap().is_empty());
    assert_eq!(handle.probe(&slow).await.unwrap_err(), ProbeError::UnknownModule("m".to_owned()));
    let value = |name: &str| registry.snapshot().into_iter().find(|family| family.name == name).unwrap().points[0].2;
    assert_eq!(value("blackbox_module_unknown_total"), 1.0);
    assert_eq!(value("lgtm_probe_running"), 0.0);
    trigger.fire();
    assert_eq!(handle.probe(&ProbeRequest::new("127.0.0.1", "x")).await.unwrap_err(), ProbeError::Stopping);
    let text = handle.scrape(&[], Duration::from_secs(1)).await.unwrap_err().to_string();
    assert_eq!(text, "Unknown module \"http_2xx\"");
}
