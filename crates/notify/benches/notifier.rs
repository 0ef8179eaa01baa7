//! 100,000 alerts in 1,000 groups: taken in, told, repeated by their sender, inhibited, restored after a kill.
//!
//! `cargo bench -p lgtm-notify --bench notifier`: state in one SQLite file, an integration that takes everything at once.
//! Prints a line of JSON per figure, in seconds of processor time and of the clock, and resident bytes.

use async_trait::async_trait;
use lgtm_model::{Labels, TimestampNs};
use lgtm_notify::{Config, Deps, Handle, Integration, Integrations, Notification, NotifyError, Receipt, Report, start};
use lgtm_runtime::metrics::Registry;
use lgtm_runtime::{Clock, ManualClock, Random, ShutdownTrigger, SystemClock};
use lgtm_state::SqliteState;
use std::error::Error;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

const GROUPS: usize = 1_000;
const ALERTS_PER_GROUP: usize = 100;
/// As many as Prometheus sends at once.
const BATCH: usize = 64;
const T0: TimestampNs = TimestampNs(1_767_225_600_000_000_000);
const CONFIG: &str = "
route: {receiver: team, group_by: [alertname], group_wait: 30s, group_interval: 5m, repeat_interval: 4h}
receivers: [{name: team}]
inhibit_rules:
- {source_matchers: [severity=critical], target_matchers: [severity=warning], equal: [alertname, instance]}
- {source_matchers: [alertname=ServiceDown], target_matchers: [severity=~\"warning|critical\"], equal: [instance]}
";

fn report(figure: &str, value: f64, unit: &str) {
    println!(r#"{{"benchmark":"notifier","figure":"{figure}","value":{value:.3},"unit":"{unit}"}}"#);
}

/// Seconds of processor time that this process has used, and its resident bytes (Linux; zeros elsewhere).
fn usage() -> (f64, f64) {
    let read = |file: &str| std::fs::read_to_string(file).unwrap_or_default();
    let stat = read("/proc/self/stat");
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    let ticks = |index: usize| fields.get(index).and_then(|field| field.parse::<f64>().ok()).unwrap_or(0.0);
    let resident = read("/proc/self/statm");
    let pages = resident.split_whitespace().nth(1).and_then(|pages| pages.parse::<f64>().ok()).unwrap_or(0.0);
    ((ticks(11) + ticks(12)) / 100.0, pages * 4_096.0)
}

struct Count {
    notifications: Arc<AtomicUsize>,
    alerts: Arc<AtomicUsize>,
}

#[async_trait]
impl Integration for Count {
    fn kind(&self) -> &'static str {
        "webhook"
    }

    fn sends_resolved(&self) -> bool {
        true
    }

    async fn notify(&self, notification: &Notification, _: Option<&Receipt>) -> Result<Receipt, NotifyError> {
        self.notifications.fetch_add(1, Ordering::Relaxed);
        self.alerts.fetch_add(notification.alerts.len(), Ordering::Relaxed);
        Ok(Receipt::default())
    }
}

fn reports(now: TimestampNs) -> Vec<Report> {
    let alert = |number: usize| {
        let (group, member) = (number / ALERTS_PER_GROUP, number % ALERTS_PER_GROUP);
        let labels = Labels::from_pairs([
            ("alertname", format!("Alert{group}")),
            ("severity", if member % 10 == 0 { "critical" } else { "warning" }.to_owned()),
            ("instance", format!("10.0.{}.{}:9100", member / 10, group % 250)),
            ("job", "node".to_owned()),
            ("member", member.to_string()),
        ]);
        let annotations = Labels::from_pairs([
            ("summary", format!("Something is wrong with member {member} of group {group}")),
            ("description", "The value has been above its threshold for five minutes; see the runbook.".to_owned()),
            ("runbook_url", format!("http://127.0.0.1:3000/runbooks/Alert{group}")),
        ]);
        let ends_at = Some(now.add_ns(240_000_000_000));
        let generator_url = "http://127.0.0.1:9090/graph?g0.expr=up".to_owned();
        Report { labels, annotations, starts_at: Some(T0), ends_at, generator_url }
    };
    (0..GROUPS * ALERTS_PER_GROUP).map(alert).collect()
}

struct Bench {
    clock: Arc<ManualClock>,
    count: Arc<AtomicUsize>,
    alerts: Arc<AtomicUsize>,
}

impl Bench {
    async fn start(&self, path: &Path) -> Result<(Handle, ShutdownTrigger), Box<dyn Error>> {
        let (count, alerts) = (Arc::clone(&self.count), Arc::clone(&self.alerts));
        let integrations: Integrations = Arc::new(move |_| {
            let (notifications, alerts) = (Arc::clone(&count), Arc::clone(&alerts));
            Ok(vec![Arc::new(Count { notifications, alerts }) as Arc<dyn Integration>])
        });
        let deps = Deps {
            state: Arc::new(SqliteState::open(path)?),
            clock: Arc::clone(&self.clock) as Arc<dyn Clock>,
            registry: Registry::default(),
            random: Random::from_seed(1),
            integrations,
            name: "bench".to_owned(),
            start_delay: Duration::ZERO,
        };
        let (trigger, shutdown) = ShutdownTrigger::new();
        let config = Config::read_text("bench.yml", CONFIG)?.value;
        Ok((start(config, CONFIG.to_owned(), deps, shutdown).await?, trigger))
    }

    async fn post(&self, handle: &Handle) -> Result<(), Box<dyn Error>> {
        let mut reports = reports(self.clock.now());
        while !reports.is_empty() {
            let rest = reports.split_off(reports.len().min(BATCH));
            handle.post(std::mem::replace(&mut reports, rest)).await?;
        }
        Ok(())
    }

    /// What a step costs: processor seconds, seconds of the clock, resident bytes afterwards.
    async fn measured<T>(
        &self,
        figure: &str,
        step: impl Future<Output = Result<T, Box<dyn Error>>>,
    ) -> Result<T, Box<dyn Error>> {
        let clock = SystemClock::shared();
        let ((cpu, _), began) = (usage(), clock.elapsed());
        let value = step.await?;
        let (after, resident) = usage();
        report(&format!("{figure}: processor"), after - cpu, "s");
        report(&format!("{figure}: clock"), (clock.elapsed() - began).as_secs_f64(), "s");
        report(&format!("{figure}: resident"), resident, "B");
        Ok(value)
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let directory = tempfile::tempdir()?;
    let path = directory.path().join("state.db");
    let bench = Bench { clock: ManualClock::starting_at(T0), count: Arc::default(), alerts: Arc::default() };
    let (handle, trigger) = bench.start(&path).await?;
    bench.measured("100,000 new alerts taken", bench.post(&handle)).await?;
    let flush = async {
        bench.clock.advance(Duration::from_secs(31));
        tokio::task::yield_now().await;
        handle.settle().await;
        Ok(())
    };
    bench.measured("1,000 groups told", flush).await?;
    report("notifications", bench.count.load(Ordering::Relaxed) as f64, "1");
    report("alerts told (the rest is inhibited)", bench.alerts.load(Ordering::Relaxed) as f64, "1");
    bench.clock.advance(Duration::from_secs(30));
    bench.measured("the same alerts again, as each minute", bench.post(&handle)).await?;
    let again = async {
        bench.clock.advance(Duration::from_secs(301));
        bench.post(&handle).await?;
        handle.settle().await;
        Ok(())
    };
    bench.measured("a group interval: again, written anew, nothing told", again).await?;
    let shown = async { Ok(handle.alerts(&|_| true).len()) };
    let shown = bench.measured("all alerts shown", shown).await?;
    report("alerts shown", shown as f64, "1");
    trigger.fire();
    drop(handle);
    let (handle, _trigger) = bench.measured("started again from the file", bench.start(&path)).await?;
    report("alerts known after the start", handle.alerts(&|_| true).len() as f64, "1");
    handle.settle().await;
    report("notifications in all", bench.count.load(Ordering::Relaxed) as f64, "1");
    Ok(())
}
