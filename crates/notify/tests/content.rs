//! What a new install is given: our own `alertmanager.yml`, its routes, and what a service that is down silences.

use lgtm_model::{Alert, Labels, TimestampNs};
use lgtm_notify::{Config, Inhibitor, Routes, StoredAlert};
use std::path::{Path, PathBuf};

fn content() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../content")
}

fn config() -> Config {
    let read = Config::read_file(&content().join("alertmanager.yml"));
    read.unwrap_or_else(|problems| panic!("{problems}")).value
}

fn alert(name: &str, more: &[(&str, &str)]) -> Labels {
    Labels::from_pairs([("alertname", name)].iter().chain(more).copied())
}

/// The names of all alerts in `content/rules`.
fn names() -> Vec<String> {
    let mut names = Vec::new();
    for file in ["hosts.yml", "services.yml", "lgtm.yml"] {
        let text = std::fs::read_to_string(content().join("rules").join(file)).unwrap();
        names.extend(text.lines().filter_map(|line| line.trim().strip_prefix("- alert: ")).map(str::to_owned));
    }
    names
}

#[test]
fn each_severity_has_its_way() {
    let config = config();
    let routes = Routes::new(&config.route);
    for (name, severity, want) in [
        ("Watchdog", "none", "watchdog"),
        ("Other", "none", "nobody"),
        ("ServiceDown", "critical", "slack"),
        ("CPUHigh", "warning", "slack"),
        ("SLOBudgetReview", "info", "slack"),
    ] {
        let found = routes.matching(&alert(name, &[("severity", severity)]));
        let receivers: Vec<&str> =
            found.iter().filter_map(|index| routes.get(*index)).map(|route| route.options.receiver.as_str()).collect();
        assert_eq!(receivers, [want], "{name}");
    }
}

#[test]
fn a_service_that_is_down_silences_its_symptoms_and_nothing_else() {
    let config = config();
    let mut inhibitor = Inhibitor::new(&config.inhibit_rules);
    let (now, end) = (TimestampNs(1_000), TimestampNs(2_000));
    let down = Alert {
        labels: alert("ServiceDown", &[("instance", "shop"), ("severity", "critical")]),
        annotations: Labels::empty(),
        starts_at: now,
        ends_at: end,
        generator_url: String::new(),
    };
    inhibitor.put(&StoredAlert::new(down, now, false));
    let mut silenced = Vec::new();
    for name in names() {
        let is_silenced =
            |instance| inhibitor.inhibitor_of(&alert(&name, &[("instance", instance), ("severity", "warning")]), now);
        assert_eq!(is_silenced("other"), None, "{name} of another instance");
        if is_silenced("shop").is_some() {
            silenced.push(name);
        }
    }
    let is_symptom = |name: &&String| ["CPU", "Memory", "Disk", "Latency"].iter().any(|kind| name.starts_with(kind));
    assert_eq!(names().iter().filter(is_symptom).count(), 8);
    assert!(names().iter().filter(is_symptom).all(|name| silenced.contains(name)), "{silenced:?}");
    for name in ["ErrorRateHigh", "TargetDown"] {
        assert!(silenced.iter().any(|found| found == name), "{name}: {silenced:?}");
    }
    for name in ["ServiceDown", "Watchdog", "TLSCertificateExpiring", "LgtmWalFailing"] {
        assert!(!silenced.iter().any(|found| found == name), "{name}: {silenced:?}");
    }
}
