//! `GET /api/search`: by TraceQL (`q`), or by tags and durations.

use super::time::Range;
use super::trace::attributes;
use super::{TempoDeps, bad_request, json, unavailable};
use axum::extract::{Query, State};
use axum::response::Response;
use lgtm_model::Span;
use lgtm_traceql::{Compare, Field, Filter, Scope, Search, TraceSummary, Value, parse, parse_duration_ns};
use serde::Deserialize;
use serde_json::{Value as Json, json};

/// Traces without a `limit` (Tempo's default).
const LIMIT_DEFAULT: usize = 20;
/// Most traces that may be asked for.
const LIMIT_MAX: usize = 1_000;

/// What a client may ask.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Parameters {
    q: Option<String>,
    tags: Option<String>,
    min_duration: Option<String>,
    max_duration: Option<String>,
    limit: Option<usize>,
}

/// `GET /api/search`
pub async fn search(
    State(deps): State<TempoDeps>,
    Query(range): Query<Range>,
    Query(parameters): Query<Parameters>,
) -> Response {
    let search = match search_of(&parameters, range, &deps) {
        Ok(search) => search,
        Err(text) => return bad_request(text),
    };
    match deps.source.search(&search).await {
        Err(error) => unavailable(&error),
        Ok(found) => {
            let traces: Vec<Json> = found.iter().map(summary).collect();
            json(&json!({ "traces": traces, "metrics": { "inspectedTraces": found.len() } }))
        }
    }
}

fn search_of(parameters: &Parameters, range: Range, deps: &TempoDeps) -> Result<Search, String> {
    let limit = parameters.limit.unwrap_or(LIMIT_DEFAULT);
    if limit == 0 || limit > LIMIT_MAX {
        return Err(format!("limit must be between 1 and {LIMIT_MAX}, not {limit}"));
    }
    let filter = match (&parameters.q, &parameters.tags) {
        (Some(query), _) if !query.trim().is_empty() => {
            parse(query).map_err(|error| format!("invalid TraceQL query: {error}\n{}", error.render(query)))?
        }
        (_, Some(tags)) => tags_filter(tags)?,
        _ => Filter::All,
    };
    let shortest = duration("minDuration", parameters.min_duration.as_deref())?;
    let longest = duration("maxDuration", parameters.max_duration.as_deref())?;
    let (start, end) = range.or_last_hour(&deps.clock);
    if start > end {
        return Err("start is after end".to_owned());
    }
    Ok(Search { filter, start, end, trace_duration_ns: (shortest, longest), limit })
}

fn duration(name: &str, text: Option<&str>) -> Result<Option<i64>, String> {
    let Some(text) = text.filter(|text| !text.is_empty()) else { return Ok(None) };
    let parsed = parse_duration_ns(text);
    parsed.map(Some).ok_or_else(|| format!("invalid {name} {text:?}: write for example 200ms or 1.5s"))
}

/// Reads logfmt, `service.name=checkout http.status_code=500 msg="two words"`, into a filter that wants all of it.
fn tags_filter(text: &str) -> Result<Filter, String> {
    let mut filter = Filter::All;
    let mut rest = text.trim_start();
    while !rest.is_empty() {
        let (name, after) =
            rest.split_once('=').ok_or_else(|| format!("invalid tags {text:?}: expected name=value"))?;
        let (value, after) = tag_value(after).ok_or_else(|| format!("invalid tags {text:?}: a quote is not closed"))?;
        let condition = tag_condition(name.trim(), value);
        filter = match filter {
            Filter::All => condition,
            filter => Filter::And(Box::new(filter), Box::new(condition)),
        };
        rest = after.trim_start();
    }
    Ok(filter)
}

fn tag_value(text: &str) -> Option<(&str, &str)> {
    match text.strip_prefix('"') {
        Some(quoted) => quoted.split_once('"'),
        None => Some(text.split_once(char::is_whitespace).unwrap_or((text, ""))),
    }
}

fn tag_condition(name: &str, value: &str) -> Filter {
    let equal = |field: Field, value: Value| Filter::Compare(field, Compare::Equal, value);
    let text = Value::Text(value.to_owned());
    match name {
        "name" => equal(Field::Name, text),
        "service.name" => equal(Field::Attribute(Scope::Resource, name.to_owned()), text),
        "error" if value == "true" => equal(Field::Status, Value::Word("error")),
        "status" if value == "error" => equal(Field::Status, Value::Word("error")),
        _ => {
            // Tags are texts, whatever the attribute's type: 500 finds the number and the text.
            let field = Field::Attribute(Scope::Any, name.to_owned());
            let as_text = equal(field.clone(), text);
            match (value.parse(), value.parse()) {
                (Ok(number), _) => Filter::Or(Box::new(as_text), Box::new(equal(field, Value::Number(number)))),
                (_, Ok(truth)) => Filter::Or(Box::new(as_text), Box::new(equal(field, Value::Bool(truth)))),
                _ => as_text,
            }
        }
    }
}

fn summary(trace: &TraceSummary) -> Json {
    let spans: Vec<Json> = trace.spans.iter().map(span).collect();
    let set = json!({ "spans": spans, "matched": trace.matched });
    json!({
        "traceID": trace.trace_id.to_hex(),
        "rootServiceName": if trace.root_service.is_empty() { "<root span not yet received>" } else { &trace.root_service },
        "rootTraceName": trace.root_name,
        "startTimeUnixNano": trace.start.0.to_string(),
        "durationMs": trace.duration_ns / 1_000_000,
        "spanSet": set,
        "spanSets": [set],
    })
}

fn span(span: &Span) -> Json {
    json!({
        "spanID": span.span_id.to_hex(),
        "name": span.name,
        "startTimeUnixNano": span.start.0.to_string(),
        "durationNanos": span.duration_ns().to_string(),
        "attributes": attributes(&span.attributes),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_logfmt() {
        let filter = tags_filter("service.name=checkout  http.status_code=500 msg=\"two words\"").unwrap();
        assert_eq!(filter.required_service(), Some("checkout"));
        assert!(tags_filter("nonsense").is_err() && tags_filter("a=\"x").is_err());
        assert!(matches!(tags_filter("").unwrap(), Filter::All));
    }
}
