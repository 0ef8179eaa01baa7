//! The signal as a whole against a naive model, over flushes, merges and restarts; and what a needle reads.

use lgtm_flow::LogSink;
use lgtm_logql::{Direction, Keep, LogSelect, LogStream, Plan, RangeSelect, Source, parse, plan};
use lgtm_logs::{Logs, LogsDeps, LogsSettings};
use lgtm_model::{Labels, LogRecord, Severity, SpanId, TimestampNs, TraceId};
use lgtm_runtime::metrics::Registry;
use lgtm_runtime::{ManualClock, Random, ShutdownTrigger, Tasks};
use lgtm_store::disk::MachineDisk;
use lgtm_store::table::{TableEngine, TableEngineSettings};
use lgtm_store::{Catalog, CatalogSettings, Files, JournalSettings, StoreDeps};
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

const SECOND: i64 = 1_000_000_000;
const DAY: i64 = 86_400 * SECOND;

/// A signal over a folder, without background work: the clock stands still.
struct House {
    logs: Arc<Logs>,
    _trigger: ShutdownTrigger,
}

async fn open(dir: &Path, settings: LogsSettings) -> House {
    let registry = Registry::default();
    let clock = ManualClock::starting_at(TimestampNs(20_000 * DAY));
    let store = StoreDeps { clock, random: Random::from_entropy(), registry: registry.clone() };
    let disk = MachineDisk::shared();
    let files = Arc::new(Files::local(dir.join("files"), disk.clone()).unwrap());
    let catalog = Catalog::open(Arc::clone(&files), CatalogSettings::default(), &store).await.unwrap();
    let engine = Arc::new(TableEngine::new(files, &TableEngineSettings::default(), &registry).unwrap());
    let (trigger, shutdown) = ShutdownTrigger::new();
    let deps = LogsDeps {
        store,
        disk,
        journal_dir: dir.join("wal/logs"),
        journal: JournalSettings::default(),
        catalog,
        engine,
        tasks: Tasks::default(),
    };
    House { logs: Logs::open(settings, deps, shutdown).await.unwrap(), _trigger: trigger }
}

fn pipeline(query: &str) -> lgtm_logql::Pipeline {
    match plan(&parse(query).unwrap(), query).unwrap() {
        Plan::Logs(pipeline) => pipeline,
        Plan::Metric(_) => panic!("{query} is no query for lines"),
    }
}

/// Structured metadata as a query shows it.
fn metadata(record: &LogRecord) -> Labels {
    let mut builder = Labels::empty().to_builder();
    builder.set("trace_id", record.trace_id.map(TraceId::to_hex).unwrap_or_default());
    builder.set("span_id", record.span_id.map(SpanId::to_hex).unwrap_or_default());
    if record.severity.0 > 0 {
        builder.set("detected_level", record.severity.level());
    }
    for (name, value) in &record.attributes {
        builder.set(name, value);
    }
    builder.build()
}

fn label(record: &LogRecord, name: &str) -> String {
    record.stream.get(name).or(metadata(record).get(name)).unwrap_or("").to_owned()
}

