//! The signal against a naive model: whatever was acknowledged is found, once, before and after flushes and restarts.

use lgtm_flow::SpanSink;
use lgtm_model::{
    AttributeValue, Attributes, Resource, Span, SpanId, SpanKind, SpanStatus, StatusCode, TimestampNs, TraceId,
};
use lgtm_runtime::{ManualClock, Random, Shutdown, ShutdownTrigger, Tasks};
use lgtm_store::compaction::{CompactionSettings, compact_round};
use lgtm_store::disk::MachineDisk;
use lgtm_store::table::{TableEngine, TableEngineSettings};
use lgtm_store::{Catalog, CatalogSettings, Files, Signal, StoreDeps};
use lgtm_traceql::{Search, Source, TraceSummary, parse};
use lgtm_traces::{Config, Deps, SpanCompactor, Traces};
use std::path::Path;
use std::sync::Arc;

/// 2023-11-14T22:13:20Z.
const START_NS: i64 = 1_700_000_000_000_000_000;

struct Opened {
    traces: Arc<Traces>,
    catalog: Arc<Catalog>,
    _trigger: ShutdownTrigger,
    tasks: Tasks,
}

async fn open(folder: &Path) -> Opened {
    let store = StoreDeps { clock: ManualClock::starting_at(TimestampNs(START_NS)), ..StoreDeps::of_this_machine() };
    let disk = MachineDisk::shared();
    let files = Arc::new(Files::local(folder.join("files"), disk.clone()).unwrap());
    let catalog = Catalog::open(files.clone(), CatalogSettings::default(), &store).await.unwrap();
    let engine = Arc::new(TableEngine::new(files, &TableEngineSettings::default(), &store.registry).unwrap());
    let (trigger, shutdown): (_, Shutdown) = ShutdownTrigger::new();
    let tasks = Tasks::default();
    let deps = Deps { store, disk, catalog: Arc::clone(&catalog), engine };
    let traces = Traces::open(Config::default(), deps, &folder.join("wal"), &tasks, shutdown).await.unwrap();
    Opened { traces, catalog, _trigger: trigger, tasks }
}

/// A trace of three spans of two services; every fifth one fails, the n-th takes n milliseconds.
fn trace(number: u64) -> Vec<Span> {
    let service = |name: &str| {
        let text = AttributeValue::Text(name.to_owned());
        let attributes = Attributes(vec![("service.name".to_owned(), text)]);
        Arc::new(Resource { service: name.to_owned(), attributes, ..Resource::default() })
    };
    let mut trace_id = [1; 16];
    trace_id[8..].copy_from_slice(&number.to_be_bytes());
    let start = TimestampNs(START_NS + number as i64 * 1_000_000_000 + 123);
    let span = |index: u8, name: &str, resource: &Arc<Resource>| Span {
        trace_id: TraceId(trace_id),
        span_id: SpanId([index + 1; 8]),
        parent_span_id: (index > 0).then_some(SpanId([index; 8])),
        trace_state: String::new(),
        name: name.to_owned(),
        kind: SpanKind::Server,
        start: start.add_ns(i64::from(index)),
        end: start.add_ns(number as i64 * 1_000_000),
        status: SpanStatus {
            code: if number.is_multiple_of(5) { StatusCode::Error } else { StatusCode::Unset },
            message: String::new(),
        },
        resource: Arc::clone(resource),
        attributes: Attributes(vec![("n".to_owned(), AttributeValue::Int(number as i64))]),
        events: Vec::new(),
        links: Vec::new(),
    };
    let (gateway, shop) = (service("gateway"), service("shop"));
    vec![span(0, "GET /", &gateway), span(1, "order", &shop), span(2, "db.query", &shop)]
}

fn search(query: &str, limit: usize) -> Search {
    Search {
        filter: parse(query).unwrap(),
        start: TimestampNs(START_NS),
        end: TimestampNs(START_NS + 10_000_000_000_000),
        trace_duration_ns: (None, None),
        limit,
    }
}

/// What a search must find, from the traces themselves.
fn expected(traces: &[Vec<Span>], search: &Search) -> Vec<(TraceId, usize)> {
    let mut found: Vec<_> = traces.iter().filter_map(|spans| TraceSummary::of(spans, search)).collect();
    found.sort_by_key(|trace| std::cmp::Reverse(trace.start));
    found.iter().take(search.limit).map(|trace| (trace.trace_id, trace.matched)).collect()
}

