//! The whole signal against a map of maps: random writes, flushes, merges, restarts and queries.

use lgtm_flow::{SampleBatch, SampleRow, SampleSink};
use lgtm_metrics::{Metrics, MetricsConfig, MetricsDeps};
use lgtm_model::{Labels, MatchOp, Matcher, TimestampMs};
use lgtm_promql::{Select, Source, SourceError};
use lgtm_runtime::metrics::Registry;
use lgtm_runtime::{ManualClock, Random, SharedClock, ShutdownTrigger, Tasks};
use lgtm_store::disk::SharedDisk;
use lgtm_store::disk::simulated::SimulatedDisk;
use lgtm_store::{Catalog, CatalogSettings, Files, Signal, StoreDeps};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

/// Noon of some day, so that a few hours either way cross into its neighbours now and then.
const NOON_MS: i64 = 20_000 * 86_400_000 + 43_200_000;

type Model = BTreeMap<Labels, BTreeMap<i64, u64>>;

struct Place {
    disk: SharedDisk,
    clock: Arc<ManualClock>,
    config: MetricsConfig,
    openings: u64,
}

struct Running {
    metrics: Arc<Metrics>,
    catalog: Arc<Catalog>,
    registry: Registry,
    trigger: ShutdownTrigger,
    tasks: Tasks,
}

impl Place {
    fn new(config: MetricsConfig) -> Self {
        Self::on(SimulatedDisk::shared(), config)
    }

    fn on(disk: SharedDisk, config: MetricsConfig) -> Self {
        let clock = ManualClock::starting_at(TimestampMs(NOON_MS).to_ns());
        Self { disk, clock, config, openings: 0 }
    }

    async fn open(&mut self) -> Running {
        self.openings += 1;
        let clock: SharedClock = self.clock.clone();
        let registry = Registry::default();
        let store = StoreDeps { clock, random: Random::from_seed(self.openings), registry: registry.clone() };
        let files = Arc::new(Files::local("/simulated/files", self.disk.clone()).unwrap());
        let catalog = Catalog::open(files, CatalogSettings::default(), &store).await.unwrap();
        let (trigger, shutdown) = ShutdownTrigger::new();
        let tasks = Tasks::default();
        let deps = MetricsDeps {
            store,
            disk: self.disk.clone(),
            catalog: catalog.clone(),
            wal_dir: "/simulated/wal/metrics".into(),
            tasks: tasks.clone(),
        };
        let metrics = Metrics::open(self.config.clone(), deps, shutdown).await.unwrap();
        Running { metrics, catalog, registry, trigger, tasks }
    }

    /// Ends without a flush, as a kill would: only the journal and the files remain.
    async fn abandon(&self, running: Running) {
        running.trigger.fire();
        let clock: SharedClock = self.clock.clone();
        assert_eq!(running.tasks.drain(&clock, Duration::from_secs(60)).await, 0);
    }
}

fn series(number: usize) -> Labels {
    Labels::from_pairs([
        ("__name__", ["up", "load", "down"][number % 3].to_owned()),
        ("instance", format!("host-{}", number / 3)),
        ("job", if number.is_multiple_of(2) { "even".to_owned() } else { String::new() }),
    ])
}

fn batch(rows: &[(usize, i64, f64)]) -> SampleBatch {
    let row = |&(number, offset, value): &(usize, i64, f64)| SampleRow {
        labels: series(number),
        timestamp: TimestampMs(NOON_MS + offset),
        value,
    };
    SampleBatch { rows: rows.iter().map(row).collect(), ..SampleBatch::default() }
}

fn request(matchers: Vec<Matcher>, start: i64, end: i64) -> Select {
    let (start, end) = (TimestampMs(NOON_MS + start), TimestampMs(NOON_MS + end));
    Select { matchers, start, end, samples_max: 1_000_000 }
}

