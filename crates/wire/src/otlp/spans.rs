//! OTLP spans to the model.
//!
//! A span whose trace or span id is not a valid one (16 or 8 bytes, not all zeros) is refused; a link with such an id is
//! left out of its span. Schema URLs, flags and dropped counts are not kept.

use super::outcome::Outcome;
use super::proto::collector::trace::v1::ExportTraceServiceRequest;
use super::proto::common::v1::InstrumentationScope;
use super::proto::trace::v1::span::{Event, Link};
use super::proto::trace::v1::{Span as ProtoSpan, Status};
use super::value::attributes_from_proto;
use lgtm_model::{
    Attributes, Resource, Span, SpanEvent, SpanId, SpanKind, SpanLink, SpanStatus, StatusCode, TimestampNs, TraceId,
};
use std::sync::Arc;

/// What the specification calls a service that did not say its name.
const SERVICE_UNKNOWN: &str = "unknown_service";

/// Translates a request. All spans of one resource and scope share one [`Resource`].
pub fn spans(request: ExportTraceServiceRequest) -> Outcome<Vec<Span>> {
    let mut outcome = Outcome::<Vec<Span>>::default();
    for resource_spans in request.resource_spans {
        let attributes = attributes_from_proto(resource_spans.resource.unwrap_or_default().attributes);
        for scope_spans in resource_spans.scope_spans {
            let resource = Arc::new(resource_of(attributes.clone(), scope_spans.scope.unwrap_or_default()));
            for span in scope_spans.spans {
                match identified(&span) {
                    Ok((trace_id, span_id)) => outcome.data.push(span_of(span, trace_id, span_id, &resource)),
                    Err(reason) => outcome.reject(1, || reason),
                }
            }
        }
    }
    outcome
}

fn resource_of(attributes: Attributes, scope: InstrumentationScope) -> Resource {
    let service = attributes.text("service.name").filter(|name| !name.is_empty());
    Resource {
        service: service.unwrap_or(SERVICE_UNKNOWN).to_owned(),
        attributes,
        scope_name: scope.name,
        scope_version: scope.version,
    }
}

fn identified(span: &ProtoSpan) -> Result<(TraceId, SpanId), String> {
    let refused = |what: &str, id: &[u8], length: usize| {
        let hex: String = id.iter().take(32).map(|byte| format!("{byte:02x}")).collect();
        format!("span {:?}: {what} {hex:?} is not {length} bytes that are not all zero", span.name)
    };
    let trace_id = TraceId::from_bytes(&span.trace_id).ok_or_else(|| refused("trace_id", &span.trace_id, 16))?;
    let span_id = SpanId::from_bytes(&span.span_id).ok_or_else(|| refused("span_id", &span.span_id, 8))?;
    Ok((trace_id, span_id))
}

fn time(unix_nano: u64) -> TimestampNs {
    TimestampNs(i64::try_from(unix_nano).unwrap_or(i64::MAX))
}

fn span_of(span: ProtoSpan, trace_id: TraceId, span_id: SpanId, resource: &Arc<Resource>) -> Span {
    Span {
        trace_id,
        span_id,
        parent_span_id: SpanId::from_bytes(&span.parent_span_id),
        trace_state: span.trace_state,
        name: span.name,
        kind: kind_of(span.kind),
        start: time(span.start_time_unix_nano),
        end: time(span.end_time_unix_nano),
        status: status_of(span.status.unwrap_or_default()),
        resource: Arc::clone(resource),
        attributes: attributes_from_proto(span.attributes),
        events: span.events.into_iter().map(event_of).collect(),
        links: span.links.into_iter().filter_map(link_of).collect(),
    }
}

fn kind_of(kind: i32) -> SpanKind {
    match kind {
        1 => SpanKind::Internal,
        2 => SpanKind::Server,
        3 => SpanKind::Client,
        4 => SpanKind::Producer,
        5 => SpanKind::Consumer,
        _ => SpanKind::Unspecified,
    }
}

fn status_of(status: Status) -> SpanStatus {
    let code = match status.code {
        1 => StatusCode::Ok,
        2 => StatusCode::Error,
        _ => StatusCode::Unset,
    };
    SpanStatus { code, message: status.message }
}

fn event_of(event: Event) -> SpanEvent {
    SpanEvent {
        timestamp: time(event.time_unix_nano),
        name: event.name,
        attributes: attributes_from_proto(event.attributes),
    }
}

fn link_of(link: Link) -> Option<SpanLink> {
    Some(SpanLink {
        trace_id: TraceId::from_bytes(&link.trace_id)?,
        span_id: SpanId::from_bytes(&link.span_id)?,
        attributes: attributes_from_proto(link.attributes),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::otlp::proto::trace::v1::{ResourceSpans, ScopeSpans};

    fn request(spans: Vec<ProtoSpan>) -> ExportTraceServiceRequest {
        let scope_spans = vec![ScopeSpans { spans, ..ScopeSpans::default() }];
        ExportTraceServiceRequest { resource_spans: vec![ResourceSpans { scope_spans, ..ResourceSpans::default() }] }
    }

    fn with_ids(trace_id: Vec<u8>, span_id: Vec<u8>) -> ProtoSpan {
        ProtoSpan { trace_id, span_id, name: "work".to_owned(), ..ProtoSpan::default() }
    }

    #[test]
    fn invalid_ids_are_refused_with_a_reason_and_the_rest_is_taken() {
        let outcome = spans(request(vec![
            with_ids(vec![0; 16], vec![1; 8]),
            with_ids(vec![1; 16], vec![1; 7]),
            with_ids(vec![1; 16], vec![1; 8]),
        ]));
        assert_eq!((outcome.data.len(), outcome.rejected), (1, 2));
        assert_eq!(outcome.data[0].resource.service, "unknown_service");
        assert_eq!(
            outcome.message(),
            r#"span "work": trace_id "00000000000000000000000000000000" is not 16 bytes that are not all zero; span "work": span_id "01010101010101" is not 8 bytes that are not all zero"#
        );
    }

    #[test]
    fn spans_of_one_scope_share_their_resource() {
        let outcome = spans(request(vec![with_ids(vec![1; 16], vec![1; 8]), with_ids(vec![1; 16], vec![2; 8])]));
        assert!(Arc::ptr_eq(&outcome.data[0].resource, &outcome.data[1].resource));
    }
}
