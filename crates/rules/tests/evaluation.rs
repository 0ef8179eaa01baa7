//! Rules at work under a clock that is turned by hand.

use async_trait::async_trait;
use lgtm_flow::{AlertSink, SampleBatch, SampleSink, SinkError};
use lgtm_logql::{LogSelect, LogStream, QueryError, RangeSelect};
use lgtm_model::{Alert, Labels, METRIC_NAME, Matcher, Metadata, SampleRow, TimestampMs, TimestampNs, is_stale_nan};
use lgtm_promql::{Engine, Select, SeriesColumns, Source, SourceError};
use lgtm_rules::{AlertState, Config, Deps, Format, Handle, Options, read_rules, start};
use lgtm_runtime::metrics::Registry;
use lgtm_runtime::{Clock, ManualClock, Shutdown, ShutdownTrigger};
use parking_lot::Mutex;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

const MINUTE: i64 = 60_000;
const START: i64 = 1_700_000_000_000;

/// Samples in memory, which outlive the rules as a disk does.
#[derive(Default)]
struct Disk(Mutex<BTreeMap<Labels, BTreeMap<i64, f64>>>);

impl Disk {
    fn put(&self, name: &str, at: i64, value: f64) {
        let labels = Labels::from_pairs([(METRIC_NAME, name), ("job", "x")]);
        self.0.lock().entry(labels).or_default().insert(at, value);
    }

    fn series(&self, name: &str) -> Vec<(Labels, Vec<(i64, f64)>)> {
        let all = self.0.lock();
        let named = all.iter().filter(|(labels, _)| labels.metric_name() == Some(name));
        named.map(|(labels, samples)| (labels.clone(), samples.iter().map(|(at, v)| (*at, *v)).collect())).collect()
    }
}

#[async_trait]
impl Source for Disk {
    async fn select(&self, request: &Select) -> Result<Vec<SeriesColumns>, SourceError> {
        let wanted = |labels: &Labels| {
            request.matchers.iter().all(|matcher| matcher.matches(labels.get(matcher.name()).unwrap_or_default()))
        };
        let all = self.0.lock();
        let found = all.iter().filter(|(labels, _)| wanted(labels)).filter_map(|(labels, samples)| {
            let (times, values): (Vec<i64>, Vec<f64>) =
                samples.range(request.start.0..=request.end.0).map(|(at, value)| (*at, *value)).unzip();
            let columns = SeriesColumns { labels: labels.clone(), timestamps_ms: times.into(), values };
            (!columns.values.is_empty()).then_some(columns)
        });
        Ok(found.collect())
    }

    async fn series(
        &self,
        _: &[Vec<Matcher>],
        _: (TimestampMs, TimestampMs),
        _: usize,
    ) -> Result<Vec<Labels>, SourceError> {
        Ok(Vec::new())
    }

    async fn label_names(&self, _: &[Vec<Matcher>], _: (TimestampMs, TimestampMs)) -> Result<Vec<String>, SourceError> {
        Ok(Vec::new())
    }

    async fn label_values(
        &self,
        _: &str,
        _: &[Vec<Matcher>],
        _: (TimestampMs, TimestampMs),
    ) -> Result<Vec<String>, SourceError> {
        Ok(Vec::new())
    }

    async fn metadata(&self, _: Option<&str>) -> Result<Vec<(String, Metadata)>, SourceError> {
        Ok(Vec::new())
    }
}

#[async_trait]
impl SampleSink for Disk {
    async fn write_samples(&self, batch: SampleBatch) -> Result<(), SinkError> {
        let mut all = self.0.lock();
        for SampleRow { labels, timestamp, value } in batch.rows {
            all.entry(labels).or_default().insert(timestamp.0, value);
        }
        Ok(())
    }
}

/// Logs of which every window holds seven lines.
struct SevenLines;

#[async_trait]
impl lgtm_logql::Source for SevenLines {
    async fn select_logs(&self, _: &LogSelect) -> Result<Vec<LogStream>, QueryError> {
        Ok(Vec::new())
    }