async fn answer(metrics: &Metrics, request: &Select) -> Vec<(Labels, Vec<(i64, u64)>)> {
    let columns = metrics.select(request).await.unwrap();
    columns
        .into_iter()
        .map(|series| {
            assert_eq!(series.timestamps_ms.len(), series.values.len());
            let samples = series.timestamps_ms.iter().copied().zip(series.values.iter().map(|value| value.to_bits()));
            (series.labels, samples.collect())
        })
        .collect()
}

fn expected(model: &Model, request: &Select) -> Vec<(Labels, Vec<(i64, u64)>)> {
    let matches = |labels: &Labels| request.matchers.iter().all(|m| m.matches(labels.get(m.name()).unwrap_or("")));
    model
        .iter()
        .filter(|(labels, _)| matches(labels))
        .map(|(labels, samples)| {
            let range = samples.range(request.start.0..=request.end.0);
            (labels.clone(), range.map(|(time, bits)| (*time, *bits)).collect::<Vec<_>>())
        })
        .filter(|(_, samples)| !samples.is_empty())
        .collect()
}

#[derive(Clone, Debug)]
enum Step {
    Write(Vec<(usize, i64, f64)>),
    Scrapes(i64, usize),
    Flush,
    Merge,
    Restart,
    Query(usize, i64, i64),
}

fn step() -> impl Strategy<Value = Step> {
    const HOURS: i64 = 20 * 3_600_000;
    let value =
        prop_oneof![3 => (0..100_i32).prop_map(f64::from), 1 => any::<f64>(), 1 => Just(lgtm_model::stale_nan())];
    prop_oneof![
        4 => prop::collection::vec((0..12_usize, -HOURS..0, value), 1..20).prop_map(Step::Write),
        3 => (-HOURS..-HOURS / 2, 1..200_usize).prop_map(|(start, count)| Step::Scrapes(start, count)),
        2 => Just(Step::Flush),
        1 => Just(Step::Merge),
        2 => Just(Step::Restart),
        3 => (0..MATCHERS, -HOURS..0, 0..HOURS).prop_map(|(matcher, start, span)| Step::Query(matcher, start, span)),
    ]
}

const MATCHERS: usize = 6;

fn matchers(number: usize) -> Vec<Matcher> {
    let matcher = |name: &str, op, value: &str| Matcher::new(name, op, value).unwrap();
    match number {
        0 => vec![Matcher::equal("__name__", "up")],
        1 => vec![matcher("__name__", MatchOp::Regex, "up|load"), matcher("job", MatchOp::Equal, "")],
        2 => vec![matcher("instance", MatchOp::Regex, "host-[12]"), matcher("__name__", MatchOp::NotEqual, "up")],
        3 => vec![matcher("__name__", MatchOp::NotEqual, ""), matcher("instance", MatchOp::NotRegex, "host-0|host-1")],
        4 => vec![Matcher::equal("__name__", "nothing")],
        _ => vec![matcher("__name__", MatchOp::Regex, ".+")],
    }
}

async fn play(steps: Vec<Step>) {
    let config = MetricsConfig { compact_blocks_min: 2, ..MetricsConfig::default() };
    let mut place = Place::new(config);
    let mut running = place.open().await;
    let mut model = Model::new();
    for step in steps {
        let rows = match step {
            Step::Write(rows) => vec![rows],
            Step::Scrapes(start, count) => (0..count)
                .map(|index| (0..4).map(|number| (number, start + index as i64 * 15_000, index as f64)).collect())
                .collect(),
            Step::Flush => {
                running.metrics.flush().await.unwrap();
                Vec::new()
            }
            Step::Merge => {
                running.metrics.compact_once().await.unwrap();
                Vec::new()
            }
            Step::Restart => {
                place.abandon(running).await;
                running = place.open().await;
                Vec::new()
            }
            Step::Query(matcher, start, span) => {
                let request = request(matchers(matcher), start, start + span);
                assert_eq!(answer(&running.metrics, &request).await, expected(&model, &request));
                Vec::new()
            }
        };
        for rows in rows {
            running.metrics.write_samples(batch(&rows)).await.unwrap();
            for (number, offset, value) in rows {
                model.entry(series(number)).or_default().insert(NOON_MS + offset, value.to_bits());
            }
        }
    }
    let everything = request(matchers(5), -100_000_000, 1);
    assert_eq!(answer(&running.metrics, &everything).await, expected(&model, &everything));
    check_labels(&running.metrics, &model).await;
    place.abandon(running).await;
}

