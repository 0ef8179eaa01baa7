//! Scraping a real HTTP server under a clock that the tests turn.

use async_trait::async_trait;
use axum::Router;
use axum::http::{StatusCode, header};
use axum::routing::get;
use lgtm_flow::{SampleBatch, SampleSink, SinkError};
use lgtm_model::{TimestampNs, is_stale_nan};
use lgtm_runtime::metrics::Registry;
use lgtm_runtime::{ManualClock, Random, ShutdownTrigger, SystemClock, Tasks};
use lgtm_scrape::{Config, Deps, Handle, Health, start};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::mpsc;

struct Channel(mpsc::UnboundedSender<SampleBatch>);

#[async_trait]
impl SampleSink for Channel {
    async fn write_samples(&self, batch: SampleBatch) -> Result<(), SinkError> {
        self.0.send(batch).map_err(|_| SinkError::Unavailable("the test is over".to_owned()))
    }
}

/// A target whose answer the test sets, a scraper, and the batches that it wrote.
struct Scene {
    answer: Arc<Mutex<(StatusCode, String)>>,
    address: String,
    clock: Arc<ManualClock>,
    batches: mpsc::UnboundedReceiver<SampleBatch>,
    handle: Handle,
    trigger: ShutdownTrigger,
    /// Ends with the scene.
    _server: Tasks,
}

const TEXT: &str = "# TYPE a counter\n# HELP a Things.\na{x=\"1\"} 1\na{x=\"2\"} 2\nb{job=\"own\"} 3\nc 4 1000\n";

impl Scene {
    async fn new(config: impl FnOnce(&str) -> Config) -> Self {
        let answer = Arc::new(Mutex::new((StatusCode::OK, TEXT.to_owned())));
        let shown = Arc::clone(&answer);
        let page = move || {
            let (status, text) = shown.lock().unwrap().clone();
            async move { (status, [(header::CONTENT_TYPE, "text/plain; version=0.0.4")], text) }
        };
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let server = axum::serve(listener, Router::new().route("/metrics", get(page)));
        let tasks = Tasks::default();
        tasks.spawn(async move { drop(server.await) });
        let clock = ManualClock::starting_at(TimestampNs(1_700_000_000_000_000_000));
        let (sender, batches) = mpsc::unbounded_channel();
        let (trigger, shutdown) = ShutdownTrigger::new();
        let deps = Deps {
            sink: Arc::new(Channel(sender)),
            clock: clock.clone(),
            registry: Registry::default(),
            random: Random::from_seed(1),
        };
        let handle = start(config(&address), deps, shutdown);
        Self { answer, address, clock, batches, handle, trigger, _server: tasks }
    }

    /// Turns the clock until a batch arrives. Small steps, so that each due time is met exactly once.
    async fn next(&mut self) -> BTreeMap<String, (i64, f64)> {
        let patience = SystemClock::shared();
        for _ in 0..600 {
            tokio::select! {
                biased;
                batch = self.batches.recv() => {
                    let rows = batch.unwrap().rows.into_iter();
                    return rows.map(|row| (row.labels.to_string(), (row.timestamp.0, row.value))).collect();
                }
                () = patience.sleep(Duration::from_millis(20)) => self.clock.advance(Duration::from_millis(500)),
            }
        }
        panic!("no batch came");
    }

    fn show(&self, status: StatusCode, text: &str) {
        *self.answer.lock().unwrap() = (status, text.to_owned());
    }

    fn series(&self, name: &str, labels: &str) -> String {
        let instance = format!("instance=\"{}\"", self.address);
        format!("{name}{{{}}}", labels.replace("INSTANCE", &instance))
    }
}

fn static_config(address: &str, more: &str) -> Config {
    let yaml = format!(
        "scrape_configs:\n- job_name: shop\n  scrape_interval: 15s\n{more}  static_configs: [{{targets: ['{address}']}}]\n"
    );
    Config::read_text("prometheus.yml", &yaml).unwrap_or_else(|problems| panic!("{problems}")).value
}

#[tokio::test]
async fn a_scrape_brings_samples_and_a_report_under_one_timestamp() {
    let mut scene = Scene::new(|address| static_config(address, "")).await;
    let batch = scene.next().await;
    let a = batch[&scene.series("a", "INSTANCE, job=\"shop\", x=\"1\"")];
    let up = batch[&scene.series("up", "INSTANCE, job=\"shop\"")];
    assert_eq!((a.1, up), (1.0, (a.0, 1.0)));
    assert_eq!(batch[&scene.series("b", "exported_job=\"own\", INSTANCE, job=\"shop\"")].1, 3.0);
    assert_eq!(batch[&scene.series("c", "INSTANCE, job=\"shop\"")], (1000, 4.0));
    for (name, want) in [("scraped", 4.0), ("post_metric_relabeling", 4.0)] {
        assert_eq!(batch[&scene.series(&format!("scrape_samples_{name}"), "INSTANCE, job=\"shop\"")], (a.0, want));
    }
    assert_eq!(batch[&scene.series("scrape_series_added", "INSTANCE, job=\"shop\"")].1, 4.0);
    let second = scene.next().await;
    let again = second[&scene.series("a", "INSTANCE, job=\"shop\", x=\"1\"")];
    assert_eq!(again.0 - a.0, 15_000);
    assert_eq!(second[&scene.series("scrape_series_added", "INSTANCE, job=\"shop\"")].1, 0.0);
    let targets = scene.handle.targets();
    assert_eq!((targets.active.len(), targets.active[0].health), (1, Health::Up));
    assert_eq!(targets.active[0].scrape_url, format!("http://{}/metrics", scene.address));
}