    async fn select_range(&self, select: &RangeSelect) -> Result<Vec<lgtm_logql::RangeSeries>, QueryError> {
        let labels = Labels::from_pairs([("service", "shop")]);
        Ok(vec![lgtm_logql::RangeSeries { labels, values: vec![Some(7.0); select.steps()] }])
    }

    async fn streams(&self, _: &[Vec<Matcher>], _: TimestampNs, _: TimestampNs) -> Result<Vec<Labels>, QueryError> {
        Ok(Vec::new())
    }
}

#[derive(Default)]
struct Told(Mutex<Vec<Alert>>);

#[async_trait]
impl AlertSink for Told {
    async fn send_alerts(&self, alerts: Vec<Alert>) -> Result<(), SinkError> {
        self.0.lock().extend(alerts);
        Ok(())
    }
}

/// A program that runs rules.
struct World {
    disk: Arc<Disk>,
    told: Arc<Told>,
    clock: Arc<ManualClock>,
    registry: Registry,
    handle: Handle,
    trigger: ShutdownTrigger,
}

fn config(rules: &str) -> Config {
    let groups = read_rules("r.yml", rules, Format::default()).unwrap_or_else(|problems| panic!("{problems}")).value;
    Config { groups, ..Config::default() }
}

impl World {
    async fn start(rules: &str, disk: Arc<Disk>, clock: Arc<ManualClock>) -> Self {
        let (told, registry) = (Arc::new(Told::default()), Registry::default());
        let (trigger, shutdown): (_, Shutdown) = ShutdownTrigger::new();
        let deps = Deps {
            engine: Engine::default(),
            source: Arc::clone(&disk) as Arc<dyn Source>,
            logs: Arc::new(SevenLines),
            samples: Arc::clone(&disk) as Arc<dyn SampleSink>,
            alerts: vec![Arc::clone(&told) as Arc<dyn AlertSink>],
            clock: Arc::clone(&clock) as Arc<dyn Clock>,
            registry: registry.clone(),
            external_url: "http://lgtm".to_owned(),
            options: Options::default(),
        };
        let handle = start(config(rules), deps, shutdown).await;
        Self { disk, told, clock, registry, handle, trigger }
    }

    async fn new(rules: &str) -> Self {
        Self::start(rules, Arc::default(), ManualClock::starting_at(TimestampMs(START).to_ns())).await
    }

    /// Moves the clock to the next evaluation of the first group, and waits until it is over.
    async fn next(&self) -> i64 {
        let before = self.handle.groups()[0].last_evaluation;
        let limit = 100_000;
        for _ in 0..limit {
            // Small turns, so that no group's time is passed over.
            if self.handle.groups()[0].last_evaluation != before {
                self.settle().await;
                return self.handle.groups()[0].last_evaluation.unwrap().0;
            }
            self.clock.advance(Duration::from_millis(500));
            self.settle().await;
        }
        panic!("no evaluation");
    }

    /// Lets all tasks come to rest.
    async fn settle(&self) {
        for _ in 0..20 {
            tokio::task::yield_now().await;
        }
        // Evaluations run on threads of their own: wait for those that have begun.
        let started = |name: &str| -> f64 {
            let families = self.registry.snapshot();
            families.iter().filter(|family| family.name == name).flat_map(|f| &f.points).map(|point| point.2).sum()
        };
        for _ in 0..10_000 {
            let begun = started("prometheus_rule_group_iterations_total");
            let missed = started("prometheus_rule_group_iterations_missed_total");
            let ended: f64 = self
                .registry
                .snapshot()
                .iter()
                .filter(|family| family.name == "prometheus_rule_group_duration_seconds")
                .flat_map(|family| &family.points)
                .filter(|point| point.0 == "_count")
                .map(|point| point.2)
                .sum();
            if begun - missed <= ended {
                break;
            }
            tokio::task::yield_now().await;
            std::thread::yield_now();
        }
        for _ in 0..20 {
            tokio::task::yield_now().await;
        }
    }

