//! Runs the commands of a script, each evaluation several times as upstream does.

use super::compare::check;
use super::memory::Memory;
use super::parse::{Command, Eval, Load, When, converted_name, has_histogram, parse};
use futures::executor::block_on;
use lgtm_model::TimestampMs;
use lgtm_promql::ast::{At, Expr};
use lgtm_promql::{Engine, EngineOptions, EvalError, QueryResult, QueryTime, SeriesPoint, Value};

/// How one evaluation went.
pub enum Outcome {
    Passed,
    Failed(String),
    /// Why it says nothing about this engine.
    Excluded(String),
}

pub struct Case {
    pub line: usize,
    pub query: String,
    pub outcome: Outcome,
    /// Syntax or functions that upstream calls experimental.
    pub experimental: Vec<String>,
}

/// Runs a whole script.
pub fn run(script: &str) -> Vec<Case> {
    let options = EngineOptions { samples_max: 1_000_000, ..EngineOptions::default() };
    let engine = Engine::new(options);
    let mut memory = Memory::default();
    let mut cases = Vec::new();
    for command in parse(script) {
        match command {
            Command::Clear => memory = Memory::default(),
            Command::Load(load) => append(&mut memory, &load),
            Command::Eval(eval) => {
                let experimental = experimental(&eval.query);
                let outcome = match excluded(&memory, &eval) {
                    Some(reason) => Outcome::Excluded(reason),
                    None => match evaluate(&engine, &memory, &eval) {
                        Ok(()) => Outcome::Passed,
                        Err(problem) => Outcome::Failed(problem),
                    },
                };
                cases.push(Case { line: eval.line, query: eval.query.clone(), outcome, experimental });
            }
        }
    }
    cases
}

fn append(memory: &mut Memory, load: &Load) {
    for series in &load.series {
        if has_histogram(series) {
            memory.with_histograms.push(series.labels.clone());
        }
        if load.with_nhcb {
            memory.with_histograms.extend(converted_name(series));
        }
        let samples = memory.floats.entry(series.labels.clone()).or_default();
        for (index, point) in series.points.iter().enumerate() {
            if let SeriesPoint::Float(value) = point {
                samples.insert(index as i64 * load.step_ms, *value);
            }
        }
    }
    let with_start = load.start_timestamps.iter().map(|series| series.labels.clone());
    memory.with_start_timestamps.extend(with_start);
}

/// Excluded is what needs native histograms or start timestamps: the result has one, or a selector reads a series with
/// one.
fn excluded(memory: &Memory, eval: &Eval) -> Option<String> {
    if eval.expected.histogram {
        return Some("native histogram expected".to_owned());
    }
    let expr = lgtm_promql::parse(&eval.query).ok()?;
    let reads = |series: &[lgtm_model::Labels]| {
        expr.selectors().iter().any(|selector| {
            series.iter().any(|labels| {
                let fits = |m: &lgtm_model::Matcher| m.matches(labels.get(m.name()).unwrap_or_default());
                selector.matchers.iter().all(fits)
            })
        })
    };
    if reads(&memory.with_histograms) {
        return Some("native histogram selected".to_owned());
    }
    if reads(&memory.with_start_timestamps) {
        return Some("start timestamp selected".to_owned());
    }
    None
}

/// What upstream asks for a flag to enable.
fn experimental(query: &str) -> Vec<String> {
    let mut found = Vec::new();
    let words =
        ["anchored", "smoothed", "fill(", "fill_left", "fill_right", "limitk", "limit_ratio", "min_of", "max_of"];
    for word in words.iter().filter(|word| query.contains(**word)) {
        found.push((*word).trim_end_matches('(').to_owned());
    }
    if let Ok(expr) = lgtm_promql::parse(query) {
        expr.walk(&mut |expr| {
            if let Expr::Call(call) = expr
                && call.function.experimental
            {
                found.push(call.function.name.to_owned());
            }
        });
    }
    found
}

type Answer = Result<QueryResult, EvalError>;

fn ask(engine: &Engine, memory: &Memory, expr: &Expr, text: &str, time: QueryTime) -> Answer {
    let prepared = engine.prepare_parsed(expr, text, time, None)?;
    block_on(prepared.fetch(memory))?.evaluate(&|| false)
}

