//! `/metadata`: what metrics say about themselves.

use super::Surface;
use super::answer::{self, Answer, ApiError};
use super::params::Params;
use axum::extract::State;
use serde_json::{Map, Value, json};

pub(super) async fn metadata(State(surface): State<Surface>, params: Params) -> Answer {
    let limit = number(&params, "limit")?;
    // Zero and less mean no limit here, other than for the whole answer; so upstream has it.
    let limit_per_metric = number(&params, "limit_per_metric")?.filter(|limit| *limit > 0);
    let name = Some(params.get("metric")).filter(|name| !name.is_empty());
    let mut families: Map<String, Value> = Map::new();
    for (name, metadata) in surface.deps.source.metadata(name).await? {
        let full = limit.is_some_and(|limit| limit >= 0 && families.len() as i64 >= limit);
        if full && !families.contains_key(&name) {
            continue;
        }
        let family = families.entry(name).or_insert_with(|| Value::Array(Vec::new()));
        let Value::Array(entries) = family else { continue };
        let entry = json!({
            "type": metadata.metric_type.as_str(), "unit": metadata.unit, "help": metadata.help,
        });
        let full = limit_per_metric.is_some_and(|limit| entries.len() as i64 >= limit);
        if !full && !entries.contains(&entry) {
            entries.push(entry);
        }
    }
    answer::data(&Value::Object(families))
}

fn number(params: &Params, name: &str) -> Result<Option<i64>, ApiError> {
    match params.get(name) {
        "" => Ok(None),
        text => text.parse().map(Some).map_err(|_| ApiError::bad_data(format!("{name} must be a number"))),
    }
}
