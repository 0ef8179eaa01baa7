//! Ingest, size on disk, a trace by its id and searches over generated spans: a line of JSON per figure.
//!
//! `cargo bench -p lgtm-traces --bench signal`: `LGTM_BENCH_SPANS` spans (320,000 without it), eight of five services a
//! trace, in requests of 512 through the sink, which waits for the write-ahead log each time; a file every 64,000.
//! Queries tell their processor time and the best wall time of ten runs; the files are in the page cache by then.

use lgtm_flow::SpanSink;
use lgtm_model::{
    AttributeValue, Attributes, Resource, Span, SpanEvent, SpanId, SpanKind, SpanStatus, StatusCode, TimestampNs,
    TraceId,
};
use lgtm_runtime::{Clock, Random, Shutdown, ShutdownTrigger, Tasks};
use lgtm_store::disk::MachineDisk;
use lgtm_store::table::{TableEngine, TableEngineSettings};
use lgtm_store::{Catalog, CatalogSettings, Files, Signal, StoreDeps};
use lgtm_traceql::{Search, Source, parse};
use lgtm_traces::{Config, Deps, Traces};
use std::error::Error;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

const SERVICES: [&str; 5] = ["gateway", "checkout", "payments", "catalogue", "users"];
const TRACE_SPANS: usize = 8;
const REQUEST_SPANS: usize = 512;
const FILE_SPANS: usize = 64_000;
const START_NS: i64 = 1_790_000_000_000_000_000;
const TRACE_GAP_NS: i64 = 20_000_000;
const RUNS: u32 = 10;

