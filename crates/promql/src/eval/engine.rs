//! The engine: prepare (parse and compile), fetch (the only step that waits), evaluate (the only step that computes).
//!
//! The steps are apart so that the caller decides where each runs: [`Prepared::fetch`] on the async runtime,
//! [`Fetched::evaluate`] on a thread for computing. [`Engine::query`] chains them where that does not matter.

use crate::ast::{Expr, ValueType};
use crate::eval::compile::Compiler;
use crate::eval::error::EvalError;
use crate::eval::grid::Grid;
use crate::eval::node::Node;
use crate::eval::result::{QueryResult, QueryStats};
use crate::eval::run::Evaluator;
use crate::{Select, SeriesColumns, Source};
use futures::future::try_join_all;
use lgtm_model::TimestampMs;

/// The limits and defaults of evaluation.
#[derive(Clone, Debug)]
pub struct EngineOptions {
    /// How old a sample may be and still be the current value. Default: 5 minutes.
    pub lookback_ms: i64,
    /// Samples a query may load, and cells it may hold at once. Default: 50 million.
    pub samples_max: usize,
    /// Series a result may have. Default: 100,000.
    pub result_series_max: usize,
    /// The step of a subquery that names none: the global evaluation interval. Default: 1 minute.
    pub subquery_step_ms: i64,
    /// Judge by the `__type__` label, not by the name, whether a metric is a counter. Default: no.
    pub type_and_unit_labels: bool,
}

impl Default for EngineOptions {
    fn default() -> Self {
        Self {
            lookback_ms: 300_000,
            samples_max: 50_000_000,
            result_series_max: 100_000,
            subquery_step_ms: 60_000,
            type_and_unit_labels: false,
        }
    }
}

/// When a query is evaluated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QueryTime {
    /// Once.
    Instant(TimestampMs),
    /// At `start`, `start + step_ms`, … up to `end` inclusive. The caller limits the number of steps.
    Range {
        /// The first time.
        start: TimestampMs,
        /// The last time there may be.
        end: TimestampMs,
        /// Between two times; positive.
        step_ms: i64,
    },
}

/// Evaluates PromQL. Cheap to clone, without state of its own.
#[derive(Clone, Debug, Default)]
pub struct Engine {
    options: EngineOptions,
}

impl Engine {
    /// An engine with these limits.
    pub fn new(options: EngineOptions) -> Self {
        Self { options }
    }

    /// The limits in force.
    pub fn options(&self) -> &EngineOptions {
        &self.options
    }

    /// Parses and compiles a query.
    pub fn prepare(&self, query: &str, time: QueryTime) -> Result<Prepared, EvalError> {
        self.prepare_parsed(&crate::parse(query)?, query, time, None)
    }

    /// Compiles a parsed query; `text` is what it was parsed from. `lookback_ms` replaces the default if it is positive.
    pub fn prepare_parsed(
        &self,
        expr: &Expr,
        text: &str,
        time: QueryTime,
        lookback_ms: Option<i64>,
    ) -> Result<Prepared, EvalError> {
        let mut options = self.options.clone();
        if let Some(lookback_ms) = lookback_ms.filter(|lookback_ms| *lookback_ms > 0) {
            options.lookback_ms = lookback_ms;
        }
        let (grid, range) = match time {
            QueryTime::Instant(time) => (Grid::instant(time.0), None),
            QueryTime::Range { start, end, step_ms } => {
                check_range(expr, start, end, step_ms)?;
                (Grid::between(start.0, end.0, step_ms), Some((end.0, step_ms)))
            }
        };
        let mut compiler = Compiler::new(&options, options.lookback_ms, grid, range);
        let root = compiler.root(expr)?;
        let selects = compiler.slots.finish(options.samples_max);
        Ok(Prepared { root, selects, grid, time, text: text.to_owned(), options })
    }

