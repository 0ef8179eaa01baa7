//! A rule's expression, in PromQL or LogQL, and how it becomes a list of labelled values.

use lgtm_logql::{Direction, MetricPlan, Output, Plan, TimeRange};
use lgtm_model::{Labels, TimestampMs};
use lgtm_promql::{Engine, Expr, InstantSample, QueryTime, Value, ValueType};
use std::fmt;
use std::ops::Range;
use std::sync::Arc;

/// A parsed expression.
#[derive(Clone)]
pub struct Query {
    text: Arc<str>,
    parsed: Parsed,
}

#[derive(Clone)]
enum Parsed {
    Metrics(Arc<Expr>),
    Logs(Arc<MetricPlan>),
}

/// What is wrong at one place of an expression.
#[derive(Clone, Debug)]
pub(crate) struct Fault {
    pub range: Range<usize>,
    pub message: String,
}

impl Query {
    /// Parses PromQL. The faults are all there are.
    pub(crate) fn metrics(text: &str) -> Result<Self, Vec<Fault>> {
        match lgtm_promql::parse(text) {
            Ok(expr) => Ok(Self { text: text.into(), parsed: Parsed::Metrics(Arc::new(expr)) }),
            Err(errors) => Err(errors
                .errors
                .into_iter()
                .map(|error| Fault {
                    range: error.span.start..error.span.end,
                    message: with_hint(format!("parse error: {}", error.message), error.hint),
                })
                .collect()),
        }
    }

    /// Parses LogQL that gives numbers.
    pub(crate) fn logs(text: &str) -> Result<Self, Vec<Fault>> {
        let planned = lgtm_logql::parse(text).and_then(|expr| lgtm_logql::plan(&expr, text));
        match planned {
            Ok(Plan::Metric(plan)) => Ok(Self { text: text.into(), parsed: Parsed::Logs(Arc::new(plan)) }),
            Ok(Plan::Logs(_)) => Err(vec![Fault {
                range: 0..text.len(),
                message: "parse error: the expression gives log lines, a rule needs numbers; write for example \
                          sum(count_over_time({…}[5m])) > 0"
                    .to_owned(),
            }]),
            Err(error) => Err(vec![Fault {
                range: error.span.start..error.span.end,
                message: with_hint(format!("parse error: {}", error.message), error.hint),
            }]),
        }
    }

    /// The expression as it is written.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The expression as the API and links show it: PromQL on one line in the usual form, LogQL as it is written.
    pub fn printed(&self) -> String {
        self.promql().map_or_else(|| self.text.trim().to_owned(), Expr::to_string)
    }

    /// The PromQL tree, if it is PromQL.
    pub fn promql(&self) -> Option<&Expr> {
        match &self.parsed {
            Parsed::Metrics(expr) => Some(expr),
            Parsed::Logs(_) => None,
        }
    }

    /// The type it evaluates to.
    pub(crate) fn value_type(&self) -> ValueType {
        self.promql().map_or(ValueType::Vector, Expr::value_type)
    }
}

fn with_hint(message: String, hint: Option<String>) -> String {
    match hint {
        Some(hint) => format!("{message}; {hint}"),
        None => message,
    }
}

impl PartialEq for Query {
    fn eq(&self, other: &Self) -> bool {
        let kind = |query: &Self| matches!(query.parsed, Parsed::Metrics(_));
        self.text == other.text && kind(self) == kind(other)
    }
}

impl fmt::Debug for Query {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.text)
    }
}

/// One series of a range, with its points.
#[derive(Clone, Debug)]
pub(crate) struct Points {
    pub labels: Labels,
    pub points: Vec<(i64, f64)>,
}

/// What expressions are evaluated against.
#[derive(Clone)]
pub(crate) struct Reader<'a> {
    pub engine: &'a Engine,
    pub metrics: &'a dyn lgtm_promql::Source,
    pub logs: &'a dyn lgtm_logql::Source,
}

/// Waits for what a source fetches, on a thread for computing: the futures of sources need no runtime of their own.
fn wait<T>(future: impl Future<Output = T>) -> T {
    futures::executor::block_on(future)
}

