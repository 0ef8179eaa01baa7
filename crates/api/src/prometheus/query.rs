//! `/query` and `/query_range`.
//!
//! A query waits for its turn, asks the source for everything it needs, and is computed on a thread of its own. It ends
//! early when its time is up, and when the client has gone: axum drops the handler then, and a guard in it tells the
//! thread to stop.

use super::answer::{self, Answer, ApiError, ErrorKind};
use super::params::Params;
use super::{Surface, value};
use axum::extract::State;
use lgtm_promql::{EvalError, QueryResult, QueryTime, Value};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// Steps in a range: upstream's bound, a week by the minute.
const STEPS_MAX: i64 = 11_000;

pub(super) async fn instant(State(surface): State<Surface>, params: Params) -> Answer {
    let limit = params.limit()?;
    let time = params.time_or("time", surface.deps.clock.now_ms())?;
    surface.answer(&params, QueryTime::Instant(time), limit).await
}

pub(super) async fn range(State(surface): State<Surface>, params: Params) -> Answer {
    let limit = params.limit()?;
    let (start, end) = (params.time("start")?, params.time("end")?);
    if end < start {
        return Err(ApiError::parameter("end", "end timestamp must not be before start time"));
    }
    let step_ms = match params.duration_ms("step")? {
        Some(step_ms) if step_ms > 0 => step_ms,
        Some(_) => {
            let message = "zero or negative query resolution step widths are not accepted. Try a positive integer";
            return Err(ApiError::parameter("step", message));
        }
        None => return Err(ApiError::parameter("step", "cannot parse \"\" to a valid duration")),
    };
    if end.0.saturating_sub(start.0) / step_ms > STEPS_MAX {
        return Err(ApiError::bad_data(
            "exceeded maximum resolution of 11,000 points per timeseries. Try decreasing the query resolution (?step=XX)",
        ));
    }
    surface.answer(&params, QueryTime::Range { start, end, step_ms }, limit).await
}

/// How long the parts of a query took.
struct Timings {
    waited: Duration,
    prepared: Duration,
    evaluated: Duration,
    all: Duration,
}

impl Surface {
    async fn answer(&self, params: &Params, time: QueryTime, limit: Option<usize>) -> Answer {
        let timeout_ms = params.duration_ms("timeout")?.unwrap_or(i64::MAX).min(self.deps.limits.query_timeout_ms);
        let lookback_ms = params.duration_ms("lookback_delta").map_err(|_| {
            let text = params.get("lookback_delta");
            ApiError::bad_data(format!(
                "error parsing lookback delta duration: cannot parse {text:?} to a valid duration"
            ))
        })?;
        let timeout = Duration::from_millis(u64::try_from(timeout_ms).unwrap_or(0));
        let (mut result, timings) = tokio::select! {
            result = self.run(params.get("query"), time, lookback_ms) => result?,
            () = self.deps.clock.sleep(timeout) => {
                let message = "query timed out in expression evaluation";
                return Err(ApiError::new(ErrorKind::Timeout, message));
            }
        };
        if let Some(limit) = limit
            && truncate(&mut result.value, limit)
        {
            result.warnings.push("results truncated due to limit".to_owned());
        }
        let stats = params.get("stats");
        if !matches!(stats, "" | "true" | "all") {
            result.warnings.push(format!(
                "value {stats:?} for parameter \"stats\" is deprecated and will be rejected in the next major release, use \"true\" or \"all\""
            ));
        }
        let mut data = String::from("{");
        value::write_result(&result.value, result.time, &mut data);
        if !stats.is_empty() {
            data.push_str(&format!(",\"stats\":{}", statistics(&result, &timings)));
        }
        data.push('}');
        answer::success(&data, &result.warnings, &result.infos)
    }

    async fn run(
        &self,
        query: &str,
        time: QueryTime,
        lookback_ms: Option<i64>,
    ) -> Result<(QueryResult, Timings), ApiError> {
        let clock = &self.deps.clock;
        let begun = clock.elapsed();
        let expr = lgtm_promql::parse(query).map_err(answer::unparsable)?;
        let prepared = self.deps.engine.prepare_parsed(&expr, query, time, lookback_ms)?;
        let parsed = clock.elapsed();
        let permit = Arc::clone(&self.running).acquire_owned().await;
        let permit = permit.map_err(|_| ApiError::new(ErrorKind::Internal, "the query engine has stopped"))?;
        let started = clock.elapsed();
        let fetched = prepared.fetch(&*self.deps.source).await?;
        let loaded = clock.elapsed();
        let gone = Gone::default();
        let flag = Arc::clone(&gone.0);
        let computed = tokio::task::spawn_blocking(move || {
            let result = fetched.evaluate(&|| flag.load(Ordering::Relaxed));
            drop(permit);
            result
        });
        let result = computed.await.map_err(|error| ApiError::new(ErrorKind::Internal, error.to_string()))?;
        let ended = clock.elapsed();
        let timings = Timings {
            waited: started.saturating_sub(parsed),
            prepared: parsed.saturating_sub(begun) + loaded.saturating_sub(started),
            evaluated: ended.saturating_sub(loaded),
            all: ended.saturating_sub(begun),
        };
        Ok((result.map_err(|error: EvalError| ApiError::from(error))?, timings))
    }
}

/// Stops the computation once nobody waits for it.
#[derive(Default)]
struct Gone(Arc<AtomicBool>);

impl Drop for Gone {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Keeps the first series; whether some were left out.
fn truncate(value: &mut Value, limit: usize) -> bool {
    match value {
        Value::Vector(samples) if samples.len() > limit => samples.truncate(limit),
        Value::Matrix(series) if series.len() > limit => series.truncate(limit),
        _ => return false,
    }
    true
}

fn statistics(result: &QueryResult, timings: &Timings) -> serde_json::Value {
    serde_json::json!({
        "timings": {
            "evalTotalTime": (timings.prepared + timings.evaluated).as_secs_f64(),
            "resultSortTime": 0.0,
            "queryPreparationTime": timings.prepared.as_secs_f64(),
            "innerEvalTime": timings.evaluated.as_secs_f64(),
            "execQueueTime": timings.waited.as_secs_f64(),
            "execTotalTime": timings.all.as_secs_f64(),
        },
        "samples": {
            "totalQueryableSamples": result.stats.samples_total,
            "peakSamples": result.stats.cells_peak,
        },
    })
}
