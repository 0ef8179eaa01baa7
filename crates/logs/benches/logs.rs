//! Ingest, size on disk, and three queries over generated lines: one JSON object a figure on standard output.
//!
//! `LGTM_BENCH_LINES` sets the number of lines (1,200,000 without it). They lie in files of
//! one row group each, so that there are enough of them to see which share a needle reads.

use lgtm_flow::LogSink;
use lgtm_logql::{Direction, Output, TimeRange, evaluate, parse, plan};
use lgtm_logs::{Logs, LogsDeps, LogsSettings};
use lgtm_model::{Labels, LogRecord, Severity, SpanId, TimestampNs, TraceId};
use lgtm_runtime::metrics::Registry;
use lgtm_runtime::{Clock, Random, ShutdownTrigger, SystemClock, Tasks};
use lgtm_store::disk::MachineDisk;
use lgtm_store::table::{TableEngine, TableEngineSettings};
use lgtm_store::{Catalog, CatalogSettings, Files, JournalSettings, Signal, StoreDeps};
use std::path::Path;
use std::sync::Arc;

const SERVICES: [&str; 5] = ["gateway", "checkout", "payments", "catalogue", "users"];
const BATCH: usize = 1_000;
const FILE_LINES: usize = 4_000;
const START: i64 = 1_764_000_000_000_000_000;

fn record(line: usize, random: &Random) -> LogRecord {
    let (mut trace, mut span) = ([1; 16], [1; 8]);
    random.fill(&mut trace);
    random.fill(&mut span);
    let service = SERVICES[line % SERVICES.len()];
    let (user, millis) = (random.in_range(0..50_000), random.in_range(1..900));
    let status = if line.is_multiple_of(49) { 500 } else { 200 };
    LogRecord {
        stream: Labels::from_pairs([("service_name", service), ("host_name", "host-1")]),
        timestamp: TimestampNs(START + line as i64 * 50_000),
        severity: Severity(if status == 500 { 17 } else { 9 }),
        body: format!(
            "handled GET /api/{service} status={status} user={user} took={millis}ms traceID={}",
            TraceId(trace)
        ),
        trace_id: Some(TraceId(trace)),
        span_id: Some(SpanId(span)),
        attributes: Labels::from_pairs([
            ("http_route", "/api"),
            ("http_status", if status == 500 { "500" } else { "200" }),
        ]),
    }
}

/// Seconds of processor time of this process so far.
fn cpu_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    let ticks = |index: usize| fields.get(index).and_then(|text| text.parse::<f64>().ok()).unwrap_or(0.0);
    (ticks(11) + ticks(12)) / 100.0
}

