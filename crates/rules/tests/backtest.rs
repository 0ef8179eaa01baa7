//! Backtests: one range query a rule agrees with evaluating step by step, and the report says what happened.

use async_trait::async_trait;
use lgtm_logql::{LogSelect, LogStream, QueryError, RangeSelect};
use lgtm_model::{Labels, METRIC_NAME, Matcher, Metadata, TimestampMs, TimestampNs};
use lgtm_promql::{Engine, Select, SeriesColumns, Source, SourceError};
use lgtm_rules::backtest::{BacktestOptions, BacktestSources, Mode, Report, run_blocking};
use lgtm_rules::{Format, read_rules};
use proptest::prelude::*;
use std::sync::Arc;

const MINUTE: i64 = 60_000;

struct History(Vec<SeriesColumns>);

#[async_trait]
impl Source for History {
    async fn select(&self, request: &Select) -> Result<Vec<SeriesColumns>, SourceError> {
        let wanted = |one: &&SeriesColumns| {
            request.matchers.iter().all(|matcher| matcher.matches(one.labels.get(matcher.name()).unwrap_or_default()))
        };
        let cut = |one: &SeriesColumns| {
            let first = one.timestamps_ms.partition_point(|at| *at < request.start.0);
            let last = one.timestamps_ms.partition_point(|at| *at <= request.end.0);
            (first < last).then(|| SeriesColumns {
                labels: one.labels.clone(),
                timestamps_ms: one.timestamps_ms[first..last].into(),
                values: one.values[first..last].to_vec(),
            })
        };
        Ok(self.0.iter().filter(wanted).filter_map(cut).collect())
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

struct NoLogs;

#[async_trait]
impl lgtm_logql::Source for NoLogs {
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

/// One value a minute; `None` where nothing was measured.
fn series(instance: usize, values: &[Option<u8>]) -> SeriesColumns {
    let present = values.iter().enumerate().filter_map(|(minute, value)| value.map(|value| (minute, value)));
    let (times, values): (Vec<i64>, Vec<f64>) =
        present.map(|(minute, value)| (minute as i64 * MINUTE - 1, f64::from(value))).unzip();
    let labels = Labels::from_pairs([(METRIC_NAME, "m".to_owned()), ("instance", instance.to_string())]);
    SeriesColumns { labels, timestamps_ms: times.into(), values }
}

fn run(rules: &str, data: &[Vec<Option<u8>>], change: impl FnOnce(&mut BacktestOptions)) -> Report {
    let groups = read_rules("r.yml", rules, Format::default()).unwrap_or_else(|problems| panic!("{problems}")).value;
    let history = History(data.iter().enumerate().map(|(instance, values)| series(instance, values)).collect());
    let sources = BacktestSources { engine: Engine::default(), metrics: Arc::new(history), logs: Arc::new(NoLogs) };
    let last = data.iter().map(Vec::len).max().unwrap_or(0) as i64;
    let mut options = BacktestOptions::between(TimestampMs(0), TimestampMs(last * MINUTE));
    change(&mut options);
    run_blocking(&groups, &sources, &options)
}

const DOWN: &str = "groups:\n- name: g\n  rules:\n  - {alert: Down, expr: 'm == 0', for: 2m}\n";

#[test]
fn the_report_says_when_for_how_long_and_how_often() {
    // Down for one minute, for six, and soon after for four.
    let line = "1110 1111 000000 11 0000 1111";
    let values = line.bytes().filter(|byte| *byte != b' ').map(|byte| Some(byte - b'0')).collect();
    let report = run(DOWN, &[values], |_| {});
    let rule = &report.rules[0];
    let spans: Vec<(i64, i64, Option<i64>)> = rule
        .firings
        .iter()
        .map(|one| (one.pending_since.0 / MINUTE, one.start.0 / MINUTE, one.end.map(|end| end.0 / MINUTE)))
        .collect();
    assert_eq!(spans, [(8, 10, Some(14)), (16, 18, Some(20))]);
    assert_eq!((rule.pending_only, rule.flaps, rule.errors), (1, 1, 0));
    assert_eq!(rule.mode, Mode::OneQuery);
    let text = report.to_string();
    assert!(text.contains("1970-01-01T00:10:00Z  1970-01-01T00:14:00Z  4m"), "{text}");
    assert!(text.contains("Down       2  6m"), "{text}");
    let json = report.to_json();
    assert_eq!(json["rules"][0]["firings"][1]["durationSeconds"], 120.0);
    assert_eq!(json["rules"][0]["pendingWithoutFiring"], 1);
}

#[test]
fn what_lasts_has_no_end_and_recordings_of_the_file_are_read() {
    let rules = "groups:\n- name: alerts\n  rules:\n  - {alert: Low, expr: 'g:low > 0'}\n\
                 - name: recordings\n  rules:\n  - {record: 'g:low', expr: 'count(m < 5)'}\n";
    let report = run(rules, &[vec![Some(9), Some(1), Some(1)], vec![Some(9); 3]], |_| {});
    let rule = &report.rules[0];
    assert_eq!((rule.firings.len(), rule.firings[0].end), (1, None), "{report}");
    assert_eq!(report.rules.len(), 1);
    assert!(report.notes.is_empty());
}

#[test]
fn what_reads_its_own_past_is_evaluated_step_by_step() {
    let rules = "groups:\n- name: g\n  rules:\n  - {record: c, expr: 'sum(m) + (c or vector(0))'}\n\
                 \x20 - {alert: Much, expr: 'c > 3'}\n";
    let report = run(rules, &[vec![Some(1); 6]], |_| {});
    assert!(matches!(&report.rules[0].mode, Mode::StepByStep(reason) if reason.starts_with("c: ")), "{report}");
    assert_eq!(report.rules[0].firings[0].start.0 / MINUTE, 3);
}

const ALL: &str = "groups:
- name: g
  query_offset: 30s
  limit: 3
  rules:
  - {record: r, expr: 'm > 2', labels: {from: rule}}
  - {record: s, expr: 'sum(m)'}
  - {record: bad, expr: 'm + on() m'}
  - {alert: A, expr: 'm < 2', for: 1m, keep_firing_for: 2m, labels: {was: '{{ $value }}'}}
  - {alert: B, expr: 'r > 3', for: 2m}
  - {alert: C, expr: 'avg_over_time(m[3m]) > 2', keep_firing_for: 1m}
  - {alert: D, expr: 'absent(s)', for: 1m}
- name: h
  interval: 2m
  rules:
  - {alert: E, expr: 's > 6 unless bad'}
  - {alert: F, expr: 'changes(r[5m]) > 0', for: 4m}
";

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn one_query_a_rule_agrees_with_step_by_step(
        data in prop::collection::vec(prop::collection::vec(prop::option::weighted(0.8, 0_u8..6), 0..40), 1..4),
        steps_per_query in 1_usize..50,
    ) {
        let fast = run(ALL, &data, |options| options.steps_per_query_max = steps_per_query);
        let slow = run(ALL, &data, |options| options.step_by_step = true);
        prop_assert!(fast.rules.iter().all(|rule| rule.mode == Mode::OneQuery));
        prop_assert_eq!(fast.rules.len(), slow.rules.len());
        for (a, b) in fast.rules.iter().zip(&slow.rules) {
            let sorted = |rule: &lgtm_rules::backtest::RuleReport| {
                let mut firings = rule.firings.clone();
                firings.sort_by(|a, b| (a.start, &a.labels).cmp(&(b.start, &b.labels)));
                firings.iter().map(|one| format!("{one:?}")).collect::<Vec<_>>()
            };
            prop_assert_eq!(sorted(a), sorted(b), "{}", a.name);
            prop_assert_eq!(
                (a.pending_only, a.flaps, a.evaluations, a.errors),
                (b.pending_only, b.flaps, b.evaluations, b.errors),
                "{}", a.name
            );
        }
    }
}