    /// Prepares, fetches and evaluates, all on the calling task. `cancel` is asked often; true ends the evaluation.
    pub async fn query(
        &self,
        source: &dyn Source,
        query: &str,
        time: QueryTime,
        cancel: &(dyn Fn() -> bool + Sync),
    ) -> Result<QueryResult, EvalError> {
        self.prepare(query, time)?.fetch(source).await?.evaluate(cancel)
    }

    /// [`Engine::query`] at one time, without cancellation.
    pub async fn instant(&self, source: &dyn Source, query: &str, time: TimestampMs) -> Result<QueryResult, EvalError> {
        self.query(source, query, QueryTime::Instant(time), &|| false).await
    }

    /// [`Engine::query`] over a range, without cancellation.
    pub async fn range(
        &self,
        source: &dyn Source,
        query: &str,
        start: TimestampMs,
        end: TimestampMs,
        step_ms: i64,
    ) -> Result<QueryResult, EvalError> {
        self.query(source, query, QueryTime::Range { start, end, step_ms }, &|| false).await
    }
}

fn check_range(expr: &Expr, start: TimestampMs, end: TimestampMs, step_ms: i64) -> Result<(), EvalError> {
    let value = expr.value_type();
    if !matches!(value, ValueType::Vector | ValueType::Scalar) {
        let value = value.documented();
        let text = format!("invalid expression type {value:?} for range query, must be Scalar or instant Vector");
        return Err(EvalError::Invalid(text));
    }
    if step_ms <= 0 {
        return Err(EvalError::Invalid("zero or negative query resolution step widths are not accepted".to_owned()));
    }
    if end < start {
        return Err(EvalError::Invalid("end timestamp must not be before start time".to_owned()));
    }
    Ok(())
}

/// A compiled query that knows what it needs.
#[derive(Debug)]
pub struct Prepared {
    root: Node,
    selects: Vec<Select>,
    grid: Grid,
    time: QueryTime,
    text: String,
    options: EngineOptions,
}

impl Prepared {
    /// What it will ask the source for.
    pub fn selects(&self) -> &[Select] {
        &self.selects
    }

    /// The type of its value.
    pub fn value_type(&self) -> ValueType {
        self.root.value
    }

    /// Asks the source for everything at once. Dropping the future abandons the query.
    pub async fn fetch(self, source: &dyn Source) -> Result<Fetched, EvalError> {
        let series = try_join_all(self.selects.iter().map(|select| source.select(select))).await?;
        let loaded: usize = series.iter().flatten().map(|series| series.values.len()).sum();
        let limit = self.options.samples_max;
        if loaded > limit {
            return Err(EvalError::TooManySamples { limit });
        }
        Ok(Fetched { prepared: self, series, loaded })
    }
}

/// A query with all its samples in memory.
#[derive(Debug)]
pub struct Fetched {
    prepared: Prepared,
    series: Vec<Vec<SeriesColumns>>,
    loaded: usize,
}

impl Fetched {
    /// Computes the result on the calling thread. `cancel` is asked often; true ends the evaluation.
    pub fn evaluate(self, cancel: &(dyn Fn() -> bool + Sync)) -> Result<QueryResult, EvalError> {
        let prepared = &self.prepared;
        let mut evaluator = Evaluator::new(&self.series, &prepared.options, cancel);
        let evaluated = evaluator.evaluate(&prepared.root, &prepared.grid)?;
        let instant = matches!(prepared.time, QueryTime::Instant(_));
        let value = evaluator.finish(evaluated, &prepared.grid, instant)?;
        let (warnings, infos) = evaluator.annotations.render(&prepared.text);
        let stats = QueryStats {
            selections: prepared.selects.len(),
            series: self.series.iter().map(Vec::len).sum(),
            samples_loaded: self.loaded,
            samples_total: evaluator.samples_total,
            cells_peak: evaluator.cells_peak,
        };
        let time = match prepared.time {
            QueryTime::Instant(time) | QueryTime::Range { end: time, .. } => time,
        };
        Ok(QueryResult { value, time, warnings, infos, stats })
    }
}