    fn state(&self, rule: usize) -> AlertState {
        self.handle.groups()[0].rules[rule].state()
    }
}

const DOWN: &str = "groups:\n- name: g\n  interval: 1m\n  rules:\n\
    \x20 - {alert: Down, expr: 'up == 0', for: 2m, keep_firing_for: 1m, labels: {severity: page}, \
    annotations: {summary: '{{ $labels.job }} is {{ $value }}'}}\n";

#[tokio::test]
async fn an_alert_comes_and_goes_at_the_evaluations_that_arithmetic_gives() {
    let world = World::new(DOWN).await;
    let mut states = Vec::new();
    let mut times = Vec::new();
    for minute in 0..9 {
        // Down from the second to the sixth evaluation.
        let value = if (1..6).contains(&minute) { 0.0 } else { 1.0 };
        let now = world.clock.now_ms().0;
        for second in 0..60 {
            world.disk.put("up", now + second * 1_000 + 1, value);
        }
        times.push(world.next().await);
        states.push(world.state(0));
    }
    use AlertState::{Firing, Inactive, Pending};
    assert_eq!(states, [Inactive, Pending, Pending, Firing, Firing, Firing, Firing, Inactive, Inactive]);
    assert!(times.windows(2).all(|pair| pair[1] - pair[0] == MINUTE), "{times:?}");
    let told = world.told.0.lock().clone();
    let first = &told[0];
    assert_eq!(first.labels.to_string(), r#"{alertname="Down", job="x", severity="page"}"#);
    assert_eq!(first.annotations.get("summary"), Some("x is 0"));
    assert_eq!(first.starts_at.to_ms().0, times[3]);
    assert_eq!(first.ends_at.to_ms().0, times[3] + 4 * MINUTE);
    assert_eq!(first.generator_url, "http://lgtm/graph?g0.expr=up+%3D%3D+0&g0.tab=1");
    let ended = told.iter().find(|alert| alert.ends_at.to_ms().0 == times[7]).expect("its end is told");
    assert_eq!(ended.starts_at, first.starts_at);
    let states: Vec<_> = world.disk.series("ALERTS");
    assert_eq!(states.len(), 2, "{states:?}");
    for (labels, samples) in &states {
        let is_over = samples.last().is_some_and(|(_, value)| is_stale_nan(*value));
        assert!(is_over, "{labels}: {samples:?}");
    }
}

#[tokio::test]
async fn recorded_series_end_with_a_marker_and_are_seen_by_later_rules() {
    let rules = "groups:\n- name: g\n  interval: 1m\n  rules:\n\
        \x20 - {record: 'x:twice', expr: 'up * 2', labels: {from: rule}}\n\
        \x20 - {record: 'x:four', expr: 'x:twice * 2'}\n  - {record: bad, expr: 'label_replace(up, \"job\", \"\", \"\", \"\") + on() group_left() {__name__=~\"u.|v\"}'}\n";
    let world = World::new(rules).await;
    let now = world.clock.now_ms().0;
    world.disk.put("up", now + 1, 3.0);
    world.disk.put("v", now + 1, 3.0);
    let first = world.next().await;
    let four = world.disk.series("x:four");
    assert_eq!(four[0].0.to_string(), r#"x:four{from="rule", job="x"}"#);
    assert_eq!(four[0].1, [(first, 12.0)]);
    assert!(world.handle.groups()[0].rules[2].last_error.as_deref().is_some_and(|error| error.contains("match")));
    for _ in 0..6 {
        world.next().await;
    }
    let samples = &world.disk.series("x:twice")[0].1;
    assert!(samples.iter().filter(|(_, value)| is_stale_nan(*value)).count() == 1, "{samples:?}");
    assert!(is_stale_nan(samples.last().unwrap().1));
}

#[tokio::test]
async fn a_kill_keeps_how_long_an_alert_was_pending() {
    let rules = DOWN.replace("for: 2m", "for: 30m");
    let world = World::new(&rules).await;
    let down = |world: &World| {
        let now = world.clock.now_ms().0;
        for second in 0..130 {
            world.disk.put("up", now + second * 1_000 + 1, 0.0);
        }
    };
    down(&world);
    let mut began = 0;
    for minute in 0..15 {
        down(&world);
        let at = world.next().await;
        if minute == 0 {
            began = at;
        }
    }
    assert_eq!(world.state(0), AlertState::Pending);
    // Killed: nothing is told, nothing is written any more. Five minutes later it is there again.
    let (disk, clock) = (Arc::clone(&world.disk), Arc::clone(&world.clock));
    world.trigger.fire();
    world.handle.drain(Duration::ZERO).await;
    clock.advance(Duration::from_secs(300));
    let world = World::start(&rules, disk, clock).await;
    let mut fired = None;
    for _ in 0..40 {
        down(&world);
        let at = world.next().await;
        if world.state(0) == AlertState::Firing {
            fired = Some(at);
            break;
        }
    }
    let waited = (fired.expect("it fires") - began) / MINUTE;
    // Thirty minutes of pending and about six of absence; anew it would have been fifty.
    assert!((34..=38).contains(&waited), "{waited}");
}

#[tokio::test]
async fn logs_are_evaluated_too() {
    let rules = "groups:\n- name: g\n  source: logs\n  interval: 1m\n  rules:\n\
        \x20 - {alert: Errors, expr: 'sum by (service) (count_over_time({service=\"shop\"} |= \"error\" [5m])) > 5'}\n\
        \x20 - {alert: Many, expr: 'sum by (service) (count_over_time({service=\"shop\"} |= \"error\" [5m])) > 50'}\n";
    let world = World::new(rules).await;
    world.next().await;
    assert_eq!((world.state(0), world.state(1)), (AlertState::Firing, AlertState::Inactive));
    assert_eq!(world.handle.groups()[0].rules[0].alerts[0].value, 7.0);
}

#[tokio::test]
async fn a_reload_keeps_what_did_not_change_and_generated_groups() {
    let world = World::new(DOWN).await;
    let generated = read_rules("x", "groups:\n- {name: slo, rules: [{record: slo, expr: '1'}]}\n", Format::default());
    world.handle.add_groups("slo", generated.unwrap().value).await;
    let now = world.clock.now_ms().0;
    for second in 0..240 {
        world.disk.put("up", now + second * 1_000 + 1, 0.0);
    }
    for _ in 0..4 {
        world.next().await;
    }
    assert_eq!(world.state(0), AlertState::Firing);
    let since = world.handle.groups()[0].rules[0].alerts[0].active_at;
    let more = format!("{DOWN}  - {{record: new, expr: '1'}}\n");
    world.handle.reload(config(&more)).await;
    let groups = world.handle.groups();
    assert_eq!(
        groups.iter().map(|group| (group.file.as_str(), group.rules.len())).collect::<Vec<_>>(),
        [("r.yml", 2), ("slo", 1)]
    );
    assert_eq!(groups[0].rules[0].alerts[0].active_at, since);
    assert_eq!(world.state(0), AlertState::Firing);
    // Its series go on, and end two intervals after the group is gone.
    world.handle.reload(config("groups: []\n")).await;
    world.handle.add_groups("slo", Vec::new()).await;
    assert!(world.handle.groups().is_empty());
    world.clock.advance(Duration::from_secs(121));
    world.settle().await;
    let firing = world.disk.series("ALERTS").into_iter().find(|(labels, _)| labels.get("alertstate") == Some("firing"));
    assert!(is_stale_nan(firing.unwrap().1.last().unwrap().1));
}

#[tokio::test]
async fn missed_evaluations_are_counted() {
    let world = World::new(DOWN).await;
    world.next().await;
    world.clock.advance(Duration::from_secs(10 * 60));
    world.settle().await;
    world.next().await;
    let families = world.registry.snapshot();
    let missed = families.iter().find(|family| family.name == "prometheus_rule_group_iterations_missed_total").unwrap();
    assert!(missed.points[0].2 >= 8.0, "{missed:?}");
}