impl Reader<'_> {
    /// The value at one time. A scalar is a vector with one sample without labels.
    pub fn instant(&self, query: &Query, at: TimestampMs) -> Result<Vec<InstantSample>, String> {
        match &query.parsed {
            Parsed::Metrics(expr) => {
                let prepared = self.engine.prepare_parsed(expr, &query.text, QueryTime::Instant(at), None);
                let fetched = prepared.and_then(|prepared| wait(prepared.fetch(self.metrics)));
                let result = fetched.and_then(|fetched| fetched.evaluate(&|| false)).map_err(|e| e.to_string())?;
                vector(result.value)
            }
            Parsed::Logs(plan) => {
                let matrix = self.logs(plan, at, at, 1)?;
                let last = |one: Points| Some(InstantSample { value: one.points.last()?.1, labels: one.labels });
                Ok(matrix.into_iter().filter_map(last).collect())
            }
        }
    }

    /// A text of PromQL at one time, for the function `query` of templates.
    pub fn text(&self, text: &str, at: TimestampMs) -> Result<Vec<InstantSample>, String> {
        let query = Query::metrics(text)
            .map_err(|faults| faults.first().map_or_else(String::new, |fault| fault.message.clone()))?;
        self.instant(&query, at)
    }

    /// The values at `start`, `start + step_ms`, … up to `end`.
    pub fn range(&self, query: &Query, start: i64, end: i64, step_ms: i64) -> Result<Vec<Points>, String> {
        match &query.parsed {
            Parsed::Metrics(expr) => {
                let time = QueryTime::Range { start: TimestampMs(start), end: TimestampMs(end), step_ms };
                let prepared = self.engine.prepare_parsed(expr, &query.text, time, None);
                let fetched = prepared.and_then(|prepared| wait(prepared.fetch(self.metrics)));
                let result = fetched.and_then(|fetched| fetched.evaluate(&|| false)).map_err(|e| e.to_string())?;
                match result.value {
                    Value::Matrix(series) => {
                        Ok(series.into_iter().map(|one| Points { labels: one.labels, points: one.points }).collect())
                    }
                    _ => Err("rule result is not a vector or scalar".to_owned()),
                }
            }
            Parsed::Logs(plan) => self.logs(plan, TimestampMs(start), TimestampMs(end), step_ms),
        }
    }

    fn logs(
        &self,
        plan: &MetricPlan,
        start: TimestampMs,
        end: TimestampMs,
        step_ms: i64,
    ) -> Result<Vec<Points>, String> {
        let range = TimeRange {
            start: start.to_ns(),
            end: end.to_ns(),
            step_ns: step_ms.max(1).saturating_mul(1_000_000),
            limit: 1,
            direction: Direction::Backward,
        };
        let plan = Plan::Metric(plan.clone());
        match wait(lgtm_logql::evaluate(&plan, range, self.logs)).map_err(|error| error.to_string())? {
            Output::Matrix(series) => Ok(series
                .into_iter()
                .map(|one| Points {
                    labels: one.labels,
                    points: one.points.into_iter().map(|(time, value)| (time.to_ms().0, value)).collect(),
                })
                .collect()),
            Output::Streams(_) => Err("rule result is not a vector or scalar".to_owned()),
        }
    }
}

fn vector(value: Value) -> Result<Vec<InstantSample>, String> {
    match value {
        Value::Vector(samples) => Ok(samples),
        Value::Scalar(value) => Ok(vec![InstantSample { labels: Labels::empty(), value }]),
        Value::String(_) | Value::Matrix(_) => Err("rule result is not a vector or scalar".to_owned()),
    }
}

/// A source of logs for where there are none: unit tests of metric rules.
pub(crate) struct NoLogs;

#[async_trait::async_trait]
impl lgtm_logql::Source for NoLogs {
    async fn select_logs(
        &self,
        _: &lgtm_logql::LogSelect,
    ) -> Result<Vec<lgtm_logql::LogStream>, lgtm_logql::QueryError> {
        Ok(Vec::new())
    }

    async fn select_range(
        &self,
        _: &lgtm_logql::RangeSelect,
    ) -> Result<Vec<lgtm_logql::RangeSeries>, lgtm_logql::QueryError> {
        Ok(Vec::new())
    }

    async fn streams(
        &self,
        _: &[Vec<lgtm_model::Matcher>],
        _: lgtm_model::TimestampNs,
        _: lgtm_model::TimestampNs,
    ) -> Result<Vec<Labels>, lgtm_logql::QueryError> {
        Ok(Vec::new())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_carry_their_place_and_what_to_write_instead() {
        let fault = Query::metrics("up{job=“x”}").unwrap_err().remove(0);
        assert_eq!(fault.range.start, 7);
        assert!(fault.message.contains("straight ASCII quote"), "{}", fault.message);
        let fault = Query::logs("{a=\"b\"}").unwrap_err().remove(0);
        assert!(fault.message.contains("log lines"), "{}", fault.message);
        assert!(Query::logs("sum(count_over_time({a=\"b\"}[5m])) > 5").is_ok());
    }

    #[test]
    fn equal_means_equal_text_and_language() {
        let text = "count_over_time({a=\"b\"}[5m])";
        let (metrics, logs) = (Query::metrics(text).unwrap(), Query::logs(text).unwrap());
        assert!(metrics == metrics.clone() && metrics != logs);
    }
}
