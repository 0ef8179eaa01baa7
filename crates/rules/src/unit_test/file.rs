//! A file of unit tests.

use super::series::{InputSeries, labels};
use crate::file::Format;
use chrono::DateTime;
use lgtm_model::Labels;
use lgtm_settings::{Fields, Node, Problems, Reading, read_file};
use std::path::{Path, PathBuf};

const EVALUATION_INTERVAL_MS: i64 = 60_000;

/// A file of unit tests, checked.
pub(super) struct TestFile {
    /// Paths; may hold `*`.
    pub rule_files: Vec<PathBuf>,
    pub evaluation_interval_ms: i64,
    /// Names of groups in the order in which they are evaluated.
    pub group_eval_order: Vec<String>,
    /// Whether neighbouring numbers count as equal.
    pub fuzzy_compare: bool,
    pub tests: Vec<Test>,
}

/// One test: a time line of its own.
pub(super) struct Test {
    pub name: String,
    pub line: usize,
    pub start_ms: i64,
    pub input_series: Vec<InputSeries>,
    pub alerts: Vec<AlertCase>,
    pub expressions: Vec<ExpressionCase>,
    pub external_labels: Labels,
    pub external_url: String,
}

/// The alerts of one name that must fire at one time.
pub(super) struct AlertCase {
    pub line: usize,
    pub at_ms: i64,
    pub name: String,
    /// Labels without `alertname`, and annotations.
    pub alerts: Vec<(Labels, Labels)>,
}

/// The samples that an expression must give at one time.
pub(super) struct ExpressionCase {
    pub line: usize,
    pub at_ms: i64,
    pub expr: String,
    pub samples: Vec<(Labels, f64)>,
    pub needs_histograms: bool,
}

impl TestFile {
    pub fn read(path: &Path, format: Format) -> Result<Reading<Self>, Problems> {
        read_file(path, |root| {
            root.map(|fields| {
                let rule_files = fields.or_default("rule_files", |node| node.list(|item| item.path()));
                let interval_ms = fields.or("evaluation_interval", EVALUATION_INTERVAL_MS, positive);
                let group_eval_order = fields.or_default("group_eval_order", |node| {
                    let names = node.list(|item| item.string())?;
                    if let Some((_, name)) = names.iter().enumerate().find(|(at, name)| names[..*at].contains(name)) {
                        node.problem(format!("group name repeated in evaluation order: {name}"));
                    }
                    Some(names)
                });
                let fuzzy_compare = fields.or("fuzzy_compare", false, |node| node.bool());
                let tests = fields.or_default("tests", |node| node.list(|item| test(item, interval_ms, format)));
                if format.ignores_unknown_fields {
                    fields.ignore_others();
                }
                Some(Self { rule_files, evaluation_interval_ms: interval_ms, group_eval_order, fuzzy_compare, tests })
            })
        })
    }
}

fn positive(node: Node<'_>) -> Option<i64> {
    node.duration_ms().filter(|duration_ms| *duration_ms > 0)
}

fn test(node: Node<'_>, evaluation_interval_ms: i64, format: Format) -> Option<Test> {
    node.map(|fields| {
        let interval_ms = fields.or("interval", evaluation_interval_ms, positive);
        let start_ms = fields.or("start_timestamp", 0, start);
        let test = Test {
            name: fields.or_default("name", |node| node.string()),
            line: fields.node().line(),
            start_ms,
            input_series: fields
                .or_default("input_series", |node| node.list(|item| InputSeries::read(item, start_ms, interval_ms))),
            alerts: fields.or_default("alert_rule_test", |node| node.list(alert)),
            expressions: fields.or_default("promql_expr_test", |node| node.list(expression)),
            external_labels: fields.or_default("external_labels", text_map),
            external_url: fields.or_default("external_url", |node| node.string()),
        };
        if format.ignores_unknown_fields {
            fields.ignore_others();
        }
        Some(test)
    })
}

/// Seconds since the epoch, or a date as RFC 3339 has it.
fn start(node: Node<'_>) -> Option<i64> {
    node.parse("seconds since 1970 or a time such as 2024-01-01T00:00:00Z", |text| {
        if let Ok(seconds) = text.parse::<f64>()
            && seconds.is_finite()
        {
            return Ok((seconds * 1_000.0) as i64);
        }
        DateTime::parse_from_rfc3339(text).map(|time| time.timestamp_millis()).map_err(|error| error.to_string())
    })
}

fn text_map(node: Node<'_>) -> Option<Labels> {
    node.entries(|_, value| value.string()).map(Labels::from_pairs)
}

fn at(fields: &mut Fields<'_>) -> i64 {
    fields.or("eval_time", 0, |node| node.duration_ms())
}

fn alert(node: Node<'_>) -> Option<AlertCase> {
    node.map(|fields| {
        let line = fields.node().line();
        let at_ms = at(fields);
        let name = fields.required("alertname", |node| node.non_empty_string());
        let alerts = fields.or_default("exp_alerts", |node| {
            node.list(|item| {
                item.map(|fields| {
                    let labels = fields.or_default("exp_labels", text_map);
                    Some((labels, fields.or_default("exp_annotations", text_map)))
                })
            })
        });
        Some(AlertCase { line, at_ms, name: name?, alerts })
    })
}

fn expression(node: Node<'_>) -> Option<ExpressionCase> {
    node.map(|fields| {
        let line = fields.node().line();
        let at_ms = at(fields);
        let expr = fields.required("expr", |node| node.non_empty_string());
        let mut needs_histograms = false;
        let samples = fields.or_default("exp_samples", |node| {
            node.list(|item| {
                item.map(|fields| {
                    let labels = fields.or_default("labels", labels);
                    let value = fields.or("value", 0.0, number);
                    needs_histograms |= fields.optional("histogram", |node| node.string()).is_some();
                    Some((labels, value))
                })
            })
        });
        Some(ExpressionCase { line, at_ms, expr: expr?, samples, needs_histograms })
    })
}

/// A number, also one of those that are no ordinary ones.
fn number(node: Node<'_>) -> Option<f64> {
    node.parse("a number", |text| match text.trim_start_matches(['.', '+']) {
        "inf" | "Inf" | "INF" => Ok(f64::INFINITY),
        "-inf" | "-.inf" | "-Inf" | "-.Inf" => Ok(f64::NEG_INFINITY),
        "nan" | "NaN" | "NAN" => Ok(f64::NAN),
        _ => text.parse::<f64>().map_err(|error| error.to_string()),
    })
}
