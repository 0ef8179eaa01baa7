//! Rows to spans.

use crate::column::{AttributesReader, EventsReader, LinksReader};
use datafusion::arrow::array::{
    Array, FixedSizeBinaryArray, Int8Array, Int16Array, Int64Array, RecordBatch, StringArray, TimestampMicrosecondArray,
};
use lgtm_model::{Resource, Span, SpanId, SpanKind, SpanStatus, StatusCode, TimestampNs, TraceId};
use std::sync::Arc;
use thiserror::Error;

/// A batch that is not one of spans.
#[derive(Debug, Error)]
#[error("column {0:?} of the spans table is missing or of another type")]
pub struct DecodeError(&'static str);

/// Reads every row of a batch. Rows with an invalid trace or span id cannot have been written and are left out.
pub fn decode(batch: &RecordBatch) -> Result<Vec<Span>, DecodeError> {
    let rows = Rows::new(batch)?;
    let mut spans = Vec::with_capacity(batch.num_rows());
    // Rows are sorted by service, so that neighbours mostly share their resource.
    let mut previous: Option<Arc<Resource>> = None;
    for row in 0..batch.num_rows() {
        let resource = rows.resource(row);
        let resource = match previous.take() {
            Some(shared) if *shared == resource => shared,
            _ => Arc::new(resource),
        };
        previous = Some(Arc::clone(&resource));
        spans.extend(rows.span(row, resource));
    }
    Ok(spans)
}

struct Rows<'a> {
    service: &'a StringArray,
    start: &'a TimestampMicrosecondArray,
    start_ns: &'a Int16Array,
    duration_ns: &'a Int64Array,
    trace_id: &'a FixedSizeBinaryArray,
    span_id: &'a FixedSizeBinaryArray,
    parent_span_id: &'a FixedSizeBinaryArray,
    trace_state: &'a StringArray,
    name: &'a StringArray,
    kind: &'a Int8Array,
    status_code: &'a Int8Array,
    status_message: &'a StringArray,
    scope_name: &'a StringArray,
    scope_version: &'a StringArray,
    resource_attributes: AttributesReader<'a>,
    attributes: AttributesReader<'a>,
    events: EventsReader<'a>,
    links: LinksReader<'a>,
}

impl<'a> Rows<'a> {
    fn new(batch: &'a RecordBatch) -> Result<Self, DecodeError> {
        Ok(Self {
            service: column(batch, "service")?,
            start: column(batch, "start")?,
            start_ns: column(batch, "start_ns")?,
            duration_ns: column(batch, "duration_ns")?,
            trace_id: column(batch, "trace_id")?,
            span_id: column(batch, "span_id")?,
            parent_span_id: column(batch, "parent_span_id")?,
            trace_state: column(batch, "trace_state")?,
            name: column(batch, "name")?,
            kind: column(batch, "kind")?,
            status_code: column(batch, "status_code")?,
            status_message: column(batch, "status_message")?,
            scope_name: column(batch, "scope_name")?,
            scope_version: column(batch, "scope_version")?,
            resource_attributes: lists(batch, "resource_attributes", AttributesReader::new)?,
            attributes: lists(batch, "attributes", AttributesReader::new)?,
            events: lists(batch, "events", EventsReader::new)?,
            links: lists(batch, "links", LinksReader::new)?,
        })
    }

    fn resource(&self, row: usize) -> Resource {
        Resource {
            service: self.service.value(row).to_owned(),
            attributes: self.resource_attributes.read(row),
            scope_name: self.scope_name.value(row).to_owned(),
            scope_version: self.scope_version.value(row).to_owned(),
        }
    }

