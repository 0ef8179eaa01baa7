//! How long one round of 10,000 rules takes on one core: half of them recording, half alerting, over 4,000 series.
//!
//! Groups are evaluated step by step with the code that runs them for real, reading from and writing to memory, so that
//! the figure is the evaluation's own. `cargo bench -p lgtm-rules -- [ROUNDS]`.

use async_trait::async_trait;
use lgtm_logql::{LogSelect, LogStream, QueryError, RangeSelect};
use lgtm_model::{Labels, METRIC_NAME, MatchOp, Matcher, Metadata, TimestampMs, TimestampNs};
use lgtm_promql::{Engine, Select, SeriesColumns, Source, SourceError};
use lgtm_rules::backtest::{BacktestOptions, BacktestSources, run_blocking};
use lgtm_rules::{Format, Group, read_rules};
use lgtm_runtime::SystemClock;
use std::collections::HashMap;
use std::sync::Arc;

const METRICS: usize = 200;
const SERIES_PER_METRIC: usize = 20;
const SAMPLE_INTERVAL_MS: i64 = 15_000;
const GROUPS: usize = 200;
const RULES_PER_GROUP: usize = 50;
const INTERVAL_MS: i64 = 60_000;

/// Series by metric name.
struct Stored(HashMap<String, Vec<SeriesColumns>>);

impl Stored {
    fn new(samples: i64) -> Self {
        let timestamps_ms: Arc<[i64]> = (0..samples).map(|sample| sample * SAMPLE_INTERVAL_MS).collect();
        let metric = |metric: usize| {
            let name = format!("metric_{metric}_total");
            let series = (0..SERIES_PER_METRIC).map(|instance| SeriesColumns {
                labels: Labels::from_pairs([
                    (METRIC_NAME, name.clone()),
                    ("instance", format!("host-{instance}:9100")),
                    ("job", format!("job-{}", instance % 4)),
                    ("region", "eu-west-1".to_owned()),
                ]),
                timestamps_ms: Arc::clone(&timestamps_ms),
                values: (0..samples).map(|sample| (sample * (1 + instance as i64)) as f64).collect(),
            });
            let series = series.collect();
            (name, series)
        };
        Self((0..METRICS).map(metric).collect())
    }
}

#[async_trait]
impl Source for Stored {
    async fn select(&self, request: &Select) -> Result<Vec<SeriesColumns>, SourceError> {
        let name = request.matchers.iter().find(|one| one.name() == METRIC_NAME && one.op() == MatchOp::Equal);
        let Some(all) = name.and_then(|name| self.0.get(name.value())) else { return Ok(Vec::new()) };
        let wanted = |one: &&SeriesColumns| {
            request.matchers.iter().all(|matcher| matcher.matches(one.labels.get(matcher.name()).unwrap_or_default()))
        };
        let cut = |one: &SeriesColumns| {
            let first = one.timestamps_ms.partition_point(|at| *at < request.start.0);
            let last = one.timestamps_ms.partition_point(|at| *at <= request.end.0);
            SeriesColumns {
                labels: one.labels.clone(),
                timestamps_ms: one.timestamps_ms[first..last].into(),
                values: one.values[first..last].to_vec(),
            }
        };
        Ok(all.iter().filter(wanted).map(cut).collect())
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
impl lgtm_logql::Source for Stored {
    async fn select_logs(&self, _: &LogSelect) -> Result<Vec<LogStream>, QueryError> {
        Ok(Vec::new())
    }

    async fn select_range(&self, _: &RangeSelect) -> Result<Vec<lgtm_logql::RangeSeries>, QueryError> {
        Ok(Vec::new())
    }

    async fn streams(&self, _: &[Vec<Matcher>], _: TimestampNs, _: TimestampNs) -> Result<Vec<Labels>, QueryError> {
        Ok(Vec::new())
    }
}

/// Groups as people write them: rates summed by job, thresholds on rates and on gauges, some of which always fire.
fn groups() -> Vec<Group> {
    let mut text = String::from("groups:\n");
    for group in 0..GROUPS {
        text.push_str(&format!("- name: group-{group}\n  interval: 1m\n  rules:\n"));
        for rule in 0..RULES_PER_GROUP {
            let metric = format!("metric_{}_total", (group * 7 + rule / 2) % METRICS);
            let rule = match rule % 4 {
                0 => format!("record: 'job:{metric}:rate5m_{rule}', expr: 'sum by (job) (rate({metric}[5m]))'"),
                1 => format!(
                    "alert: High{rule}, expr: 'rate({metric}[5m]) > 1e9', for: 5m, labels: {{severity: page}}, \
                     annotations: {{summary: '{{{{ $labels.instance }}}} has {{{{ $value | humanize }}}}'}}"
                ),
                2 => {
                    format!("record: 'instance:{metric}:ratio_{rule}', expr: '{metric} / on(instance) {metric} * 100'")
                }
                _ => format!(
                    "alert: Some{rule}, expr: '{metric}{{instance=\"host-0:9100\"}} >= 0', for: 2m, \
                     annotations: {{summary: '{{{{ $labels.instance }}}} has {{{{ $value | humanize }}}}'}}"
                ),
            };
            text.push_str(&format!("  - {{{rule}}}\n"));
        }
    }
    read_rules("bench.yml", &text, Format::default()).map(|reading| reading.value).unwrap_or_default()
}

fn report(figure: &str, value: f64, unit: &str) {
    println!(r#"{{"benchmark":"rules","figure":"{figure}","value":{value:.3},"unit":"{unit}"}}"#);
}

fn main() {
    let rounds: i64 = std::env::args().skip(1).find_map(|argument| argument.parse().ok()).unwrap_or(5);
    let clock = SystemClock::shared();
    let begun = clock.elapsed();
    let groups = groups();
    let rules: usize = groups.iter().map(|group| group.rules.len()).sum();
    report("reading 10,000 rules", (clock.elapsed() - begun).as_secs_f64(), "s");
    let source = Arc::new(Stored::new(40 + rounds * 4 + 1));
    let sources = BacktestSources { engine: Engine::default(), metrics: Arc::clone(&source) as _, logs: source };
    let since = TimestampMs(10 * INTERVAL_MS);
    let mut options = BacktestOptions::between(since, since.add_ms((rounds - 1) * INTERVAL_MS));
    options.step_by_step = true;
    let begun = clock.elapsed();
    let found = run_blocking(&groups, &sources, &options);
    let took = (clock.elapsed() - begun).as_secs_f64();
    let errors: usize = found.rules.iter().map(|rule| rule.errors).sum();
    let fired: usize = found.rules.iter().map(|rule| rule.firings.len()).sum();
    assert!(errors == 0 && fired > 0, "{errors} errors, {fired} alerts fired");
    report("one round of 10,000 rules on one core", took / rounds as f64, "s");
    report("a rule", took / rounds as f64 / rules as f64 * 1e6, "µs");
    report("share of an interval of a minute", took / rounds as f64 / 0.6, "%");
}