fn figure(name: &str, value: f64, unit: &str) {
    println!(r#"{{"signal":"logs","figure":"{name}","value":{value:.3},"unit":"{unit}"}}"#);
}

async fn open(dir: &Path, shutdown: lgtm_runtime::Shutdown) -> Arc<Logs> {
    let store = StoreDeps { clock: SystemClock::shared(), random: Random::from_seed(1), registry: Registry::default() };
    let disk = MachineDisk::shared();
    let files = Arc::new(Files::local(dir.join("files"), disk.clone()).unwrap());
    let catalog = Catalog::open(Arc::clone(&files), CatalogSettings::default(), &store).await.unwrap();
    let engine = Arc::new(TableEngine::new(files, &TableEngineSettings::default(), &store.registry).unwrap());
    let deps = LogsDeps {
        journal_dir: dir.join("wal"),
        journal: JournalSettings::default(),
        tasks: Tasks::default(),
        store,
        disk,
        catalog,
        engine,
    };
    let settings = LogsSettings { flush_interval_ms: 3_600_000, flush_bytes: 1 << 30, ..LogsSettings::default() };
    Logs::open(settings, deps, shutdown).await.unwrap()
}

async fn ask(logs: &Logs, clock: &dyn Clock, name: &str, query: &str, lines: usize) -> usize {
    let plan = plan(&parse(query).unwrap(), query).unwrap();
    let end = TimestampNs(START + lines as i64 * 50_000);
    let range = TimeRange {
        start: TimestampNs(START),
        end,
        step_ns: 10_000_000_000,
        limit: 100,
        direction: Direction::Backward,
    };
    let mut best = f64::INFINITY;
    let mut found = 0;
    for _run in 0..3 {
        let started = clock.elapsed();
        found = match evaluate(&plan, range, logs).await.unwrap() {
            Output::Streams(streams) => streams.iter().map(|stream| stream.entries.len()).sum(),
            Output::Matrix(series) => series.len(),
        };
        best = best.min((clock.elapsed() - started).as_secs_f64());
    }
    figure(&format!("{name}_seconds"), best, "s");
    found
}

async fn run(lines: usize) {
    let dir = tempfile::tempdir().unwrap();
    let clock = SystemClock::shared();
    let (_trigger, shutdown) = ShutdownTrigger::new();
    let logs = open(dir.path(), shutdown.clone()).await;
    let random = Random::from_seed(2);
    let (mut cpu, mut needle, mut unflushed) = (0.0, String::new(), 0);
    for first in (0..lines).step_by(BATCH) {
        let batch: Vec<LogRecord> = (first..first + BATCH).map(|line| record(line, &random)).collect();
        if first == lines / 2 / BATCH * BATCH {
            needle = batch[0].trace_id.unwrap().to_hex();
        }
        let before = cpu_seconds();
        logs.write_logs(batch).await.unwrap();
        unflushed += BATCH;
        if unflushed >= FILE_LINES || first + BATCH >= lines {
            logs.flush().await.unwrap();
            unflushed = 0;
        }
        cpu += cpu_seconds() - before;
    }
    figure("ingest_lines_per_cpu_second", lines as f64 / cpu, "lines/s");
    let files = Arc::new(Files::local(dir.path().join("files"), MachineDisk::shared()).unwrap());
    let catalog = Catalog::open(files, CatalogSettings::default(), &StoreDeps::of_this_machine()).await.unwrap();
    let snapshot = catalog.snapshot();
    let bytes: u64 = snapshot.files(Signal::Logs).map(|file| file.bytes).sum();
    figure("parquet_bytes_per_row", bytes as f64 / lines as f64, "bytes");
    let sidecar_bytes: u64 = snapshot
        .files(Signal::Logs)
        .flat_map(|file| &file.sidecars)
        .filter_map(|path| std::fs::metadata(dir.path().join("files").join(path)).ok())
        .map(|metadata| metadata.len())
        .sum();
    figure("sidecar_bytes_per_row", sidecar_bytes as f64 / lines as f64, "bytes");
    let found = ask(&logs, &*clock, "needle", &format!(r#"{{service_name=~".+"}} |= "traceID={needle}""#), lines).await;
    assert_eq!(found, 1);
    let counts = logs.last_query_counts().scan;
    let share = counts.row_groups_read as f64 / (counts.row_groups_read + counts.row_groups_skipped) as f64;
    assert!(share < 0.01, "{counts:?}");
    figure("needle_row_groups_read", counts.row_groups_read as f64, "row groups");
    figure("needle_row_groups_share", 100.0 * share, "%");
    ask(&logs, &*clock, "scan_substring", r#"{service_name=~".+"} |= "tatus=500 user=49""#, lines).await;
    let rate = r#"sum by (service_name) (rate({service_name=~".+"} |= "status=500" [1m]))"#;
    assert_eq!(ask(&logs, &*clock, "rate_by_service", rate, lines).await, SERVICES.len());
}

fn main() {
    let lines = std::env::var("LGTM_BENCH_LINES").ok().and_then(|text| text.parse().ok()).unwrap_or(1_200_000);
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(run(lines));
}