/// The queries of the property, each with what it means.
type Meaning = fn(&LogRecord) -> bool;
const QUERIES: [(&str, Meaning); 9] = [
    (r#"{app="a"}"#, |r| label(r, "app") == "a"),
    (r#"{app=~"a|b", env!="x"}"#, |r| ["a", "b"].contains(&&*label(r, "app")) && r.stream.get("env") != Some("x")),
    (r#"{app=~".+"} |= "er" or "zz""#, |r| r.body.contains("er") || r.body.contains("zz")),
    (r#"{app=~".+"} |= " err " != "b""#, |r| r.body.contains(" err ") && !r.body.contains('b')),
    (r#"{app=~".+"} |~ "e[qr]+ ""#, |r| ["err ", "er ", "eq "].iter().any(|text| r.body.contains(text))),
    (r#"{app=~".+"} | k="v1""#, |r| r.attributes.get("k") == Some("v1")),
    (r#"{app=~".+"} | detected_level="error" or k="v2""#, |r| {
        label(r, "detected_level") == "error" || label(r, "k") == "v2"
    }),
    (r#"{app=~".+"} | trace_id="07070707070707070707070707070707""#, |r| r.trace_id == Some(TraceId([7; 16]))),
    (r#"{app="none"}"#, |_| false),
];

prop_compose! {
    fn record()(
        app in "[a-c]", env in "[xy]?", time in 0..40_i64, fraction in prop::sample::select(vec![0_i64, 1, 999, 1_000, 500_000]),
        words in prop::collection::vec(prop::sample::select(vec!["err", "er", "zz", "b", "eq", "ok"]), 0..5),
        level in prop::sample::select(vec![0_u8, 9, 17]), key in "v[12]|", trace in 6_u8..9,
    ) -> LogRecord {
        LogRecord {
            stream: Labels::from_pairs([("app", app), ("env", env)]),
            // Both sides of a midnight.
            timestamp: TimestampNs(20_000 * DAY + (time - 20) * SECOND + fraction),
            severity: Severity(level), body: words.join(" "),
            trace_id: (trace < 8).then_some(TraceId([trace; 16])),
            span_id: (trace == 6).then_some(SpanId([1; 8])),
            attributes: Labels::from_pairs([("k", key)]),
        }
    }
}

#[derive(Clone, Debug)]
enum Step {
    Write(Vec<LogRecord>),
    Flush,
    Merge,
    Reopen,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        5 => prop::collection::vec(record(), 1..12).prop_map(Step::Write),
        2 => Just(Step::Flush),
        1 => Just(Step::Merge),
        1 => Just(Step::Reopen),
    ]
}

/// A line as both sides can be compared: time, stream, text, metadata.
type Line = (i64, String, String, String);

fn lines(streams: &[LogStream]) -> Vec<Line> {
    let line = |stream: &LogStream, entry: &lgtm_logql::Entry| {
        (entry.timestamp.0, stream.labels.to_string(), entry.line.clone(), entry.metadata.to_string())
    };
    let mut lines: Vec<_> =
        streams.iter().flat_map(|stream| stream.entries.iter().map(move |entry| line(stream, entry))).collect();
    lines.sort();
    lines
}

async fn check(logs: &Logs, model: &[LogRecord], start: i64, end: i64) {
    let (start, end) = (TimestampNs(start), TimestampNs(end));
    for (query, meaning) in QUERIES {
        let wanted = || model.iter().filter(|record| meaning(record));
        let within = |record: &&LogRecord| record.timestamp >= start && record.timestamp < end;
        let pipeline = pipeline(query);
        let select = LogSelect { pipeline: pipeline.clone(), start, end, limit: 10_000, direction: Direction::Forward };
        let mut want: Vec<Line> = wanted()
            .filter(within)
            .map(|r| (r.timestamp.0, r.stream.to_string(), r.body.clone(), metadata(r).to_string()))
            .collect();
        want.sort();
        assert_eq!(lines(&logs.select_logs(&select).await.unwrap()), want, "{query}");

        let last = LogSelect { limit: 3, direction: Direction::Backward, ..select };
        let mut times: Vec<i64> = lines(&logs.select_logs(&last).await.unwrap()).iter().map(|line| line.0).collect();
        times.sort_unstable();
        let newest = want.len().saturating_sub(3);
        assert_eq!(times, want[newest..].iter().map(|line| line.0).collect::<Vec<_>>(), "{query}");

        let range = RangeSelect {
            pipeline,
            measure: lgtm_logql::Measure::Lines,
            start,
            end,
            step_ns: 3 * SECOND,
            range_ns: 5 * SECOND,
            keep: Keep::Only(vec!["app".to_owned(), "k".to_owned()]),
        };
        let mut want: BTreeMap<Labels, Vec<Option<f64>>> = BTreeMap::new();
        for record in wanted() {
            for step in 0..range.steps() {
                let at = start.add_ns(step as i64 * range.step_ns);
                if record.timestamp > at.add_ns(-range.range_ns) && record.timestamp <= at {
                    let labels = Labels::from_pairs([("app", label(record, "app")), ("k", label(record, "k"))]);
                    let values = want.entry(labels).or_insert_with(|| vec![None; range.steps()]);
                    *values[step].get_or_insert(0.0) += 1.0;
                }
            }
        }
        let got = logs.select_range(&range).await.unwrap();
        let got: BTreeMap<_, _> = got.into_iter().map(|series| (series.labels, series.values)).collect();
        assert_eq!(got, want, "{query}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn answers_are_those_of_a_list(steps in prop::collection::vec(step(), 1..14), from in 0..30_i64, length in 1..30_i64) {
        let dir = tempfile::tempdir().unwrap();
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        runtime.block_on(async {
            let settings = LogsSettings { merge_files: 2, ..LogsSettings::default() };
            let mut house = open(dir.path(), settings.clone()).await;
            let mut model = Vec::new();
            for step in steps {
                match step {
                    Step::Write(records) => {
                        house.logs.write_logs(records.clone()).await.unwrap();
                        model.extend(records);
                    }
                    Step::Flush => drop(house.logs.flush().await.unwrap()),
                    Step::Merge => drop(house.logs.merge_once().await.unwrap()),
                    Step::Reopen => {
                        drop(house);
                        house = open(dir.path(), settings.clone()).await;
                    }
                }
            }
            let start = 20_000 * DAY + (from - 20) * SECOND;
            check(&house.logs, &model, start, start + length * SECOND).await;
            let streams = house.logs.streams(&[], TimestampNs::MIN, TimestampNs::MAX).await.unwrap();
            let mut want: Vec<Labels> = model.iter().map(|record| record.stream.clone()).collect();
            want.sort();
            want.dedup();
            assert_eq!(streams, want);
        });
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_needle_reads_under_one_percent_of_the_row_groups() {
    let dir = tempfile::tempdir().unwrap();
    let house = open(dir.path(), LogsSettings::default()).await;
    let random = Random::from_seed(7);
    let mut ids = Vec::new();
    for file in 0..250_i64 {
        let records = (0..40).map(|line| {
            let mut id = [0; 16];
            random.fill(&mut id);
            ids.push(TraceId(id));
            LogRecord {
                stream: Labels::from_pairs([("app", "shop")]),
                timestamp: TimestampNs(20_000 * DAY + file * SECOND + line),
                severity: Severity(9),
                body: format!("paid order={line} traceID={}", TraceId(id)),
                trace_id: Some(TraceId(id)),
                span_id: None,
                attributes: Labels::empty(),
            }
        });
        house.logs.write_logs(records.collect()).await.unwrap();
        house.logs.flush().await.unwrap();
    }
    let id = ids[4_321];
    for query in [format!(r#"{{app="shop"}} |= "traceID={id}""#), format!(r#"{{app="shop"}} | trace_id="{id}""#)] {
        let select = LogSelect {
            pipeline: pipeline(&query),
            start: TimestampNs(0),
            end: TimestampNs(30_000 * DAY),
            limit: 10,
            direction: Direction::Backward,
        };
        assert_eq!(lines(&house.logs.select_logs(&select).await.unwrap()).len(), 1, "{query}");
        let counts = house.logs.last_query_counts().scan;
        let total = counts.row_groups_read + counts.row_groups_skipped;
        assert!(total == 250 && counts.row_groups_read * 100 < total, "{counts:?}");
    }
}