    fn span(&self, row: usize, resource: Arc<Resource>) -> Option<Span> {
        let start = TimestampNs(self.start.value(row) * 1_000 + i64::from(self.start_ns.value(row)));
        let parent = self.parent_span_id;
        Some(Span {
            trace_id: TraceId::from_bytes(self.trace_id.value(row))?,
            span_id: SpanId::from_bytes(self.span_id.value(row))?,
            parent_span_id: (!parent.is_null(row)).then(|| SpanId::from_bytes(parent.value(row))).flatten(),
            trace_state: self.trace_state.value(row).to_owned(),
            name: self.name.value(row).to_owned(),
            kind: kind(self.kind.value(row)),
            start,
            end: start.add_ns(self.duration_ns.value(row)),
            status: SpanStatus {
                code: status(self.status_code.value(row)),
                message: self.status_message.value(row).to_owned(),
            },
            resource,
            attributes: self.attributes.read(row),
            events: self.events.read(row),
            links: self.links.read(row),
        })
    }
}

fn column<'a, T: 'static>(batch: &'a RecordBatch, name: &'static str) -> Result<&'a T, DecodeError> {
    batch.column_by_name(name).and_then(|column| column.as_any().downcast_ref()).ok_or(DecodeError(name))
}

fn lists<'a, T>(
    batch: &'a RecordBatch,
    name: &'static str,
    read: impl Fn(&'a dyn Array) -> Option<T>,
) -> Result<T, DecodeError> {
    batch.column_by_name(name).and_then(|column| read(column.as_ref())).ok_or(DecodeError(name))
}

fn kind(code: i8) -> SpanKind {
    match code {
        1 => SpanKind::Internal,
        2 => SpanKind::Server,
        3 => SpanKind::Client,
        4 => SpanKind::Producer,
        5 => SpanKind::Consumer,
        _ => SpanKind::Unspecified,
    }
}

fn status(code: i8) -> StatusCode {
    match code {
        1 => StatusCode::Ok,
        2 => StatusCode::Error,
        _ => StatusCode::Unset,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::encode::encode;
    use lgtm_model::{AttributeValue, Attributes, SpanEvent, SpanLink};

    fn attributes() -> Attributes {
        let nested = AttributeValue::Map(Attributes(vec![("k".to_owned(), AttributeValue::Int(1))]));
        Attributes(vec![
            ("text".to_owned(), AttributeValue::Text("x\n\"y\"".to_owned())),
            ("bool".to_owned(), AttributeValue::Bool(true)),
            ("int".to_owned(), AttributeValue::Int(i64::MIN)),
            ("double".to_owned(), AttributeValue::Double(0.1)),
            ("bytes".to_owned(), AttributeValue::Bytes(vec![0, 255])),
            ("array".to_owned(), AttributeValue::Array(vec![nested, AttributeValue::Double(2.5)])),
        ])
    }

    #[test]
    fn a_span_comes_back_as_it_was() {
        let resource = Resource { service: "checkout".to_owned(), attributes: attributes(), ..Resource::default() };
        let event = SpanEvent { timestamp: TimestampNs(7), name: "e".to_owned(), attributes: attributes() };
        let link = SpanLink { trace_id: TraceId([2; 16]), span_id: SpanId([3; 8]), attributes: attributes() };
        let full = Span {
            trace_id: TraceId([1; 16]),
            span_id: SpanId([1; 8]),
            parent_span_id: Some(SpanId([9; 8])),
            trace_state: "a=b".to_owned(),
            name: "db.query".to_owned(),
            kind: SpanKind::Client,
            start: TimestampNs(1_700_000_000_123_456_789),
            end: TimestampNs(1_700_000_001_123_456_789),
            status: SpanStatus { code: StatusCode::Error, message: "no".to_owned() },
            resource: Arc::new(resource),
            attributes: attributes(),
            events: vec![event.clone(), event],
            links: vec![link],
        };
        let mut bare = Span { parent_span_id: None, start: TimestampNs(-1), end: TimestampNs(5), ..full.clone() };
        (bare.events, bare.links, bare.attributes) = (Vec::new(), Vec::new(), Attributes::default());
        let batch = encode(&[Arc::new(full.clone()), Arc::new(bare.clone())]).unwrap();
        assert_eq!(decode(&batch).unwrap(), vec![full, bare]);
    }
}
