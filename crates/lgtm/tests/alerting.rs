//! Alerting against the real demo: an error burst burns the budget and is told with every field, an outage is told once.

mod support;

use lgtm_drill::inbox::{self, Inbox};
use lgtm_runtime::{ShutdownTrigger, SystemClock};
use serde_json::Value;
use std::collections::BTreeSet;
use std::time::Duration;
use support::{Lgtm, eventually, get_json, pause};

/// The issue's own bound: from the fault to the message.
const FAST_BURN_WITHIN: Duration = Duration::from_secs(180);
/// From the end of the fault to the message that it is over: the short window runs empty, and the group's interval passes.
const RESOLVED_WITHIN: Duration = Duration::from_secs(300);
/// The alert's own two minutes, the probe's interval, evaluation, and the group's wait.
const SERVICE_DOWN_WITHIN: Duration = Duration::from_secs(210);
/// Symptoms would come within this long after the cause.
const QUIET_AFTER: Duration = Duration::from_secs(45);

/// What the inbox was told since the start: title and text of each attachment.
async fn told(demo: &Lgtm) -> Vec<(String, String)> {
    let kept = get_json(&format!("{}/messages", demo.url("inbox")), &[]).await;
    let messages = kept["messages"].as_array().cloned().unwrap_or_default();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    messages
        .iter()
        .flat_map(|message| message["body"]["attachments"].as_array().cloned().unwrap_or_default())
        .map(|attachment| (text(&attachment["title"]), text(&attachment["text"])))
        .collect()
}

/// Waits for a message whose title satisfies `wanted`.
async fn message(demo: &Lgtm, within: Duration, wanted: impl Fn(&str) -> bool) -> Option<(String, String)> {
    eventually(within, || async { told(demo).await.into_iter().find(|(title, _)| wanted(title)) }).await
}

async fn fault(demo: &Lgtm, method: reqwest::Method, query: &str) {
    let url = format!("{}/faults/error-burst{query}", demo.url("fake_service"));
    let answer = reqwest::Client::new().request(method, url).send().await.expect("the shop answers");
    assert!(answer.status().is_success(), "{}", answer.status());
}

#[tokio::test]
async fn an_error_burst_is_told_with_every_field_and_its_end_with_the_duration() {
    let folder = tempfile::tempdir().expect("a folder");
    let demo = Lgtm::start("demo", folder.path(), &[]);
    fault(&demo, reqwest::Method::POST, "?endpoint=/api/checkout").await;
    let fast = |title: &str| title.contains("SLOFastBurn");
    let Some((title, text)) = message(&demo, FAST_BURN_WITHIN, |title| fast(title) && title.contains("CRITICAL")).await
    else {
        panic!("no message within {FAST_BURN_WITHIN:?}; told were {:?}", told(&demo).await);
    };
    println!("{title}\n{text}");
    for field in
        ["critical", "Host: ", "Value at fire time: ", "|Panel>", "|Runbook>", "Since: ", "/runbooks/", "from="]
    {
        assert!(text.contains(field), "{field:?} is missing in {text}");
    }
    assert!(!text.contains("N/A") && !text.contains("<no value>") && !text.contains("No panel"), "{text}");
    links_lead_somewhere(&demo, &text).await;

    fault(&demo, reqwest::Method::DELETE, "").await;
    let over = message(&demo, RESOLVED_WITHIN, |title| fast(title) && title.contains("RESOLVED")).await;
    let (title, text) = over.unwrap_or_else(|| panic!("its end was not told within {RESOLVED_WITHIN:?}"));
    println!("{title}\n{text}");
    assert!(text.contains("Lasted: "), "{text}");
}

/// Every runbook that a message links to can be read.
async fn links_lead_somewhere(demo: &Lgtm, text: &str) {
    let ui = demo.url("ui");
    let links: BTreeSet<&str> = text.split(['<', '|', '>']).filter(|part| part.starts_with("http://")).collect();
    assert!(links.len() >= 2 && links.iter().all(|link| link.starts_with(ui)), "{links:?}");
    let runbook = links.iter().find_map(|link| link.split("/runbooks/").nth(1)).expect("a link to a runbook");
    let answer = reqwest::get(format!("{ui}/lgtm/api/v1/runbooks/{runbook}")).await.expect("an answer");
    assert!(answer.status().is_success(), "{runbook}: {}", answer.status());
}

