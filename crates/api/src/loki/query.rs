//! `query` and `query_range`.

use super::answer::{self, CATEGORIZE_LABELS};
use super::parameters::Parameters;
use super::{LokiDeps, Refusal, success};
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use lgtm_logql::{Direction, Output, Plan, TimeRange, evaluate, parse, plan};

/// The header in which a client lists encoding flags, separated by commas.
const FLAGS_HEADER: &str = "x-loki-response-encoding-flags";

pub(super) async fn range(
    State(deps): State<LokiDeps>,
    headers: HeaderMap,
    parameters: Parameters,
) -> Result<Response, Refusal> {
    let started = deps.clock.elapsed();
    let query = parameters.query()?;
    let plan = plan(&parse(query)?, query)?;
    let (start, end) = parameters.bounds(&deps)?;
    if end < start || (end == start && matches!(plan, Plan::Logs(_))) {
        return Err(Refusal::parameter("end timestamp must not be before or equal to start time"));
    }
    let step_ns = parameters.step_ns(start, end)?;
    let range = TimeRange { start, end, step_ns, limit: parameters.limit()?, direction: parameters.direction()? };
    let output = evaluate(&plan, range, &*deps.source).await?;
    let took = deps.clock.elapsed().saturating_sub(started);
    Ok(success(&match output {
        Output::Streams(streams) => answer::streams(&streams, categorizes(&headers), took),
        Output::Matrix(series) => answer::matrix(&series, took),
    }))
}

pub(super) async fn instant(State(deps): State<LokiDeps>, parameters: Parameters) -> Result<Response, Refusal> {
    let started = deps.clock.elapsed();
    let query = parameters.query()?;
    let plan = plan(&parse(query)?, query)?;
    let (time, limit) = (parameters.instant(&deps)?, parameters.limit()?);
    parameters.direction()?;
    if matches!(plan, Plan::Logs(_)) {
        return Err(Refusal::parameter(
            "log queries are not supported as an instant query type, please change your query to a range query type",
        ));
    }
    let range = TimeRange { start: time, end: time, step_ns: 1, limit, direction: Direction::Backward };
    let output = evaluate(&plan, range, &*deps.source).await?;
    let took = deps.clock.elapsed().saturating_sub(started);
    Ok(success(&match output {
        Output::Streams(streams) => answer::streams(&streams, false, took),
        Output::Matrix(series) => answer::vector(&series, took),
    }))
}

fn categorizes(headers: &HeaderMap) -> bool {
    let values = headers.get_all(FLAGS_HEADER).iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).any(|flag| flag.trim() == CATEGORIZE_LABELS)
}