async fn check_labels(metrics: &Metrics, model: &Model) {
    let ever = (TimestampMs(NOON_MS - 100_000_000), TimestampMs(NOON_MS));
    let want: Vec<Labels> = model.keys().cloned().collect();
    assert_eq!(metrics.series(&[], ever, usize::MAX).await.unwrap(), want);
    let names: BTreeSet<&str> = model.keys().flat_map(|labels| labels.iter()).map(|(name, _)| name).collect();
    assert_eq!(metrics.label_names(&[], ever).await.unwrap(), names.into_iter().collect::<Vec<_>>());
    let some = [matchers(0), vec![Matcher::equal("instance", "host-1")]];
    let matches = |labels: &&Labels| labels.metric_name() == Some("up") || labels.get("instance") == Some("host-1");
    let values: BTreeSet<&str> = model.keys().filter(matches).filter_map(|labels| labels.get("instance")).collect();
    assert_eq!(metrics.label_values("instance", &some, ever).await.unwrap(), values.into_iter().collect::<Vec<_>>());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]
    #[test]
    fn the_signal_is_a_map_of_maps(steps in prop::collection::vec(step(), 1..25)) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(play(steps));
    }
}

#[tokio::test]
async fn too_many_samples_are_refused_by_limit() {
    let mut place = Place::new(MetricsConfig::default());
    let running = place.open().await;
    let rows: Vec<_> = (0..100).map(|index| (0, -index * 1_000, 1.0)).collect();
    running.metrics.write_samples(batch(&rows)).await.unwrap();
    let mut request = request(matchers(0), -1_000_000, 0);
    request.samples_max = 99;
    let refused = running.metrics.select(&request).await;
    assert!(matches!(refused, Err(SourceError::TooManySamples { limit: 99 })), "{refused:?}");
    request.samples_max = 100;
    assert_eq!(answer(&running.metrics, &request).await[0].1.len(), 100);
    place.abandon(running).await;
}

#[tokio::test]
async fn refused_batches_change_nothing_and_say_why() {
    let mut place = Place::new(MetricsConfig { series_max: 2, ..MetricsConfig::default() });
    let running = place.open().await;
    let error = running.metrics.write_samples(batch(&[(0, 0, 1.0), (0, 3_600_000, 1.0)])).await.unwrap_err();
    assert!(error.to_string().contains("ahead_ms_max"), "{error}");
    let error = running.metrics.write_samples(batch(&[(0, 0, 1.0), (1, 0, 1.0), (2, 0, 1.0)])).await.unwrap_err();
    assert!(error.to_string().contains("series_max = 2"), "{error}");
    assert!(answer(&running.metrics, &request(matchers(5), -1_000, 1_000)).await.is_empty());
    place.abandon(running).await;
}

#[tokio::test]
async fn a_damaged_block_is_set_aside_and_the_rest_served() {
    let mut place = Place::new(MetricsConfig::default());
    let running = place.open().await;
    for offset in [-2_000, -1_000] {
        running.metrics.write_samples(batch(&[(0, offset, 1.0)])).await.unwrap();
        running.metrics.flush().await.unwrap();
    }
    let files = running.catalog.files();
    let snapshot = running.catalog.snapshot();
    let earliest = snapshot.files(Signal::Metrics).min_by_key(|entry| entry.time_min).unwrap().clone();
    let mut bytes = files.get(&earliest.path).await.unwrap().to_vec();
    bytes[20] ^= 1;
    files.put(&earliest.path, bytes.into()).await.unwrap();
    let found = answer(&running.metrics, &request(matchers(0), -10_000, 0)).await;
    assert_eq!(found, [(series(0), vec![(NOON_MS - 1_000, 1.0_f64.to_bits())])]);
    let snapshot = running.catalog.snapshot();
    assert_eq!(snapshot.file_count(Signal::Metrics), 1);
    let damaged = snapshot.damaged().next().unwrap();
    assert!(damaged.reason.contains(&earliest.path) && damaged.reason.contains("CRC"), "{}", damaged.reason);
    place.abandon(running).await;
}