#[tokio::test]
async fn a_killed_shop_is_one_service_down_and_no_symptom() {
    let folder = tempfile::tempdir().expect("a folder");
    let demo = Lgtm::start("demo", folder.path(), &[]);
    // What the shop exports must be known before it dies, or there would be nothing to fall silent.
    let up = || async { (probe_success(&demo).await == Some(1.0)).then_some(()) };
    eventually(Duration::from_secs(60), up).await.expect("the shop is probed");
    kill_children(demo.id());
    let down = message(&demo, SERVICE_DOWN_WITHIN, |title| title.contains("ServiceDown")).await;
    let (title, text) = down.unwrap_or_else(|| panic!("no ServiceDown within {SERVICE_DOWN_WITHIN:?}"));
    println!("{title}\n{text}");
    assert!(title.contains("fake-service"), "{title}");
    pause(QUIET_AFTER).await;
    let told = told(&demo).await;
    let of_shop =
        |name: &str| told.iter().filter(|(title, text)| title.contains(name) && text.contains("fake-service")).count();
    assert_eq!(of_shop("ServiceDown"), 1, "{told:?}");
    for symptom in ["CPU", "Memory", "Latency", "Disk", "TargetDown", "ErrorRate"] {
        assert_eq!(of_shop(symptom), 0, "{symptom}: {told:?}");
    }
}

async fn probe_success(demo: &Lgtm) -> Option<f64> {
    let url = format!("{}/api/v1/query", demo.url("prometheus"));
    let answer = get_json(&url, &[("query", "probe_success{instance=\"fake-service\"}")]).await;
    answer["data"]["result"][0]["value"][1].as_str()?.parse().ok()
}

/// SIGKILL to the demo's child processes: the shop.
fn kill_children(parent: u32) {
    let killed = std::process::Command::new("pkill").args(["-KILL", "-P", &parent.to_string()]).status();
    assert!(killed.expect("pkill runs").success(), "the demo has a child process");
}

#[tokio::test]
async fn through_kills_an_alert_is_told_once() {
    let folder = tempfile::tempdir().expect("a folder");
    let (trigger, shutdown) = ShutdownTrigger::new();
    let any_port = "127.0.0.1:0".parse().expect("an address");
    let inbox =
        inbox::start(any_port, SystemClock::shared(), |_message| {}, shutdown).await.expect("the inbox listens");
    let files = [
        ("rules.yml", "groups: [{name: a, interval: 1s, rules: [{alert: Always, expr: vector(1)}]}]\n".to_owned()),
        ("prometheus.yml", "rule_files: [rules.yml]\n".to_owned()),
        ("alertmanager.yml", routes_to(&inbox)),
        ("lgtm.yml", "prometheus: prometheus.yml\nalertmanager: alertmanager.yml\n".to_owned()),
    ];
    for (name, text) in files {
        std::fs::write(folder.path().join(name), text).expect("written");
    }
    let config = folder.path().join("lgtm.yml");
    let data = folder.path().join("data");
    let url = format!("http://{}/messages", inbox.address);
    let count = || async { get_json(&url, &[]).await["messages"].as_array().map_or(0, Vec::len) };
    // Killed sooner and later: before it was told, while it is told, and long after.
    for (round, life_ms) in [200, 3_000, 5_500, 6_000, 9_000, 7_000].into_iter().enumerate() {
        let server = Lgtm::start("server", &data, &["--config", config.to_str().expect("UTF-8")]);
        pause(Duration::from_millis(life_ms)).await;
        server.kill();
        assert!(count().await <= 1, "told twice by the end of life {round}");
    }
    let server = Lgtm::start("server", &data, &["--config", config.to_str().expect("UTF-8")]);
    let told = eventually(Duration::from_secs(60), || async { (count().await > 0).then_some(()) }).await;
    assert!(told.is_some(), "the alert was lost");
    pause(Duration::from_secs(10)).await;
    assert_eq!(count().await, 1);
    server.terminate();
    trigger.fire();
    inbox.drain().await;
}

fn routes_to(inbox: &Inbox) -> String {
    let url = format!("http://{}/slack", inbox.address);
    let hook = format!("receivers: [{{name: hook, webhook_configs: [{{url: '{url}'}}]}}]");
    // What a new life has not heard of yet must not count as over.
    let global = "global: {resolve_timeout: 10m}";
    let route = "route: {receiver: hook, group_wait: 0s, group_interval: 1s, repeat_interval: 1h}";
    format!("{global}\n{route}\n{hook}\n")
}
