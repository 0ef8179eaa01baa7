//! The same targets probed by Debian's Blackbox Exporter and by us: the same verdicts, names of metrics and of labels.

mod scene;

use lgtm_probe::{Config, Limits, ProbeRequest, Prober};
use lgtm_runtime::{Clock, Random, SystemClock, Tasks};
use scene::certificates::{Authority, self_signed};
use scene::{black_hole, dns, grpc, refused, script, web};
use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::process::{Child, Command};

const BINARY: &str = "prometheus-blackbox-exporter";

/// What came into the exporter after Debian's version 0.23, as name or as name and label.
const NEWER: [&str; 6] = [
    "probe_timeout_seconds",
    "probe_failed_due_to_bytes",
    "probe_failed_due_to_cel",
    "probe_tls_cipher_info",
    "probe_tls_cipher_info{cipher}",
    "probe_ssl_last_chain_info{serialnumber}",
];

/// What the exporter exposes of gRPC without TLS: an expiry in 1970, at which every alert on expiring certificates fires.
/// We expose an expiry where there is a certificate.
const UNTRUE: &str = "probe_ssl_earliest_cert_expiry";

const MODULES: &str = "modules:
  http: {prober: http, timeout: 2s, http: {preferred_ip_protocol: ip4}}
  http_stay: {prober: http, timeout: 2s, http: {preferred_ip_protocol: ip4, follow_redirects: false}}
  http_words: {prober: http, timeout: 2s, http: {preferred_ip_protocol: ip4, fail_if_body_not_matches_regexp: [goodbye]}}
  tls: {prober: http, timeout: 2s, http: {preferred_ip_protocol: ip4, tls_config: {ca_file: CA}}}
  tls_blind: {prober: http, timeout: 2s, http: {preferred_ip_protocol: ip4, tls_config: {insecure_skip_verify: true}}}
  tcp: {prober: tcp, timeout: 1s}
  tcp_v4: {prober: tcp, timeout: 1s, tcp: {preferred_ip_protocol: ip4, ip_protocol_fallback: false}}
  tcp_tls: {prober: tcp, timeout: 2s, tcp: {preferred_ip_protocol: ip4, tls: true, tls_config: {ca_file: CA}}}
  banner: {prober: tcp, timeout: 1s, tcp: {query_response: [{expect: '^SSH-2.0-'}]}}
  smtp:
    prober: tcp
    timeout: 2s
    tcp:
      preferred_ip_protocol: ip4
      tls_config: {ca_file: CA}
      query_response: [{expect: '^220 '}, {send: \"EHLO prober\\r\"}, {expect: '^250-STARTTLS'}, {send: \"STARTTLS\\r\"}, {expect: '^220'}, {starttls: true}, {send: \"EHLO prober\\r\"}, {expect: '^250-AUTH'}]
  icmp: {prober: icmp, timeout: 2s, icmp: {preferred_ip_protocol: ip4}}
  dns: {prober: dns, timeout: 1s, dns: {query_name: example.com, query_type: A, preferred_ip_protocol: ip4}}
  dns_soa: {prober: dns, timeout: 1s, dns: {query_name: example.com, query_type: SOA, preferred_ip_protocol: ip4}}
  dns_tcp: {prober: dns, timeout: 1s, dns: {query_name: example.com, transport_protocol: tcp, preferred_ip_protocol: ip4, validate_answer_rrs: {fail_if_not_matches_regexp: ['127.0.0.9']}}}
  grpc_well: {prober: grpc, timeout: 2s, grpc: {service: well, preferred_ip_protocol: ip4}}
  grpc_ill: {prober: grpc, timeout: 2s, grpc: {service: ill, preferred_ip_protocol: ip4}}
  grpc_none: {prober: grpc, timeout: 2s, grpc: {service: none, preferred_ip_protocol: ip4}}
";

struct Exporter {
    _child: Child,
    address: SocketAddr,
}

impl Exporter {
    /// Starts it on a free port; `None`, with a word about it, when it is not installed.
    async fn start(config: &std::path::Path) -> Option<Self> {
        let address = refused().await;
        let child = Command::new(BINARY)
            .arg(format!("--config.file={}", config.display()))
            .arg(format!("--web.listen-address={address}"))
            .stderr(std::process::Stdio::null())
            .kill_on_drop(true)
            .spawn();
        let Ok(child) = child else {
            eprintln!("skipped: {BINARY} is not installed");
            return None;
        };
        let exporter = Self { _child: child, address };
        let clock = SystemClock::shared();
        for _ in 0..200 {
            if exporter.get("/-/healthy").await.is_some() {
                return Some(exporter);
            }
            Clock::sleep(&*clock, Duration::from_millis(50)).await;
        }
        panic!("{BINARY} does not answer");
    }

    async fn get(&self, path: &str) -> Option<String> {
        let mut stream = tokio::net::TcpStream::connect(self.address).await.ok()?;
        let request = format!("GET {path} HTTP/1.0\r\nHost: x\r\n\r\n");
        stream.write_all(request.as_bytes()).await.ok()?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.ok()?;
        Some(answer.split_once("\r\n\r\n")?.1.to_owned())
    }
}

/// Names of metrics, and names with each of their labels that has a value; and the verdict.
fn shape(text: &str) -> (BTreeSet<String>, bool) {
    let (mut names, mut success) = (BTreeSet::new(), false);
    for line in text.lines().filter(|line| !line.starts_with('#') && !line.is_empty()) {
        let name: String = line.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
        success |= line == "probe_success 1";
        if let Some(labels) = line.strip_prefix(&format!("{name}{{")) {
            for part in labels.split("\",").filter_map(|part| part.split_once("=\"")) {
                if !part.1.starts_with('"') && !part.1.is_empty() {
                    names.insert(format!("{name}{{{}}}", part.0));
                }
            }
        }
        names.insert(name);
    }
    (names, success)
}

/// Each module with a target, good and broken.
async fn targets(tasks: &Tasks, authority: &Authority, hole: SocketAddr) -> Vec<(&'static str, String)> {
    let site = web(tasks, None).await;
    let nobody = refused().await;
    let good = web(tasks, Some(authority.server(&["localhost"], 2036))).await.port();
    let expired = web(tasks, Some(authority.server(&["localhost"], 2020))).await.port();
    let other = web(tasks, Some(authority.server(&["other.example"], 2036))).await.port();
    let own = web(tasks, Some(self_signed(&["localhost"]).0)).await.port();
    let of_tls = |port: u16| format!("https://localhost:{port}/");
    let ssh = script(tasks, &[">SSH-2.0-OpenSSH_9.2p1"], None).await;
    let ftp = script(tasks, &[">220 ftp"], None).await;
    let mail = &[">220 mail ESMTP", "<", ">250-STARTTLS", "<", ">220 go", "tls", "<", ">250-AUTH"];
    let mail = script(tasks, mail, Some(authority.server(&["localhost"], 2036))).await.port();
    let names = dns::udp(tasks, dns::authoritative).await.to_string();
    let silent = tokio::net::UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let silence = silent.local_addr().unwrap();
    tasks.spawn(async move {
        let _held = silent;
        std::future::pending().await
    });
    let health = grpc::health(tasks).await.to_string();
    vec![
        ("http", format!("{site}/")),
        ("http", format!("{site}/broken")),
        ("http", format!("{site}/hop")),
        ("http_stay", format!("{site}/hop")),
        ("http", format!("{site}/loop")),
        ("http", format!("{site}/slow")),
        ("http", format!("{site}/never")),
        ("http_words", format!("{site}/")),
        ("http", nobody.to_string()),
        ("http", hole.to_string()),
        ("tls", of_tls(good)),
        ("tls", of_tls(expired)),
        ("tls", of_tls(other)),
        ("tls", of_tls(own)),
        ("tls_blind", of_tls(expired)),
        ("tls_blind", of_tls(own)),
        ("tcp", ssh.to_string()),
        ("tcp", nobody.to_string()),
        ("tcp", hole.to_string()),
        ("tcp", "no-port".to_owned()),
        ("tcp_v4", "[::1]:1".to_owned()),
        ("tcp_tls", format!("localhost:{good}")),
        ("tcp_tls", format!("localhost:{expired}")),
        ("banner", ssh.to_string()),
        ("banner", ftp.to_string()),
        ("smtp", format!("localhost:{mail}")),
        ("smtp", format!("127.0.0.1:{mail}")),
        ("icmp", "127.0.0.1".to_owned()),
        ("dns", names.clone()),
        ("dns_soa", names),
        ("dns", silence.to_string()),
        ("dns_tcp", dns::tcp(tasks, dns::authoritative).await.to_string()),
        ("dns", dns::udp(tasks, dns::failing).await.to_string()),
        ("grpc_well", health.clone()),
        ("grpc_ill", health.clone()),
        ("grpc_none", health),
    ]
}

#[tokio::test]
async fn verdicts_names_and_labels_are_the_same() {
    let directory = tempfile::tempdir().unwrap();
    let authority = Authority::new(directory.path());
    let text = MODULES.replace("CA", &authority.file.display().to_string());
    let file = directory.path().join("blackbox.yml");
    std::fs::write(&file, &text).unwrap();
    let Some(exporter) = Exporter::start(&file).await else { return };
    let config = Config { limits: Limits::default(), ..Config::read_file(&file).unwrap().value };
    let prober = Prober::new(SystemClock::shared(), Random::from_seed(3));
    let tasks = Tasks::default();
    let (hole, _filled) = black_hole().await;
    let (mut count, mut seen_newer, mut apart) = (0, BTreeSet::new(), Vec::new());
    for (module, target) in targets(&tasks, &authority, hole).await {
        let theirs = exporter.get(&format!("/probe?module={module}&target={target}")).await.unwrap();
        let ours = prober.probe(&config, &ProbeRequest::new(&target, module)).await.unwrap();
        let ((theirs, their_verdict), (mine, my_verdict)) = (shape(&theirs), shape(&ours.exposition()));
        let newer: BTreeSet<String> = mine.iter().filter(|name| NEWER.contains(&name.as_str())).cloned().collect();
        let missing: Vec<&String> =
            theirs.difference(&mine).filter(|name| !module.starts_with("grpc") || *name != UNTRUE).collect();
        let surplus: Vec<&String> = mine.difference(&theirs).filter(|name| !newer.contains(*name)).collect();
        if their_verdict != my_verdict || !missing.is_empty() || !surplus.is_empty() {
            let reason = ours.reason.as_deref().unwrap_or("-");
            apart.push(format!(
                "{module} {target}: theirs {their_verdict}, ours {my_verdict} ({reason}); missing {missing:?}, surplus {surplus:?}"
            ));
        }
        seen_newer.extend(newer);
        count += 1;
    }
    eprintln!("{count} probes beside {BINARY}; newer than it: {seen_newer:?}");
    assert!(apart.is_empty(), "{}", apart.join("\n"));
}
