//! Spans back to OTLP, so that [`super::spans`] yields the very same spans.

use super::proto::collector::trace::v1::ExportTraceServiceRequest;
use super::proto::common::v1::InstrumentationScope;
use super::proto::resource::v1::Resource as ProtoResource;
use super::proto::trace::v1::span::{Event, Link};
use super::proto::trace::v1::{ResourceSpans, ScopeSpans, Span as ProtoSpan, Status};
use super::value::attributes_to_proto;
use lgtm_model::{Resource, Span, SpanEvent, SpanKind, SpanLink, StatusCode};
use std::collections::HashMap;
use std::sync::Arc;

/// A request that holds all spans, in the order in which their resources first appear.
///
/// Spans are put together by the identity of their shared resource, not by its content: comparing contents would cost
/// more than the few bytes it saves.
pub fn traces_request(spans: &[Span]) -> ExportTraceServiceRequest {
    let mut places: HashMap<*const Resource, usize> = HashMap::new();
    let mut resource_spans: Vec<ResourceSpans> = Vec::new();
    for span in spans {
        let place = *places.entry(Arc::as_ptr(&span.resource)).or_insert_with(|| {
            resource_spans.push(resource_of(&span.resource));
            resource_spans.len() - 1
        });
        resource_spans[place].scope_spans[0].spans.push(span_to_proto(span));
    }
    ExportTraceServiceRequest { resource_spans }
}

fn resource_of(resource: &Resource) -> ResourceSpans {
    let scope = InstrumentationScope {
        name: resource.scope_name.clone(),
        version: resource.scope_version.clone(),
        ..InstrumentationScope::default()
    };
    let attributes = attributes_to_proto(&resource.attributes);
    ResourceSpans {
        resource: Some(ProtoResource { attributes, ..ProtoResource::default() }),
        scope_spans: vec![ScopeSpans { scope: Some(scope), ..ScopeSpans::default() }],
        ..ResourceSpans::default()
    }
}

/// One span as OTLP's message, without its resource and scope.
pub fn span_to_proto(span: &Span) -> ProtoSpan {
    ProtoSpan {
        trace_id: span.trace_id.0.to_vec(),
        span_id: span.span_id.0.to_vec(),
        parent_span_id: span.parent_span_id.map(|id| id.0.to_vec()).unwrap_or_default(),
        trace_state: span.trace_state.clone(),
        name: span.name.clone(),
        kind: kind_of(span.kind),
        start_time_unix_nano: span.start.0.max(0).unsigned_abs(),
        end_time_unix_nano: span.end.0.max(0).unsigned_abs(),
        attributes: attributes_to_proto(&span.attributes),
        events: span.events.iter().map(event_of).collect(),
        links: span.links.iter().map(link_of).collect(),
        status: status_of(span),
        ..ProtoSpan::default()
    }
}

fn kind_of(kind: SpanKind) -> i32 {
    match kind {
        SpanKind::Unspecified => 0,
        SpanKind::Internal => 1,
        SpanKind::Server => 2,
        SpanKind::Client => 3,
        SpanKind::Producer => 4,
        SpanKind::Consumer => 5,
    }
}

fn status_of(span: &Span) -> Option<Status> {
    let code = match span.status.code {
        StatusCode::Unset => 0,
        StatusCode::Ok => 1,
        StatusCode::Error => 2,
    };
    Some(Status { code, message: span.status.message.clone() })
}

fn event_of(event: &SpanEvent) -> Event {
    Event {
        time_unix_nano: event.timestamp.0.max(0).unsigned_abs(),
        name: event.name.clone(),
        attributes: attributes_to_proto(&event.attributes),
        ..Event::default()
    }
}

fn link_of(link: &SpanLink) -> Link {
    Link {
        trace_id: link.trace_id.0.to_vec(),
        span_id: link.span_id.0.to_vec(),
        attributes: attributes_to_proto(&link.attributes),
        ..Link::default()
    }
}

#[cfg(test)]
mod tests {
    use super::super::spans;
    use super::*;
    use lgtm_model::{AttributeValue, Attributes, SpanId, SpanStatus, TimestampNs, TraceId};

    fn span(resource: &Arc<Resource>, id: u8) -> Span {
        let attributes: Attributes =
            [("http.status".to_owned(), AttributeValue::Int(200)), ("ok".to_owned(), AttributeValue::Bool(true))]
                .into_iter()
                .collect();
        Span {
            trace_id: TraceId([id; 16]),
            span_id: SpanId([id; 8]),
            parent_span_id: (id > 1).then_some(SpanId([1; 8])),
            trace_state: "a=b".to_owned(),
            name: format!("span {id}"),
            kind: [SpanKind::Server, SpanKind::Client, SpanKind::Internal][usize::from(id) % 3],
            start: TimestampNs(1_000),
            end: TimestampNs(2_000),
            status: SpanStatus { code: StatusCode::Error, message: "boom".to_owned() },
            resource: Arc::clone(resource),
            attributes: attributes.clone(),
            events: vec![SpanEvent {
                timestamp: TimestampNs(7),
                name: "event".to_owned(),
                attributes: attributes.clone(),
            }],
            links: vec![SpanLink { trace_id: TraceId([9; 16]), span_id: SpanId([9; 8]), attributes }],
        }
    }

    #[test]
    fn every_span_comes_back_unchanged() {
        let resource = |name: &str| {
            Arc::new(Resource {
                service: name.to_owned(),
                attributes: [("service.name".to_owned(), AttributeValue::Text(name.to_owned()))].into_iter().collect(),
                scope_name: "lib".to_owned(),
                scope_version: "1".to_owned(),
            })
        };
        let (first, second) = (resource("a"), resource("b"));
        let sent = vec![span(&first, 1), span(&first, 2), span(&second, 3)];
        let back = spans(traces_request(&sent));
        assert_eq!((back.rejected, back.data), (0, sent));
    }
}