#[tokio::test]
async fn the_background_flushes_merges_and_drops() {
    let config = MetricsConfig { compact_blocks_min: 3, retention_days: 2, ..MetricsConfig::default() };
    let mut place = Place::new(config);
    let running = place.open().await;
    for _ in 0..3 {
        running.metrics.write_samples(batch(&[(0, 0, 1.0)])).await.unwrap();
        place.clock.advance(Duration::from_secs(2 * 3_600));
        running.metrics.tick().await.unwrap();
    }
    let files: Vec<_> = running.catalog.snapshot().files(Signal::Metrics).cloned().collect();
    assert_eq!(files.iter().map(|entry| (entry.level, entry.rows)).collect::<Vec<_>>(), [(1, 1)]);
    place.clock.advance(Duration::from_secs(3 * 86_400));
    running.metrics.tick().await.unwrap();
    assert_eq!(running.catalog.snapshot().file_count(Signal::Metrics), 0);
    let failures = running.registry.snapshot();
    let failures = failures.iter().find(|family| family.name == "lgtm_metrics_background_failures_total").unwrap();
    assert_eq!(failures.points[0].2, 0.0);
    place.abandon(running).await;
}

/// Writes, flushes and merges until the disk fails; returns what was acknowledged.
async fn write_until_the_power_fails(running: &Running) -> Model {
    let mut model = Model::new();
    for index in 0..12_i64 {
        let rows: Vec<_> = (0..3).map(|number| (number, index * 1_000 - 20_000, index as f64)).collect();
        if running.metrics.write_samples(batch(&rows)).await.is_err() {
            break;
        }
        for (number, offset, value) in rows {
            model.entry(series(number)).or_default().insert(NOON_MS + offset, value.to_bits());
        }
        if index % 3 == 2 && (running.metrics.flush().await.is_err() || running.metrics.compact_once().await.is_err()) {
            break;
        }
    }
    model
}

#[tokio::test]
async fn whatever_was_acknowledged_survives_a_power_cut_at_any_operation() {
    let config = MetricsConfig { compact_blocks_min: 2, ..MetricsConfig::default() };
    let whole = SimulatedDisk::default();
    let mut place = Place::on(Arc::new(whole.clone()), config.clone());
    let running = place.open().await;
    let before = whole.operations();
    assert_eq!(write_until_the_power_fails(&running).await.len(), 3);
    place.abandon(running).await;
    for operation in before..whole.operations() {
        let disk = SimulatedDisk::default();
        let mut place = Place::on(Arc::new(disk.clone()), config.clone());
        let running = place.open().await;
        disk.power_off_at(operation);
        let model = write_until_the_power_fails(&running).await;
        place.abandon(running).await;
        let found = Arc::new(disk.after_power_cut(&Random::from_seed(operation)));
        let mut place = Place::on(found, config.clone());
        place.openings = 1;
        let running = place.open().await;
        let everything = request(matchers(5), -100_000_000, 1);
        let mut seen: Model = Model::new();
        for (labels, samples) in answer(&running.metrics, &everything).await {
            seen.insert(labels, samples.into_iter().collect());
        }
        for (labels, samples) in &model {
            for (time, bits) in samples {
                let value = seen.get(labels).and_then(|samples| samples.get(time));
                assert_eq!(value, Some(bits), "operation {operation}: {labels} at {time}");
            }
        }
        // Nothing else than what was sent: at most the one batch that was under way.
        let count = |model: &Model| model.values().map(BTreeMap::len).sum::<usize>();
        assert!(count(&seen) <= count(&model) + 3, "operation {operation}");
        place.abandon(running).await;
    }
}
