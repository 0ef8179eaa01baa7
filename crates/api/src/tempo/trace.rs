//! A whole trace, as OTLP in JSON or protobuf.
//!
//! In JSON bytes are base64 and enumerations are names: that is protobuf's own JSON mapping, which Tempo follows, and
//! not OTLP's, which wants identifiers in hexadecimal.

use super::time::Range;
use super::{TempoDeps, bad_request, json, unavailable};
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use lgtm_model::{AttributeValue, Attributes, Resource, Span, SpanKind, StatusCode as SpanStatusCode, TraceId};
use prost::Message;
use serde_json::{Map, Value, json};
use std::sync::Arc;

/// `GET /api/traces/{id}`
pub async fn by_id(
    State(deps): State<TempoDeps>,
    Path(id): Path<String>,
    Query(range): Query<Range>,
    headers: HeaderMap,
) -> Response {
    match find(&deps, &id, range).await {
        Err(answer) => answer,
        Ok(spans) if wants_protobuf(&headers) => protobuf(&spans),
        Ok(spans) => json(&json!({ "batches": batches(&spans) })),
    }
}

/// `GET /api/v2/traces/{id}`
pub async fn by_id_v2(State(deps): State<TempoDeps>, Path(id): Path<String>, Query(range): Query<Range>) -> Response {
    match find(&deps, &id, range).await {
        Err(answer) => answer,
        Ok(spans) => json(&json!({ "trace": { "resourceSpans": batches(&spans) }, "metrics": {} })),
    }
}

async fn find(deps: &TempoDeps, id: &str, range: Range) -> Result<Vec<Span>, Response> {
    let Some(id) = TraceId::from_hex(id) else {
        return Err(bad_request(format!("{id:?} is no trace id: expected up to 32 hexadecimal digits, not all zero")));
    };
    match deps.source.trace(id, range.given()).await {
        Err(error) => Err(unavailable(&error)),
        Ok(spans) if spans.is_empty() => Err((StatusCode::NOT_FOUND, "trace not found\n").into_response()),
        Ok(spans) => Ok(spans),
    }
}

fn wants_protobuf(headers: &HeaderMap) -> bool {
    let accept = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or("");
    accept.contains("application/protobuf")
}

/// Tempo's `Trace` message has its batches in the field where OTLP's export request has its resource spans.
fn protobuf(spans: &[Span]) -> Response {
    let bytes = lgtm_wire::otlp::traces_request(spans).encode_to_vec();
    ([(header::CONTENT_TYPE, "application/protobuf")], bytes).into_response()
}

/// Groups the spans by resource and scope, in the order in which these first appear.
fn batches(spans: &[Span]) -> Vec<Value> {
    let mut groups: Vec<(&Arc<Resource>, Vec<Value>)> = Vec::new();
    for span in spans {
        let known = groups
            .iter_mut()
            .find(|(resource, _)| Arc::ptr_eq(resource, &span.resource) || **resource == span.resource);
        match known {
            Some((_, members)) => members.push(span_json(span)),
            None => groups.push((&span.resource, vec![span_json(span)])),
        }
    }
    let batch = |(resource, spans): (&Arc<Resource>, Vec<Value>)| {
        json!({
            "resource": { "attributes": attributes(&resource.attributes) },
            "scopeSpans": [{
                "scope": { "name": resource.scope_name, "version": resource.scope_version },
                "spans": spans,
            }],
        })
    };
    groups.into_iter().map(batch).collect()
}

fn span_json(span: &Span) -> Value {
    let mut fields = Map::new();
    fields.insert("traceId".to_owned(), json!(STANDARD.encode(span.trace_id.0)));
    fields.insert("spanId".to_owned(), json!(STANDARD.encode(span.span_id.0)));
    if let Some(parent) = span.parent_span_id {
        fields.insert("parentSpanId".to_owned(), json!(STANDARD.encode(parent.0)));
    }
    if !span.trace_state.is_empty() {
        fields.insert("traceState".to_owned(), json!(span.trace_state));
    }
    fields.insert("name".to_owned(), json!(span.name));
    fields.insert("kind".to_owned(), json!(kind(span.kind)));
    fields.insert("startTimeUnixNano".to_owned(), json!(span.start.0.to_string()));
    fields.insert("endTimeUnixNano".to_owned(), json!(span.end.0.to_string()));
    fields.insert("attributes".to_owned(), json!(attributes(&span.attributes)));
    if !span.events.is_empty() {
        let event = |event: &lgtm_model::SpanEvent| {
            let time = event.timestamp.0.to_string();
            json!({ "timeUnixNano": time, "name": event.name, "attributes": attributes(&event.attributes) })
        };
        fields.insert("events".to_owned(), span.events.iter().map(event).collect());
    }
    if !span.links.is_empty() {
        let link = |link: &lgtm_model::SpanLink| {
            let (trace, span) = (STANDARD.encode(link.trace_id.0), STANDARD.encode(link.span_id.0));
            json!({ "traceId": trace, "spanId": span, "attributes": attributes(&link.attributes) })
        };
        fields.insert("links".to_owned(), span.links.iter().map(link).collect());
    }
    fields.insert("status".to_owned(), status(span));
    Value::Object(fields)
}

fn status(span: &Span) -> Value {
    let code = match span.status.code {
        SpanStatusCode::Unset => return json!({}),
        SpanStatusCode::Ok => "STATUS_CODE_OK",
        SpanStatusCode::Error => "STATUS_CODE_ERROR",
    };
    if span.status.message.is_empty() {
        return json!({ "code": code });
    }
    json!({ "code": code, "message": span.status.message })
}

fn kind(kind: SpanKind) -> &'static str {
    match kind {
        SpanKind::Unspecified => "SPAN_KIND_UNSPECIFIED",
        SpanKind::Internal => "SPAN_KIND_INTERNAL",
        SpanKind::Server => "SPAN_KIND_SERVER",
        SpanKind::Client => "SPAN_KIND_CLIENT",
        SpanKind::Producer => "SPAN_KIND_PRODUCER",
        SpanKind::Consumer => "SPAN_KIND_CONSUMER",
    }
}

/// A list of `{key, value}` with typed values.
pub fn attributes(attributes: &Attributes) -> Vec<Value> {
    attributes.iter().map(|(name, value)| json!({ "key": name, "value": typed(value) })).collect()
}

fn typed(value: &AttributeValue) -> Value {
    match value {
        AttributeValue::Text(text) => json!({ "stringValue": text }),
        AttributeValue::Bool(value) => json!({ "boolValue": value }),
        AttributeValue::Int(value) => json!({ "intValue": value.to_string() }),
        AttributeValue::Double(value) => json!({ "doubleValue": value }),
        AttributeValue::Bytes(bytes) => json!({ "bytesValue": STANDARD.encode(bytes) }),
        AttributeValue::Array(values) => {
            json!({ "arrayValue": { "values": values.iter().map(typed).collect::<Vec<_>>() } })
        }
        AttributeValue::Map(map) => json!({ "kvlistValue": { "values": attributes(map) } }),
    }
}
