//! Spans to rows.

use crate::column::{AttributesBuilder, EventsBuilder, LinksBuilder};
use crate::schema::{SPAN_ID_BYTES, TRACE_ID_BYTES, schema};
use datafusion::arrow::array::{
    ArrayRef, FixedSizeBinaryBuilder, Int8Array, Int16Array, Int64Array, RecordBatch, StringArray,
    TimestampMicrosecondArray,
};
use datafusion::arrow::error::ArrowError;
use lgtm_model::{Span, SpanKind, StatusCode};
use std::sync::Arc;

/// Builds one batch of rows, in the order of `spans`.
pub fn encode(spans: &[Arc<Span>]) -> Result<RecordBatch, ArrowError> {
    let micros = spans.iter().map(|span| span.start.0.div_euclid(1_000));
    let rest = spans.iter().map(|span| span.start.0.rem_euclid(1_000) as i16);
    let columns: Vec<ArrayRef> = vec![
        text(spans, |span| &span.resource.service),
        Arc::new(TimestampMicrosecondArray::from_iter_values(micros).with_timezone("UTC")),
        Arc::new(Int16Array::from_iter_values(rest)),
        Arc::new(Int64Array::from_iter_values(spans.iter().map(|span| span.duration_ns()))),
        binary(spans, TRACE_ID_BYTES, |span| Some(&span.trace_id.0))?,
        binary(spans, SPAN_ID_BYTES, |span| Some(&span.span_id.0))?,
        binary(spans, SPAN_ID_BYTES, |span| span.parent_span_id.as_ref().map(|id| &id.0[..]))?,
        text(spans, |span| &span.trace_state),
        text(spans, |span| &span.name),
        Arc::new(Int8Array::from_iter_values(spans.iter().map(|span| kind_code(span.kind)))),
        Arc::new(Int8Array::from_iter_values(spans.iter().map(|span| status_code(span.status.code)))),
        text(spans, |span| &span.status.message),
        text(spans, |span| &span.resource.scope_name),
        text(spans, |span| &span.resource.scope_version),
        attributes(spans, |span| &span.resource.attributes)?,
        attributes(spans, |span| &span.attributes)?,
        events(spans)?,
        links(spans)?,
    ];
    RecordBatch::try_new(schema(), columns)
}

fn text(spans: &[Arc<Span>], of: impl Fn(&Span) -> &str) -> ArrayRef {
    Arc::new(StringArray::from_iter_values(spans.iter().map(|span| of(span))))
}

fn binary(spans: &[Arc<Span>], width: i32, of: impl Fn(&Span) -> Option<&[u8]>) -> Result<ArrayRef, ArrowError> {
    let mut builder = FixedSizeBinaryBuilder::with_capacity(spans.len(), width);
    for span in spans {
        match of(span) {
            Some(bytes) => builder.append_value(bytes)?,
            None => builder.append_null(),
        }
    }
    Ok(Arc::new(builder.finish()))
}

fn attributes(spans: &[Arc<Span>], of: impl Fn(&Span) -> &lgtm_model::Attributes) -> Result<ArrayRef, ArrowError> {
    let mut builder = AttributesBuilder::default();
    spans.iter().for_each(|span| builder.push(of(span)));
    Ok(Arc::new(builder.finish()?))
}

fn events(spans: &[Arc<Span>]) -> Result<ArrayRef, ArrowError> {
    let mut builder = EventsBuilder::default();
    spans.iter().for_each(|span| builder.push(&span.events));
    Ok(Arc::new(builder.finish()?))
}

fn links(spans: &[Arc<Span>]) -> Result<ArrayRef, ArrowError> {
    let mut builder = LinksBuilder::default();
    spans.iter().for_each(|span| builder.push(&span.links));
    Ok(Arc::new(builder.finish()?))
}

/// OTLP's numbers.
fn kind_code(kind: SpanKind) -> i8 {
    match kind {
        SpanKind::Unspecified => 0,
        SpanKind::Internal => 1,
        SpanKind::Server => 2,
        SpanKind::Client => 3,
        SpanKind::Producer => 4,
        SpanKind::Consumer => 5,
    }
}

/// OTLP's numbers.
pub fn status_code(code: StatusCode) -> i8 {
    match code {
        StatusCode::Unset => 0,
        StatusCode::Ok => 1,
        StatusCode::Error => 2,
    }
}