async fn assert_agrees(opened: &Opened, model: &[Vec<Span>]) {
    for spans in model {
        assert_eq!(&opened.traces.trace(spans[0].trace_id, None).await.unwrap(), spans);
    }
    assert!(opened.traces.trace(TraceId([9; 16]), None).await.unwrap().is_empty());
    for query in [
        "{}",
        r#"{ resource.service.name = "shop" }"#,
        r#"{ resource.service.name = "shop" && duration >= 12ms }"#,
        "{ status = error && name = \"db.query\" }",
        "{ .n > 3 && .n < 9 }",
        r#"{ resource.service.name = "nobody" }"#,
    ] {
        for limit in [3, 100] {
            let search = search(query, limit);
            let found = opened.traces.search(&search).await.unwrap();
            let found: Vec<_> = found.iter().map(|trace| (trace.trace_id, trace.matched)).collect();
            assert_eq!(found, expected(model, &search), "{query} limit {limit}");
        }
    }
}

#[tokio::test]
async fn spans_are_found_in_memory_in_files_and_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let model: Vec<Vec<Span>> = (1..=30).map(trace).collect();
    let opened = open(folder.path()).await;
    for (index, spans) in model.iter().enumerate() {
        opened.traces.write_spans(spans.clone()).await.unwrap();
        if index == 9 || index == 19 {
            opened.traces.flush().await.unwrap();
        }
    }
    assert_agrees(&opened, &model).await;

    // Ten traces in each of two files and ten in the log only; the process ends without a word.
    drop(opened);
    let opened = open(folder.path()).await;
    assert_agrees(&opened, &model).await;
    opened.traces.flush().await.unwrap();
    assert_agrees(&opened, &model).await;
    let range = (TimestampNs(START_NS), TimestampNs(START_NS + 10_000_000_000_000));
    assert_eq!(opened.traces.attribute_values("service.name", range, 10).await.unwrap(), ["gateway", "shop"]);
    assert_eq!(opened.traces.attribute_names(range).await.unwrap().1, ["n"]);
    drop(opened.tasks);
}

#[tokio::test]
async fn merged_files_hold_the_same_spans() {
    let folder = tempfile::tempdir().unwrap();
    let model: Vec<Vec<Span>> = (1..=12).map(trace).collect();
    let opened = open(folder.path()).await;
    for spans in &model {
        opened.traces.write_spans(spans.clone()).await.unwrap();
        opened.traces.flush().await.unwrap();
    }
    let compactor = SpanCompactor::new(Arc::clone(opened.catalog.files()), Random::from_entropy());
    let today = TimestampNs(START_NS).day();
    let merged = compact_round(&opened.catalog, &compactor, today, &CompactionSettings::default()).await.unwrap();
    assert!(merged > 0);
    assert!(opened.catalog.snapshot().file_count(Signal::Spans) < model.len());
    assert_agrees(&opened, &model).await;
}

#[tokio::test]
async fn a_span_sent_twice_is_shown_once() {
    let folder = tempfile::tempdir().unwrap();
    let opened = open(folder.path()).await;
    opened.traces.write_spans(trace(1)).await.unwrap();
    opened.traces.flush().await.unwrap();
    opened.traces.write_spans(trace(1)).await.unwrap();
    assert_eq!(opened.traces.trace(trace(1)[0].trace_id, None).await.unwrap(), trace(1));
}

#[tokio::test]
async fn a_slow_trace_behind_many_fast_ones_is_found_by_its_duration() {
    let folder = tempfile::tempdir().unwrap();
    let opened = open(folder.path()).await;
    let slow = Span { end: TimestampNs(START_NS + 60_000_000_000), ..trace(1)[0].clone() };
    opened.traces.write_spans(vec![slow.clone()]).await.unwrap();
    opened.traces.flush().await.unwrap();
    opened.traces.write_spans((2..1_000).flat_map(trace).collect()).await.unwrap();
    let search = Search { trace_duration_ns: (Some(30_000_000_000), None), ..search("{}", 1) };
    let found = opened.traces.search(&search).await.unwrap();
    assert_eq!(found.iter().map(|trace| trace.trace_id).collect::<Vec<_>>(), [slow.trace_id]);
}
