//! One test played from its start to the last time that it looks at.

use super::file::{AlertCase, ExpressionCase, Test, TestFile};
use super::report::TestReport;
use crate::alert::{ActiveAlert, AlertState};
use crate::eval::{GroupState, Tools, evaluate};
use crate::memory::Memory;
use crate::query::{NoLogs, Query, Reader};
use crate::rule::{Group, Rule};
use crate::text::Surroundings;
use lgtm_model::{Labels, TimestampMs, format_duration_ms};
use lgtm_promql::{Engine, EngineOptions, format_number};
use std::sync::Arc;
use std::time::Duration;

/// Evaluations of one test; a test that would need more is refused.
const STEPS_MAX: i64 = 1_000_000;

pub(super) fn play(test: &Test, file: &TestFile, groups: &[Group]) -> TestReport {
    let name = if test.name.is_empty() { format!("line {}", test.line) } else { test.name.clone() };
    let mut player = Player {
        test,
        report: TestReport { name, line: test.line, ..TestReport::default() },
        memory: Arc::default(),
        engine: Engine::new(EngineOptions {
            subquery_step_ms: file.evaluation_interval_ms,
            ..EngineOptions::default()
        }),
        // All groups are evaluated at the file's interval, and nothing is looked up from before.
        states: groups
            .iter()
            .map(|group| {
                let offset_ms = group.query_offset_ms.unwrap_or(0);
                GroupState::new(Arc::new(group.clone()), file.evaluation_interval_ms, offset_ms, true)
            })
            .collect(),
        fed: vec![0; test.input_series.len()],
        fuzzy: file.fuzzy_compare,
    };
    let last_ms = test.alerts.iter().map(|case| case.at_ms).chain(test.expressions.iter().map(|case| case.at_ms)).max();
    if test.input_series.iter().any(|series| series.has_histograms) {
        player.report.notes.push("native histograms among the input series are left out".to_owned());
    }
    if player.run(last_ms.unwrap_or(0), file.evaluation_interval_ms) {
        for case in &test.expressions {
            player.check_expression(case);
        }
    }
    player.report
}

struct Player<'a> {
    test: &'a Test,
    report: TestReport,
    memory: Arc<Memory>,
    engine: Engine,
    states: Vec<GroupState>,
    /// How many samples of each series have been given.
    fed: Vec<usize>,
    fuzzy: bool,
}

