//! Ingest, memory, size on disk and queries of the whole signal on this machine's disk.
//!
//! `cargo bench -p lgtm-metrics --bench signal`: 1,000 series of ten targets, six hours at fifteen seconds, through the
//! sink as scrapes are; then flush, and queries over everything. Prints a line of JSON per figure.

use lgtm_flow::{SampleBatch, SampleRow, SampleSink};
use lgtm_metrics::{Metrics, MetricsConfig, MetricsDeps};
use lgtm_model::{Labels, Matcher, TimestampMs};
use lgtm_promql::{Select, Source};
use lgtm_runtime::{Random, Shutdown, ShutdownTrigger, Tasks};
use lgtm_store::disk::MachineDisk;
use lgtm_store::{Catalog, CatalogSettings, Files, Signal, StoreDeps};
use std::error::Error;
use std::path::Path;
use std::sync::Arc;

const TARGETS: usize = 10;
const SERIES_PER_TARGET: usize = 100;
const SCRAPES: i64 = 6 * 240;
const START_MS: i64 = 1_790_000_000_000;

fn report(figure: &str, value: f64, unit: &str) {
    println!(r#"{{"benchmark":"metrics signal","figure":"{figure}","value":{value:.3},"unit":"{unit}"}}"#);
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

fn series() -> Vec<Vec<Labels>> {
    let labels = |target: usize, number: usize| {
        Labels::from_pairs([
            ("__name__", format!("shop_metric_{}_total", number / 10)),
            ("endpoint", format!("/api/{}", number % 10)),
            ("instance", format!("10.0.0.{target}:9100")),
            ("job", "shop".to_owned()),
        ])
    };
    (0..TARGETS).map(|target| (0..SERIES_PER_TARGET).map(|number| labels(target, number)).collect()).collect()
}

fn scrape(series: &[Labels], target: usize, index: i64, random: &Random, counters: &mut [f64]) -> SampleBatch {
    let timestamp = TimestampMs(START_MS + index * 15_000 + target as i64 * 1_371 + random.in_range(0..4) as i64);
    let row = |(labels, counter): (&Labels, &mut f64)| {
        *counter += random.in_range(0..20) as f64;
        SampleRow { labels: labels.clone(), timestamp, value: *counter }
    };
    SampleBatch { rows: series.iter().zip(counters).map(row).collect(), ..SampleBatch::default() }
}

async fn open(dir: &Path, deps: &StoreDeps, shutdown: Shutdown, tasks: &Tasks) -> Result<Arc<Metrics>, Box<dyn Error>> {
    let disk = MachineDisk::shared();
    let files = Arc::new(Files::local(dir.join("files"), disk.clone())?);
    let catalog = Catalog::open(files, CatalogSettings::default(), deps).await?;
    // The data is older or newer than the machine's clock, whenever this runs.
    let any_age = i64::MAX as u64;
    let config = MetricsConfig { age_ms_max: any_age, ahead_ms_max: any_age, retention_days: 0, ..Default::default() };
    let deps = MetricsDeps { store: deps.clone(), disk, catalog, wal_dir: dir.join("wal"), tasks: tasks.clone() };
    Ok(Metrics::open(config, deps, shutdown).await?)
}

async fn query(metrics: &Metrics, deps: &StoreDeps, figure: &str) -> Result<(), Box<dyn Error>> {
    let request = Select {
        matchers: vec![Matcher::equal("job", "shop")],
        start: TimestampMs(START_MS),
        end: TimestampMs(START_MS + 7 * 3_600_000),
        samples_max: usize::MAX,
    };
    let mut best = f64::INFINITY;
    let mut samples = 0;
    for _ in 0..10 {
        let begin = deps.clock.elapsed();
        let found = metrics.select(&request).await?;
        best = best.min((deps.clock.elapsed() - begin).as_secs_f64());
        samples = found.iter().map(|series| series.values.len()).sum();
    }
    report(figure, best * 1_000.0, "ms");
    report(&format!("{figure}, rate"), samples as f64 / best / 1e6, "million samples/s");
    Ok(())
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let dir = tempfile::tempdir()?;
    let deps = StoreDeps::of_this_machine();
    let (trigger, shutdown) = ShutdownTrigger::new();
    let tasks = Tasks::default();
    let metrics = open(dir.path(), &deps, shutdown, &tasks).await?;
    let random = Random::from_seed(1);
    let series = series();
    let mut counters = vec![vec![0.0; SERIES_PER_TARGET]; TARGETS];
    let (cpu_before, memory_before) = usage();
    let begin = deps.clock.elapsed();
    for index in 0..SCRAPES {
        for target in 0..TARGETS {
            metrics.write_samples(scrape(&series[target], target, index, &random, &mut counters[target])).await?;
        }
    }
    let samples = (SCRAPES as usize * TARGETS * SERIES_PER_TARGET) as f64;
    let wall = (deps.clock.elapsed() - begin).as_secs_f64();
    let (cpu, memory) = usage();
    report("ingest, one writer waiting for each fsync", samples / wall, "samples/s");
    report("ingest, processor", samples / (cpu - cpu_before).max(0.01), "samples/CPU-s");
    report("head", (memory - memory_before).max(0.0) / samples, "resident bytes/sample");
    query(&metrics, &deps, "1000 series, 6 h, from the head").await?;
    let begin = deps.clock.elapsed();
    metrics.flush().await?;
    report("flush", (deps.clock.elapsed() - begin).as_secs_f64() * 1e9 / samples, "ns/sample");
    query(&metrics, &deps, "1000 series, 6 h, from blocks").await?;
    let files = Files::local(dir.path().join("files"), MachineDisk::shared())?;
    let snapshot = Catalog::open(Arc::new(files), CatalogSettings::default(), &deps).await?.snapshot();
    let bytes: u64 = snapshot.files(Signal::Metrics).map(|entry| entry.bytes).sum();
    report("blocks on disk, index included", bytes as f64 / samples, "bytes/sample");
    trigger.fire();
    Ok(())
}
