//! Prometheus' own config files: which are accepted and which refused.

use lgtm_scrape::Config;
use std::collections::BTreeMap;
use std::path::Path;

/// Why a file that upstream refuses is accepted here: the section belongs to a component that is not this one, or to a
/// kind of discovery that is not supported; both are accepted with a warning and not looked into.
fn unsupported(file: &str) -> Option<&'static str> {
    const DISCOVERIES: [&str; 20] = [
        "azure",
        "ec2",
        "eureka",
        "hetzner",
        "http_",
        "ionos",
        "kubernetes",
        "lightsail",
        "marathon",
        "openstack",
        "oci_",
        "outscale",
        "ovhcloud",
        "puppetdb",
        "scaleway",
        "stackit",
        "uyuni",
        "consul",
        "nomad",
        "linode",
    ];
    const SECTIONS: [(&str, &str); 9] = [
        ("remote_", "remote_write or remote_read"),
        ("empty_rw", "remote_write or remote_read"),
        ("empty_rr", "remote_write or remote_read"),
        ("empty_alert", "alerting"),
        ("config_with_deprecated_am", "alerting"),
        ("otlp_", "otlp"),
        ("rules", "rule_files"),
        ("tracing", "tracing"),
        ("tsdb", "storage"),
    ];
    if DISCOVERIES.iter().any(|name| file.starts_with(name)) {
        return Some("discovery that is not supported");
    }
    SECTIONS.iter().find(|(name, _)| file.starts_with(name)).map(|(_, section)| *section)
}

#[test]
fn verdicts_are_upstreams() {
    let Ok(root) = std::env::var("LGTM_CONFORMANCE") else {
        eprintln!("SKIPPED: Prometheus' config files (LGTM_CONFORMANCE is not set)");
        return;
    };
    let root = Path::new(&root).join("prom-config/config");
    let table = std::fs::read_to_string(root.join("classification.tsv")).unwrap();
    let mut agreed = BTreeMap::<&str, usize>::new();
    let mut apart = BTreeMap::<&str, Vec<&str>>::new();
    let mut wrong = Vec::new();
    for line in table.lines().skip(1) {
        let mut columns = line.split('\t');
        let (file, class) = (columns.next().unwrap(), columns.next().unwrap());
        if !file.ends_with(".yml") || file.starts_with("scrape_configs/") {
            continue;
        }
        // There is no agent mode here: what is bad only in it is good. A scrape config file is resolved at once.
        let good = !class.starts_with("bad") || class == "bad-only-in-agent-mode";
        let result = Config::read_file(&root.join("testdata").join(file));
        match (result.is_ok() == good, unsupported(file)) {
            (true, _) => *agreed.entry(if good { "accepted" } else { "refused" }).or_default() += 1,
            (false, Some(reason)) if !good => apart.entry(reason).or_default().push(file),
            (false, _) => {
                wrong.push(format!("{file} ({class}): {}", result.err().map_or(String::new(), |e| e.to_string())))
            }
        }
    }
    let counts: BTreeMap<_, _> = apart.iter().map(|(reason, files)| (reason, files.len())).collect();
    eprintln!("prometheus.yml: agreed {agreed:?}; not looked into: {counts:?}");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
