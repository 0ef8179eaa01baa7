//! Targets that this process answers by itself: the classic relabelling of probes, unchanged, without a hop over HTTP.

use async_trait::async_trait;
use lgtm_flow::{SampleBatch, SampleSink, SinkError};
use lgtm_model::TimestampNs;
use lgtm_runtime::metrics::Registry;
use lgtm_runtime::{ManualClock, Random, ShutdownTrigger, SystemClock};
use lgtm_scrape::{Config, Deps, Health, LocalTarget, start_with_local};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;

const JOBS: &str = "scrape_configs:
- job_name: probes
  scrape_interval: 15s
  scrape_timeout: 5s
  metrics_path: /probe
  params: {module: [http_2xx]}
  static_configs: [{targets: ['https://a.example/x?y=z', 'down']}]
  relabel_configs:
  - {source_labels: [__address__], target_label: __param_target}
  - {source_labels: [__param_target], target_label: instance}
  - {target_label: __address__, replacement: 'probes.internal:1'}
";

struct Channel(mpsc::UnboundedSender<SampleBatch>);

#[async_trait]
impl SampleSink for Channel {
    async fn write_samples(&self, batch: SampleBatch) -> Result<(), SinkError> {
        self.0.send(batch).map_err(|_| SinkError::Unavailable("the test is over".to_owned()))
    }
}

/// Answers with what it was asked.
struct Probes;

#[async_trait]
impl LocalTarget for Probes {
    fn claims(&self, address: &str, path: &str) -> bool {
        (address, path) == ("probes.internal:1", "/probe")
    }

    async fn answer(&self, params: &[(String, String)], timeout: Duration) -> Result<String, String> {
        let find = |name: &str| params.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str());
        match (find("module"), find("target")) {
            (Some("http_2xx"), Some("https://a.example/x?y=z")) => Ok(format!(
                "# TYPE probe_success gauge\nprobe_success 1\nprobe_timeout_seconds {}\n",
                timeout.as_secs_f64()
            )),
            asked => Err(format!("cannot probe {asked:?}")),
        }
    }
}

#[tokio::test]
async fn claimed_targets_are_answered_here_under_the_labels_of_their_job() {
    let clock = ManualClock::starting_at(TimestampNs(1_700_000_000_000_000_000));
    let (sender, mut batches) = mpsc::unbounded_channel();
    let (trigger, shutdown) = ShutdownTrigger::new();
    let deps = Deps {
        sink: Arc::new(Channel(sender)),
        clock: clock.clone(),
        registry: Registry::default(),
        random: Random::from_seed(1),
    };
    let config = Config::read_text("prometheus.yml", JOBS).unwrap_or_else(|problems| panic!("{problems}")).value;
    let handle = start_with_local(config, deps, Arc::new(Probes), shutdown);
    let mut rows = BTreeMap::new();
    let patience = SystemClock::shared();
    for _ in 0..600 {
        tokio::select! {
            biased;
            batch = batches.recv() => {
                rows.extend(batch.unwrap().rows.into_iter().map(|row| (row.labels.to_string(), row.value)));
                if rows.keys().filter(|labels| labels.starts_with("up{")).count() == 2 {
                    break;
                }
            }
            () = patience.sleep(Duration::from_millis(20)) => clock.advance(Duration::from_millis(500)),
        }
    }
    let good = r#"{instance="https://a.example/x?y=z", job="probes"}"#;
    for (name, want) in [("probe_success", 1.0), ("probe_timeout_seconds", 5.0), ("up", 1.0)] {
        assert_eq!(rows.get(&format!("{name}{good}")), Some(&want), "{rows:?}");
    }
    assert_eq!(rows.get(r#"up{instance="down", job="probes"}"#), Some(&0.0), "{rows:?}");
    let targets = handle.targets().active;
    let down = targets.iter().find(|target| target.labels.get("instance") == Some("down")).unwrap();
    assert_eq!(down.health, Health::Down);
    assert!(down.last_error.contains("cannot probe"), "{}", down.last_error);
    let up = targets.iter().find(|target| target.health == Health::Up).unwrap();
    assert_eq!(
        up.scrape_url,
        "http://probes.internal:1/probe?module=http_2xx&target=https%3A%2F%2Fa.example%2Fx%3Fy%3Dz"
    );
    trigger.fire();
}