fn report(figure: &str, value: f64, unit: &str) {
    println!(r#"{{"benchmark":"traces signal","figure":"{figure}","value":{value:.3},"unit":"{unit}"}}"#);
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

fn resources() -> Vec<Arc<Resource>> {
    let resource = |(number, service): (usize, &&str)| {
        let text = |name: &str, value: String| (name.to_owned(), AttributeValue::Text(value));
        let attributes = Attributes(vec![
            text("service.name", (*service).to_owned()),
            text("service.version", "1.4.2".to_owned()),
            text("host.name", format!("host-{}", number % 2)),
        ]);
        let scope_name = "shop".to_owned();
        Arc::new(Resource { service: (*service).to_owned(), attributes, scope_name, ..Resource::default() })
    };
    SERVICES.iter().enumerate().map(resource).collect()
}

fn span_id(trace: usize, index: usize) -> SpanId {
    SpanId(((trace * TRACE_SPANS + index + 1) as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15).to_be_bytes())
}

fn trace(number: usize, resources: &[Arc<Resource>], random: &Random) -> Vec<Span> {
    let mut id = [1; 16];
    random.fill(&mut id);
    let started = TimestampNs(START_NS + number as i64 * TRACE_GAP_NS);
    let span = |index: usize| {
        let start = started.add_ns((index as u64 * 900_000 + random.in_range(0..700_000)) as i64);
        let failed = index == TRACE_SPANS - 1 && number.is_multiple_of(97);
        let status = if failed { 500 } else { 200 };
        let event = SpanEvent { timestamp: start, name: "exception".to_owned(), attributes: Attributes::default() };
        Span {
            trace_id: TraceId(id),
            span_id: span_id(number, index),
            parent_span_id: index.checked_sub(1).map(|parent| span_id(number, parent / 2)),
            trace_state: String::new(),
            name: format!("GET /api/{}", SERVICES[(index + number) % SERVICES.len()]),
            kind: if index.is_multiple_of(2) { SpanKind::Server } else { SpanKind::Client },
            start,
            end: start.add_ns((random.in_range(50_000..40_000_000)) as i64),
            status: SpanStatus {
                code: if failed { StatusCode::Error } else { StatusCode::Unset },
                message: String::new(),
            },
            resource: Arc::clone(&resources[(index + number) % SERVICES.len()]),
            attributes: Attributes(vec![
                ("http.request.method".to_owned(), AttributeValue::Text("GET".to_owned())),
                ("http.response.status_code".to_owned(), AttributeValue::Int(status)),
                ("user.id".to_owned(), AttributeValue::Int(random.in_range(0..50_000) as i64)),
            ]),
            events: if failed { vec![event] } else { Vec::new() },
            links: Vec::new(),
        }
    };
    (0..TRACE_SPANS).map(span).collect()
}

async fn open(dir: &Path, deps: &StoreDeps, shutdown: Shutdown, tasks: &Tasks) -> Result<Arc<Traces>, Box<dyn Error>> {
    let disk = MachineDisk::shared();
    let files = Arc::new(Files::local(dir.join("files"), disk.clone())?);
    let catalog = Catalog::open(files.clone(), CatalogSettings::default(), deps).await?;
    let engine = Arc::new(TableEngine::new(files, &TableEngineSettings::default(), &deps.registry)?);
    // Only the benchmark flushes, so that it knows how many files there are.
    let config = Config { flush_interval: Duration::from_secs(86_400), flush_bytes: 1 << 30, ..Config::default() };
    let deps = Deps { store: deps.clone(), disk, catalog, engine };
    Ok(Traces::open(config, deps, &dir.join("wal"), tasks, shutdown).await?)
}

/// Writes the spans and returns the id of the trace in the middle.
async fn ingest(traces: &Traces, spans: usize, clock: &dyn Clock) -> Result<TraceId, Box<dyn Error>> {
    let (random, resources) = (Random::from_seed(1), resources());
    let mut needle = TraceId([1; 16]);
    let (mut write_cpu, mut write_wall, mut flush_cpu, mut unflushed) = (0.0, 0.0, 0.0, 0);
    let (_, memory_before) = usage();
    for first in (0..spans).step_by(REQUEST_SPANS) {
        let numbers = first / TRACE_SPANS..(first + REQUEST_SPANS) / TRACE_SPANS;
        let request: Vec<Span> = numbers.flat_map(|number| trace(number, &resources, &random)).collect();
        if first <= spans / 2 {
            needle = request[0].trace_id;
        }
        let (begin, (before, _)) = (clock.elapsed(), usage());
        traces.write_spans(request).await?;
        write_wall += (clock.elapsed() - begin).as_secs_f64();
        write_cpu += usage().0 - before;
        unflushed += REQUEST_SPANS;
        if unflushed >= FILE_SPANS || first + REQUEST_SPANS >= spans {
            if first < FILE_SPANS {
                report(
                    "in memory before the first flush",
                    (usage().1 - memory_before) / unflushed as f64,
                    "resident bytes/span",
                );
            }
            let (before, _) = usage();
            traces.flush().await?;
            flush_cpu += usage().0 - before;
            unflushed = 0;
        }
    }
    let spans = spans as f64;
    report("ingest, one writer waiting for each fsync", spans / write_wall, "spans/s");
    report("ingest with its write-ahead log, processor", spans / write_cpu.max(0.01), "spans/CPU-s");
    report("flush, processor", spans / flush_cpu.max(0.01), "spans/CPU-s");
    report("ingest and flush, processor", spans / (write_cpu + flush_cpu).max(0.01), "spans/CPU-s");
    Ok(needle)
}

async fn timed<T>(
    figure: &str,
    clock: &dyn Clock,
    mut run: impl AsyncFnMut() -> Result<T, Box<dyn Error>>,
) -> Result<T, Box<dyn Error>> {
    let mut found = run().await?;
    let (mut best, (before, _)) = (f64::INFINITY, usage());
    for _run in 0..RUNS {
        let begin = clock.elapsed();
        found = run().await?;
        best = best.min((clock.elapsed() - begin).as_secs_f64());
    }
    report(figure, (usage().0 - before) * 1_000.0 / f64::from(RUNS), "CPU-ms");
    report(&format!("{figure}, best of {RUNS}"), best * 1_000.0, "ms");
    Ok(found)
}

async fn queries(traces: &Traces, spans: usize, needle: TraceId, clock: &dyn Clock) -> Result<(), Box<dyn Error>> {
    let found =
        timed("a trace by its id, no time given", clock, async || Ok(traces.trace(needle, None).await?)).await?;
    assert_eq!(found.len(), TRACE_SPANS);
    let absent =
        timed("an id that is not there", clock, async || Ok(traces.trace(TraceId([7; 16]), None).await?)).await?;
    assert!(absent.is_empty());
    let (start, end) = (TimestampNs(START_NS), TimestampNs(START_NS + spans as i64 * TRACE_GAP_NS));
    for (figure, query, some) in [
        ("search: the latest 20 of a service", r#"{ resource.service.name = "checkout" }"#, true),
        ("search: errors of a service", r#"{ resource.service.name = "payments" && status = error }"#, true),
        ("search: slower than 39.9 ms", "{ duration > 39.9ms }", true),
        ("search: an attribute over everything", "{ .user.id = 4242 && .http.response.status_code = 500 }", false),
    ] {
        let search = Search { filter: parse(query)?, start, end, trace_duration_ns: (None, None), limit: 20 };
        let found = timed(figure, clock, async || Ok(traces.search(&search).await?)).await?;
        assert!(!some || !found.is_empty(), "{query} finds something");
    }
    Ok(())
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let spans = std::env::var("LGTM_BENCH_SPANS").ok().and_then(|text| text.parse().ok()).unwrap_or(320_000);
    let dir = tempfile::tempdir()?;
    let deps = StoreDeps::of_this_machine();
    let (trigger, shutdown) = ShutdownTrigger::new();
    let tasks = Tasks::default();
    let traces = open(dir.path(), &deps, shutdown, &tasks).await?;
    let needle = ingest(&traces, spans, &*deps.clock).await?;
    let files = Files::local(dir.path().join("files"), MachineDisk::shared())?;
    let snapshot = Catalog::open(Arc::new(files), CatalogSettings::default(), &deps).await?.snapshot();
    let rows: u64 = snapshot.files(Signal::Spans).map(|entry| entry.rows).sum();
    let bytes: u64 = snapshot.files(Signal::Spans).map(|entry| entry.bytes).sum();
    let sidecars = snapshot.files(Signal::Spans).flat_map(|entry| &entry.sidecars);
    let sidecars = sidecars.filter_map(|path| std::fs::metadata(dir.path().join("files").join(path)).ok());
    let sidecar_bytes: u64 = sidecars.map(|metadata| metadata.len()).sum();
    report("files", snapshot.files(Signal::Spans).count() as f64, "files");
    report("Parquet on disk, as flushed", bytes as f64 / rows as f64, "bytes/span");
    report("token filters on disk", sidecar_bytes as f64 / rows as f64, "bytes/span");
    queries(&traces, rows as usize, needle, &*deps.clock).await?;
    report("resident at the end", usage().1 / f64::from(1 << 20), "MiB");
    trigger.fire();
    Ok(())
}
