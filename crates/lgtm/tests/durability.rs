//! The server is killed with SIGKILL again and again while all three signals come in. What was acknowledged is there
//! afterwards, once; what was not acknowledged is there at most once.

#[path = "support/otlp.rs"]
mod otlp;
mod support;

use lgtm_store::disk::MachineDisk;
use lgtm_store::{Catalog, CatalogSettings, Files, Signal, StoreDeps};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use support::{Lgtm, get_json, now_ns, pause};

/// How often the server is killed; `LGTM_KILLS` makes it more (`./dev torture`).
const KILLS: u32 = 50;
/// Senders a signal.
const SENDERS: usize = 2;
/// A sender's rest between two requests: every trace is asked for afterwards, and that should not take minutes.
const SEND_INTERVAL: Duration = Duration::from_millis(10);
/// Traces asked for at once.
const LOOKUPS: u64 = 8;

#[derive(Clone, Copy)]
enum Kind {
    Logs,
    Spans,
    Samples,
}

#[derive(Default)]
struct Sent {
    next: AtomicU64,
    /// Numbers whose request was acknowledged.
    acknowledged: Mutex<BTreeSet<u64>>,
}

async fn keep_sending(kind: Kind, url: String, begun_ns: u64, sent: Arc<Sent>) {
    let client = reqwest::Client::builder().timeout(Duration::from_secs(5)).build().expect("a client");
    loop {
        let number = sent.next.fetch_add(1, Ordering::Relaxed);
        let body = match kind {
            Kind::Logs => otlp::logs(number, now_ns()),
            Kind::Spans => otlp::traces(number, now_ns()),
            // Each number has a millisecond of its own: of two values at one time a series keeps only the later.
            Kind::Samples => otlp::metrics(number, begun_ns + number * 1_000_000),
        };
        if !otlp::send(&client, &url, body).await {
            return;
        }
        sent.acknowledged.lock().expect("not poisoned").insert(number);
        pause(SEND_INTERVAL).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_acknowledged_is_lost_or_doubled_by_sigkill() {
    let kills: u32 = std::env::var("LGTM_KILLS").ok().and_then(|text| text.parse().ok()).unwrap_or(KILLS);
    let folder = tempfile::tempdir().expect("a folder");
    // Flushes every second, so that kills also hit the moment between file, commit and cut.
    let settings = folder.path().join("lgtm.yml");
    let text = "metrics: {flush_interval: 2s}\nlogs: {flush_interval: 1s}\ntraces: {flush_interval: 1s}\n";
    std::fs::write(&settings, text).expect("settings");
    let data = folder.path().join("data");
    std::fs::create_dir(&data).expect("a folder");
    let arguments = ["--config", settings.to_str().expect("UTF-8")];
    let sent: [Arc<Sent>; 3] = Default::default();
    let begun_ns = now_ns();
    for round in 0..kills {
        let server = Lgtm::start("server", &data, &arguments);
        let http = server.url("otlp_http").to_owned();
        let mut senders = tokio::task::JoinSet::new();
        for (kind, path, sent) in [
            (Kind::Logs, "v1/logs", &sent[0]),
            (Kind::Spans, "v1/traces", &sent[1]),
            (Kind::Samples, "v1/metrics", &sent[2]),
        ] {
            for _ in 0..SENDERS {
                senders.spawn(keep_sending(kind, format!("{http}/{path}"), begun_ns, Arc::clone(sent)));
            }
        }
        // A different moment each time, spread over the flush intervals.
        pause(Duration::from_millis(100 + u64::from(round * 7919 % 1_400))).await;
        server.kill();
        while senders.join_next().await.is_some() {}
    }
    let server = Lgtm::start("server", &data, &arguments);
    let acknowledged = |kind: usize| sent[kind].acknowledged.lock().expect("not poisoned").clone();
    let totals: Vec<usize> = (0..3).map(|kind| acknowledged(kind).len()).collect();
    println!("{kills} kills; acknowledged: {} lines, {} spans, {} samples", totals[0], totals[1], totals[2]);
    assert!(totals.iter().all(|total| *total >= kills as usize), "hardly anything was sent: {totals:?}");
    assert_once("lines", &found_lines(&server, begun_ns).await, &acknowledged(0));
    let samples = found_samples(&server, begun_ns, sent[2].next.load(Ordering::Relaxed)).await;
    assert_once("samples", &samples, &acknowledged(2));
    let spans = found_spans(&server, sent[1].next.load(Ordering::Relaxed)).await;
    assert_once("spans", &spans, &acknowledged(1));
    assert!(server.terminate().success());
    // A reader shows a repeated span once, so that only the stored rows can tell that none was stored twice.
    assert_eq!(stored_spans(&data).await, spans.len() as u64, "rows of spans after the last flush");
}

/// Rows of spans in the files of a stopped server, which flushes them at its end.
async fn stored_spans(data: &Path) -> u64 {
    let files = Files::local(data.join("files"), MachineDisk::shared()).expect("the files");
    let deps = StoreDeps::of_this_machine();
    let catalog = Catalog::open(Arc::new(files), CatalogSettings::default(), &deps).await.expect("the catalog");
    catalog.snapshot().files(Signal::Spans).map(|file| file.rows).sum()
}

fn assert_once(what: &str, found: &BTreeMap<u64, usize>, acknowledged: &BTreeSet<u64>) {
    let lost: Vec<_> = acknowledged.iter().filter(|number| !found.contains_key(number)).take(10).collect();
    assert!(lost.is_empty(), "{what} were acknowledged and are lost: {lost:?}");
    let doubled: Vec<_> = found.iter().filter(|(_, count)| **count > 1).take(10).collect();
    assert!(doubled.is_empty(), "{what} are there more than once: {doubled:?}");
}

async fn found_lines(server: &Lgtm, begun_ns: u64) -> BTreeMap<u64, usize> {
    let mut found = BTreeMap::new();
    let (mut start, end) = (begun_ns, now_ns() + 1_000_000_000);
    loop {
        let (from, to) = (start.to_string(), end.to_string());
        let query = [
            ("query", "{service_name=\"torture\"}"),
            ("start", from.as_str()),
            ("end", to.as_str()),
            ("limit", "5000"),
            ("direction", "forward"),
        ];
        let answer = get_json(&format!("{}/loki/api/v1/query_range", server.url("loki")), &query).await;
        let mut last = start;
        let mut count = 0;
        for stream in answer["data"]["result"].as_array().expect("streams") {
            for value in stream["values"].as_array().expect("values") {
                let time: u64 = value[0].as_str().expect("a time").parse().expect("a number");
                let line = value[1].as_str().expect("a line");
                let number = line.strip_prefix("line ").expect("our line").parse().expect("a number");
                *found.entry(number).or_insert(0) += 1;
                (last, count) = (last.max(time), count + 1);
            }
        }
        if count < 5000 {
            return found;
        }
        // Times are nanoseconds of one machine: no two of the few senders share one that is also a page's last.
        start = last + 1;
    }
}

async fn found_samples(server: &Lgtm, begun_ns: u64, next: u64) -> BTreeMap<u64, usize> {
    let range_seconds = next / 1_000 + 5;
    let query = format!("torture_number[{range_seconds}s]");
    let time = (begun_ns / 1_000_000_000 + range_seconds).to_string();
    let url = format!("{}/api/v1/query", server.url("prometheus"));
    let answer = get_json(&url, &[("query", query.as_str()), ("time", time.as_str())]).await;
    let mut found = BTreeMap::new();
    for series in answer["data"]["result"].as_array().expect("a matrix") {
        for value in series["values"].as_array().expect("values") {
            let number: f64 = value[1].as_str().expect("a value").parse().expect("a number");
            *found.entry(number as u64).or_insert(0) += 1;
        }
    }
    found
}

async fn found_spans(server: &Lgtm, next: u64) -> BTreeMap<u64, usize> {
    let mut lookups = tokio::task::JoinSet::new();
    for first in 0..LOOKUPS {
        let url = format!("{}/api/traces", server.url("tempo"));
        lookups.spawn(async move {
            let client = reqwest::Client::new();
            let mut found = Vec::new();
            for number in (first..next).step_by(LOOKUPS as usize) {
                found.extend(count_spans(&client, &url, number).await.map(|count| (number, count)));
            }
            found
        });
    }
    lookups.join_all().await.into_iter().flatten().collect()
}

async fn count_spans(client: &reqwest::Client, url: &str, number: u64) -> Option<usize> {
    let id: String = otlp::trace_id(number).iter().map(|byte| format!("{byte:02x}")).collect();
    let answer = client.get(format!("{url}/{id}")).send().await.expect("an answer");
    if answer.status() == reqwest::StatusCode::NOT_FOUND {
        return None;
    }
    let trace: serde_json::Value = serde_json::from_str(&answer.text().await.expect("a body")).expect("JSON");
    let batches = trace["batches"].as_array().expect("batches");
    let scopes = batches.iter().flat_map(|batch| batch["scopeSpans"].as_array().expect("scopes"));
    Some(scopes.map(|scope| scope["spans"].as_array().expect("spans").len()).sum())
}
