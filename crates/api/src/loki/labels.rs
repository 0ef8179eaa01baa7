//! `labels`, `label/{name}/values` and `series`.

use super::parameters::Parameters;
use super::{LokiDeps, Refusal, answer, success};
use axum::extract::{Path, State};
use axum::response::Response;
use lgtm_logql::parse_selector;
use lgtm_model::Matcher;
use serde_json::{Value, json};

pub(super) async fn names(State(deps): State<LokiDeps>, parameters: Parameters) -> Result<Response, Refusal> {
    let (start, end) = parameters.bounds(&deps)?;
    let names = deps.source.label_names(&selector(&parameters)?, start, end).await?;
    Ok(success(&json!({ "status": "success", "data": names })))
}

pub(super) async fn values(
    State(deps): State<LokiDeps>,
    Path(name): Path<String>,
    parameters: Parameters,
) -> Result<Response, Refusal> {
    let (start, end) = parameters.bounds(&deps)?;
    let values = deps.source.label_values(&name, &selector(&parameters)?, start, end).await?;
    Ok(success(&json!({ "status": "success", "data": values })))
}

pub(super) async fn series(State(deps): State<LokiDeps>, parameters: Parameters) -> Result<Response, Refusal> {
    let (start, end) = parameters.bounds(&deps)?;
    let mut selectors = Vec::new();
    for text in parameters.all("match[]").chain(parameters.all("match")) {
        let matchers = parse_selector(text)?;
        // One selector without conditions selects everything, whatever the others say.
        if matchers.is_empty() {
            selectors.clear();
            break;
        }
        selectors.push(matchers);
    }
    let streams = deps.source.streams(&selectors, start, end).await?;
    let data: Vec<Value> = streams.iter().map(answer::labels).collect();
    Ok(success(&json!({ "status": "success", "data": data })))
}

/// The selector in `query` that narrows labels down, if there is one.
fn selector(parameters: &Parameters) -> Result<Vec<Vec<Matcher>>, Refusal> {
    let Some(text) = parameters.get("query") else { return Ok(Vec::new()) };
    let matchers = parse_selector(text)?;
    Ok(if matchers.is_empty() { Vec::new() } else { vec![matchers] })
}