fn evaluate(engine: &Engine, memory: &Memory, eval: &Eval) -> Result<(), String> {
    let expr = lgtm_promql::parse(&eval.query).map_err(|error| format!("does not parse: {error}"))?;
    let time = match eval.when {
        When::Instant(time_ms) => QueryTime::Instant(TimestampMs(time_ms)),
        When::Range { start_ms, end_ms, step_ms } => {
            QueryTime::Range { start: TimestampMs(start_ms), end: TimestampMs(end_ms), step_ms }
        }
    };
    check(&ask(engine, memory, &expr, &eval.query, time), &eval.expected, eval.when, true)?;
    let When::Instant(time_ms) = eval.when else { return Ok(()) };
    around(engine, memory, &expr, eval, time_ms)?;
    let Some(fixed) = with_fixed_time(&expr, time_ms) else { return Ok(()) };
    let times =
        if time_ms == 0 { vec![-1000, 0, 1000] } else { vec![-10 * time_ms, 0, time_ms / 5, time_ms, 10 * time_ms] };
    for other_ms in times {
        let text = fixed.to_string();
        let answer = ask(engine, memory, &fixed, &text, QueryTime::Instant(TimestampMs(other_ms)));
        check(&answer, &eval.expected, eval.when, false)
            .map_err(|problem| format!("{text} at {other_ms}: {problem}"))?;
        around(engine, memory, &fixed, eval, other_ms)?;
    }
    Ok(())
}

/// The middle step of a range query must be the instant query's result.
fn around(engine: &Engine, memory: &Memory, expr: &Expr, eval: &Eval, time_ms: i64) -> Result<(), String> {
    let expected = &eval.expected;
    let in_query = ["start()", "end()", "step()", "range()"].iter().any(|word| eval.query.contains(word));
    if expected.ordered || expected.string.is_some() || expected.range_vector.is_some() || in_query {
        return Ok(());
    }
    let (start, end) = (TimestampMs(time_ms - 60_000), TimestampMs(time_ms + 60_000));
    let answer = ask(engine, memory, expr, &eval.query, QueryTime::Range { start, end, step_ms: 60_000 });
    if expected.fail.is_some() {
        // The steps around it may fail for another reason.
        return if answer.is_err() { Ok(()) } else { Err("expected a failure of the range query".to_owned()) };
    }
    let mut result = answer.map_err(|error| format!("range query around {time_ms} failed: {error}"))?;
    if let Value::Matrix(rows) = &mut result.value {
        let middle = rows.iter().filter_map(|row| {
            let value = row.points.iter().find(|point| point.0 == time_ms)?.1;
            Some(lgtm_promql::InstantSample { labels: row.labels.clone(), value })
        });
        let middle: Vec<_> = middle.collect();
        result.value = match expected.scalar {
            Some(_) => Value::Scalar(middle[0].value),
            None => Value::Vector(middle),
        };
    }
    check(&Ok(result), expected, eval.when, false).map_err(|problem| format!("range query around {time_ms}: {problem}"))
}

/// The same query with `@` at every selector that has none; none if a function depends on the evaluation time.
fn with_fixed_time(expr: &Expr, time_ms: i64) -> Option<Expr> {
    const UNSAFE: [&str; 17] = [
        "days_in_month",
        "day_of_month",
        "day_of_week",
        "day_of_year",
        "end",
        "hour",
        "minute",
        "month",
        "year",
        "predict_linear",
        "range",
        "start",
        "step",
        "time",
        "timestamp",
        "start_timestamp",
        "info",
    ];
    let mut safe = true;
    expr.walk(&mut |expr| {
        if let Expr::Call(call) = expr {
            safe &= !UNSAFE.contains(&call.function.name);
        }
    });
    let mut fixed = expr.clone();
    fix(&mut fixed, At::Timestamp(TimestampMs(time_ms)));
    safe.then_some(fixed)
}

fn fix(expr: &mut Expr, at: At) {
    match expr {
        Expr::Vector(selector) => drop(selector.at.get_or_insert(at)),
        Expr::Matrix(matrix) => drop(matrix.selector.at.get_or_insert(at)),
        Expr::Subquery(subquery) => {
            subquery.at.get_or_insert(at);
            return;
        }
        _ => {}
    }
    for child in expr.children_mut() {
        fix(child, at);
    }
}
