//! Names and values of attributes, for completion.

use super::time::Range;
use super::{TempoDeps, json, unavailable};
use axum::extract::{Path, Query, State};
use axum::response::Response;
use lgtm_traceql::SearchError;
use serde_json::json;
use std::collections::BTreeSet;

/// Most values of one attribute in an answer.
const VALUES_MAX: usize = 1_000;

/// `GET /api/search/tags`
pub async fn names(State(deps): State<TempoDeps>, Query(range): Query<Range>) -> Response {
    match deps.source.attribute_names(range.or_last_hour(&deps.clock)).await {
        Err(error) => unavailable(&error),
        Ok((resource, span)) => {
            let names: BTreeSet<String> = resource.into_iter().chain(span).collect();
            json(&json!({ "tagNames": names }))
        }
    }
}

/// `GET /api/v2/search/tags`
pub async fn names_by_scope(State(deps): State<TempoDeps>, Query(range): Query<Range>) -> Response {
    match deps.source.attribute_names(range.or_last_hour(&deps.clock)).await {
        Err(error) => unavailable(&error),
        Ok((resource, span)) => json(&json!({ "scopes": [
            { "name": "resource", "tags": resource },
            { "name": "span", "tags": span },
            { "name": "intrinsic", "tags": ["duration", "kind", "name", "status", "statusMessage"] },
        ] })),
    }
}

/// `GET /api/search/tag/{name}/values`
pub async fn values(State(deps): State<TempoDeps>, Path(name): Path<String>, Query(range): Query<Range>) -> Response {
    match find(&deps, &name, range).await {
        Err(error) => unavailable(&error),
        Ok(values) => json(&json!({ "tagValues": values })),
    }
}

/// `GET /api/v2/search/tag/{name}/values`
pub async fn typed_values(
    State(deps): State<TempoDeps>,
    Path(name): Path<String>,
    Query(range): Query<Range>,
) -> Response {
    match find(&deps, &name, range).await {
        Err(error) => unavailable(&error),
        Ok(values) => {
            let typed: Vec<_> = values.iter().map(|value| json!({ "type": "string", "value": value })).collect();
            json(&json!({ "tagValues": typed }))
        }
    }
}

async fn find(deps: &TempoDeps, name: &str, range: Range) -> Result<Vec<String>, SearchError> {
    let scopes = ["resource.", "span.", "."];
    let bare = scopes.iter().find_map(|scope| name.strip_prefix(scope)).unwrap_or(name);
    deps.source.attribute_values(bare, range.or_last_hour(&deps.clock), VALUES_MAX).await
}