#[tokio::test]
async fn honored_labels_stay_even_when_they_are_empty() {
    let mut scene = Scene::new(|address| static_config(address, "  honor_labels: true\n")).await;
    scene.show(StatusCode::OK, "a{instance=\"\",job=\"own\"} 1\nb{\"instance\"=\"i\"} 2\nc{x=\"instance=\"} 3\n");
    let batch = scene.next().await;
    assert_eq!(batch["a{job=\"own\"}"].1, 1.0);
    assert_eq!(batch["b{instance=\"i\", job=\"shop\"}"].1, 2.0);
    assert_eq!(batch[&scene.series("c", "INSTANCE, job=\"shop\", x=\"instance=\"")].1, 3.0);
}

#[tokio::test]
async fn vanished_series_and_failed_targets_are_marked_stale() {
    let mut scene = Scene::new(|address| static_config(address, "")).await;
    scene.next().await;
    scene.show(StatusCode::OK, "a{x=\"1\"} 5\n");
    let batch = scene.next().await;
    let stale = |batch: &BTreeMap<String, (i64, f64)>, key: &str| is_stale_nan(batch[key].1);
    let (one, two) = ("INSTANCE, job=\"shop\", x=\"1\"", "INSTANCE, job=\"shop\", x=\"2\"");
    assert!(stale(&batch, &scene.series("a", two)) && !stale(&batch, &scene.series("a", one)));
    // A series with a timestamp of its own ends by itself.
    assert!(!batch.contains_key(&scene.series("c", "INSTANCE, job=\"shop\"")));

    scene.show(StatusCode::INTERNAL_SERVER_ERROR, "");
    let batch = scene.next().await;
    assert!(stale(&batch, &scene.series("a", one)));
    assert_eq!(batch[&scene.series("up", "INSTANCE, job=\"shop\"")].1, 0.0);
    assert_eq!(scene.handle.targets().active[0].last_error, "server returned HTTP status 500 Internal Server Error");

    scene.show(StatusCode::OK, "a{x=\"1\" 5\n");
    let batch = scene.next().await;
    assert_eq!(batch[&scene.series("up", "INSTANCE, job=\"shop\"")].1, 0.0);
    assert!(scene.handle.targets().active[0].last_error.starts_with("line 1: expected "));

    // The target is removed: its own series are gone already, those about the scrape end now.
    scene.handle.reload(Config::default());
    let batch = scene.next().await;
    assert!(stale(&batch, &scene.series("up", "INSTANCE, job=\"shop\"")));
    assert!(scene.handle.targets().active.is_empty());
}

#[tokio::test]
async fn limits_fail_the_scrape_and_metric_relabelling_drops_series() {
    let limited = "  sample_limit: 2\n";
    let mut scene = Scene::new(|address| static_config(address, limited)).await;
    let batch = scene.next().await;
    assert_eq!(batch[&scene.series("up", "INSTANCE, job=\"shop\"")].1, 0.0);
    assert_eq!(batch.len(), 5, "{batch:?}");
    assert!(scene.handle.targets().active[0].last_error.contains("sample_limit of 2"));

    let relabelled = "  metric_relabel_configs: [{source_labels: [__name__], regex: 'a|c', action: drop}]\n";
    scene.handle.reload(static_config(&scene.address, relabelled));
    let batch = scene.next().await;
    assert_eq!(batch[&scene.series("scrape_samples_scraped", "INSTANCE, job=\"shop\"")].1, 4.0);
    assert_eq!(batch[&scene.series("scrape_samples_post_metric_relabeling", "INSTANCE, job=\"shop\"")].1, 1.0);
    assert!(!batch.keys().any(|key| key.starts_with("a{")));
}

#[tokio::test]
async fn a_changed_target_file_is_picked_up_and_shutdown_is_quiet() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("shop.json");
    std::fs::write(&file, "[]").unwrap();
    let pattern = directory.path().join("*.json").display().to_string();
    let mut scene = Scene::new(|_| {
        let yaml = format!(
            "global: {{scrape_interval: 15s}}\nscrape_configs:\n- job_name: shop\n  file_sd_configs: [{{files: ['{pattern}']}}]\n"
        );
        Config::read_text("prometheus.yml", &yaml).unwrap().value
    })
    .await;
    assert!(scene.handle.targets().active.is_empty());
    let json = format!("[{{\"targets\": [\"{}\"], \"labels\": {{\"env\": \"prod\"}}}}]", scene.address);
    std::fs::write(&file, json).unwrap();
    let batch = scene.next().await;
    assert_eq!(batch[&scene.series("up", "env=\"prod\", INSTANCE, job=\"shop\"")].1, 1.0);
    // A broken file leaves the targets as they were.
    std::fs::write(&file, "[{").unwrap();
    scene.next().await;
    scene.trigger.fire();
    assert_eq!(scene.handle.drain(Duration::from_secs(60)).await, 0);
    assert!(scene.batches.try_recv().is_err(), "no staleness markers at shutdown");
}

#[test]
fn a_malformed_file_names_file_line_and_column() {
    let yaml = "global:\n  scrape_interval: 15s\nscrape_configs:\n- job_name: a\n  scrap_timeout: 5s\n  scheme: htps\n";
    let problems = Config::read_text("prometheus.yml", yaml).unwrap_err().to_string();
    assert!(problems.contains("prometheus.yml:5:3: unknown field \"scrap_timeout\"; did you mean \"scrape_timeout\"?"));
    assert!(
        problems.contains("prometheus.yml:6:11: expected one of \"http\", \"https\", found \"htps\""),
        "{problems}"
    );
    let problems = Config::read_text("prometheus.yml", "a: [\n").unwrap_err().to_string();
    assert!(problems.starts_with("prometheus.yml:"), "{problems}");
}
