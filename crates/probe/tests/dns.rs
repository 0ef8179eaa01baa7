//! DNS probes of name servers on this machine, over UDP and TCP, by upstream's tables.

mod scene;

use lgtm_probe::Config;
use lgtm_runtime::Tasks;
use scene::dns::{self, Answers};
use scene::{probe, probe_within};
use serde_json::{Map, Value, json};

/// A case's settings in the words of the config file.
fn settings(case: &Value, tcp: bool) -> Value {
    let probe = &case["Probe"];
    let mut settings = Map::new();
    settings.insert("transport_protocol".to_owned(), json!(if tcp { "tcp" } else { "udp" }));
    settings.insert("recursion_desired".to_owned(), json!(probe["Recursion"].as_bool().unwrap_or(false)));
    for (name, field) in [
        ("preferred_ip_protocol", "IPProtocol"),
        ("ip_protocol_fallback", "IPProtocolFallback"),
        ("query_name", "QueryName"),
        ("query_type", "QueryType"),
        ("query_class", "QueryClass"),
        ("valid_rcodes", "ValidRcodes"),
    ] {
        if !probe[field].is_null() {
            settings.insert(name.to_owned(), probe[field].clone());
        }
    }
    for (name, field) in [
        ("validate_answer_rrs", "ValidateAnswer"),
        ("validate_authority_rrs", "ValidateAuthority"),
        ("validate_additional_rrs", "ValidateAdditional"),
    ] {
        let rules = &probe[field];
        let mut section = Map::new();
        for (name, field) in [
            ("fail_if_matches_regexp", "FailIfMatchesRegexp"),
            ("fail_if_all_match_regexp", "FailIfAllMatchRegexp"),
            ("fail_if_not_matches_regexp", "FailIfNotMatchesRegexp"),
            ("fail_if_none_matches_regexp", "FailIfNoneMatchesRegexp"),
        ] {
            if !rules[field].is_null() {
                section.insert(name.to_owned(), rules[field].clone());
            }
        }
        if !section.is_empty() {
            settings.insert(name.to_owned(), Value::Object(section));
        }
    }
    json!({ "prober": "dns", "dns": settings })
}

#[tokio::test]
async fn verdicts_are_upstreams() {
    let Ok(root) = std::env::var("LGTM_CONFORMANCE") else {
        eprintln!("skipped: dns_*.json (LGTM_CONFORMANCE is not set)");
        return;
    };
    let servers: [(&str, Answers); 3] = [
        ("dns_recursive.json", dns::recursive),
        ("dns_authoritative.json", dns::authoritative),
        ("dns_servfail.json", dns::failing),
    ];
    let (mut agreed, mut at_load) = (0, 0);
    for (name, answers) in servers {
        let text = std::fs::read_to_string(format!("{root}/blackbox/prober/{name}")).unwrap();
        let table: Value = serde_json::from_str(&text).unwrap();
        let tasks = Tasks::default();
        let (udp, tcp) = (dns::udp(&tasks, answers).await, dns::tcp(&tasks, answers).await);
        for case in table["cases"].as_array().unwrap() {
            for (address, is_tcp) in [(udp, false), (tcp, true)] {
                let module = settings(case, is_tcp).to_string();
                let good = if Config::read_text("m.yml", &format!("modules: {{m: {module}}}")).is_err() {
                    // Types and codes that do not exist are refused when the module is read.
                    at_load += 1;
                    false
                } else {
                    let outcome = probe(&module, &address.to_string()).await;
                    assert_eq!(outcome.success, case["ShouldSucceed"], "{case}\n{}", outcome.debug());
                    outcome.success
                };
                assert_eq!(good, case["ShouldSucceed"].as_bool().unwrap(), "{case}");
                agreed += 1;
            }
        }
    }
    eprintln!("dns_*.json over UDP and TCP: {agreed} verdicts agree, {at_load} of them already at load");
}

#[tokio::test]
async fn records_are_counted_and_the_serial_is_told() {
    let tasks = Tasks::default();
    let server = dns::udp(&tasks, dns::authoritative).await.to_string();
    let module = "{prober: dns, dns: {query_name: example.com, query_type: SOA, preferred_ip_protocol: ip4, \
                  validate_answer_rrs: {fail_if_not_matches_regexp: [\"example.com.\\t3600\\tIN\\tSOA\\tns.example.com.\"]}}}";
    let outcome = probe(module, &server).await;
    assert!(outcome.success, "{}", outcome.debug());
    for (name, want) in [
        ("probe_dns_answer_rrs", 1.0),
        ("probe_dns_authority_rrs", 2.0),
        ("probe_dns_additional_rrs", 3.0),
        ("probe_dns_query_succeeded", 1.0),
        ("probe_dns_serial", 1000.0),
    ] {
        assert_eq!(outcome.value(name), Some(want), "{name}");
    }
}

#[tokio::test]
async fn a_name_server_that_says_nothing_fails_in_time() {
    let silent = tokio::net::UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let module = "{prober: dns, dns: {query_name: example.com, preferred_ip_protocol: ip4}}";
    let outcome = probe_within(module, &silent.local_addr().unwrap().to_string(), 0.2).await;
    assert!(!outcome.success && outcome.reason.unwrap().contains("no answer within the timeout of 0.2 s"));
    assert!(outcome.duration.as_secs_f64() < 2.0);
}