impl Player<'_> {
    /// Evaluates up to the last time, checking alerts by the way; whether all evaluations succeeded.
    fn run(&mut self, last_ms: i64, interval_ms: i64) -> bool {
        if last_ms / interval_ms > STEPS_MAX {
            self.report.failures.push(format!("more than {STEPS_MAX} evaluations; lengthen evaluation_interval"));
            return false;
        }
        let mut since_ms = 0;
        while since_ms <= last_ms {
            let at = TimestampMs(self.test.start_ms.saturating_add(since_ms));
            self.feed(at);
            if !self.evaluate(at, since_ms) {
                return false;
            }
            let test = self.test;
            for case in test.alerts.iter().filter(|case| (since_ms..since_ms + interval_ms).contains(&case.at_ms)) {
                self.check_alerts(case);
            }
            since_ms += interval_ms;
        }
        true
    }

    /// Gives the samples up to `at`: rules do not see the future.
    fn feed(&mut self, at: TimestampMs) {
        for (series, fed) in self.test.input_series.iter().zip(&mut self.fed) {
            let more = series.rows[*fed..].iter().take_while(|row| row.timestamp <= at).count();
            self.memory.add(series.rows[*fed..*fed + more].iter().cloned());
            *fed += more;
        }
    }

    fn evaluate(&mut self, at: TimestampMs, since_ms: i64) -> bool {
        let surroundings =
            Surroundings { external_labels: &self.test.external_labels, external_url: &self.test.external_url };
        let source: Arc<dyn lgtm_promql::Source> = Arc::clone(&self.memory) as _;
        let tools = Tools {
            engine: &self.engine,
            metrics: &source,
            logs: &NoLogs,
            samples: &*self.memory,
            surroundings,
            resend_delay_ms: i64::MAX,
            elapsed: &|| Duration::ZERO,
            tell: &|_: &Rule, _: Vec<ActiveAlert>| {},
            count: &|_, _| {},
        };
        let mut failures = Vec::new();
        for state in &mut self.states {
            evaluate(state, at, &tools, &|| false);
            for rule in &state.rules {
                if let Some(error) = &rule.status.last_error {
                    let at = format_duration_ms(since_ms);
                    failures.push(format!("rule: {}, time: {at}, error: {error}", rule.rule.name));
                }
            }
        }
        self.report.failures.extend(failures.iter().cloned());
        failures.is_empty()
    }

    fn check_alerts(&mut self, case: &AlertCase) {
        let rules = self.states.iter().flat_map(|state| &state.rules);
        let active = rules.filter(|rule| rule.rule.name == case.name).flat_map(|rule| rule.alerts.active());
        let firing = active.filter(|alert| alert.state == AlertState::Firing);
        let mut got: Vec<(Labels, Labels)> = firing.map(|alert| (alert.labels, alert.annotations)).collect();
        let named = |(labels, annotations): &(Labels, Labels)| {
            let mut builder = labels.to_builder();
            builder.set("alertname", case.name.as_str());
            (builder.build(), annotations.clone())
        };
        let mut expected: Vec<(Labels, Labels)> = case.alerts.iter().map(named).collect();
        got.sort();
        expected.sort();
        if got == expected {
            self.report.passed += 1;
            return;
        }
        let show = |alerts: &[(Labels, Labels)]| {
            let all = alerts.iter().map(|(labels, annotations)| format!("\n        {labels} {annotations}"));
            if alerts.is_empty() { " none".to_owned() } else { all.collect() }
        };
        self.report.failures.push(format!(
            "line {}: alertname: {}, time: {}\n      expected:{}\n      got:{}",
            case.line,
            case.name,
            format_duration_ms(case.at_ms),
            show(&expected),
            show(&got),
        ));
    }

    fn check_expression(&mut self, case: &ExpressionCase) {
        let head = format!("line {}: expr: {:?}, time: {}", case.line, case.expr, format_duration_ms(case.at_ms));
        if case.needs_histograms {
            self.report.unsupported.push(format!("{head}: native histograms"));
            return;
        }
        let at = TimestampMs(self.test.start_ms.saturating_add(case.at_ms));
        let reader = Reader { engine: &self.engine, metrics: &*self.memory, logs: &NoLogs };
        let result = Query::metrics(&case.expr)
            .map_err(|faults| faults.first().map_or_else(String::new, |fault| fault.message.clone()))
            .and_then(|query| reader.instant(&query, at));
        let mut got: Vec<(Labels, f64)> = match result {
            Ok(samples) => samples.into_iter().map(|sample| (sample.labels, sample.value)).collect(),
            Err(error) => {
                self.report.failures.push(format!("{head}: {error}"));
                return;
            }
        };
        let mut expected = case.samples.clone();
        got.sort_by(|a, b| a.0.cmp(&b.0));
        expected.sort_by(|a, b| a.0.cmp(&b.0));
        let agrees = got.len() == expected.len()
            && got.iter().zip(&expected).all(|(a, b)| a.0 == b.0 && equal(a.1, b.1, self.fuzzy));
        if agrees {
            self.report.passed += 1;
            return;
        }
        let show = |samples: &[(Labels, f64)]| {
            let all = samples.iter().map(|(labels, value)| format!("\n        {labels} {}", format_number(*value)));
            if samples.is_empty() { " none".to_owned() } else { all.collect() }
        };
        self.report.failures.push(format!("{head}\n      expected:{}\n      got:{}", show(&expected), show(&got)));
    }
}

/// Equal, or neighbours when that is enough.
fn equal(a: f64, b: f64, fuzzy: bool) -> bool {
    a == b || (a.is_nan() && b.is_nan()) || (fuzzy && (a.next_up() == b || a.next_down() == b))
}
