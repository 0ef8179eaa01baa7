//! A span's links as a list of `{trace_id, span_id, attributes}`.

use super::{AttributesBuilder, AttributesReader, Elements, attribute_fields, list, list_of};
use datafusion::arrow::array::{Array, BinaryArray, BinaryBuilder, ListArray};
use datafusion::arrow::datatypes::{DataType, Field, Fields};
use datafusion::arrow::error::ArrowError;
use lgtm_model::{SpanId, SpanLink, TraceId};
use std::sync::Arc;

/// The fields of one link.
pub fn link_fields() -> Fields {
    Fields::from(vec![
        Field::new("trace_id", DataType::Binary, false),
        Field::new("span_id", DataType::Binary, false),
        Field::new("attributes", list_of(attribute_fields()), false),
    ])
}

/// Collects the links of many rows.
#[derive(Default)]
pub struct LinksBuilder {
    traces: BinaryBuilder,
    spans: BinaryBuilder,
    attributes: AttributesBuilder,
    lengths: Vec<usize>,
}

impl LinksBuilder {
    /// Adds a row.
    pub fn push(&mut self, links: &[SpanLink]) {
        for link in links {
            self.traces.append_value(link.trace_id.0);
            self.spans.append_value(link.span_id.0);
            self.attributes.push(&link.attributes);
        }
        self.lengths.push(links.len());
    }

    /// The finished column.
    pub fn finish(mut self) -> Result<ListArray, ArrowError> {
        let columns: Vec<Arc<dyn Array>> =
            vec![Arc::new(self.traces.finish()), Arc::new(self.spans.finish()), Arc::new(self.attributes.finish()?)];
        list(link_fields(), columns, self.lengths)
    }
}

/// Reads rows back.
pub struct LinksReader<'a> {
    elements: Elements<'a>,
    traces: &'a BinaryArray,
    spans: &'a BinaryArray,
    attributes: AttributesReader<'a>,
}

impl<'a> LinksReader<'a> {
    /// `None` when the column is not one of links.
    pub fn new(column: &'a dyn Array) -> Option<Self> {
        let elements = Elements::new(column)?;
        let (traces, spans) = (elements.column("trace_id")?, elements.column("span_id")?);
        let attributes = AttributesReader::new(elements.lists("attributes")?)?;
        Some(Self { elements, traces, spans, attributes })
    }

    /// The links of a row. One with an invalid identifier points nowhere and is left out.
    pub fn read(&self, row: usize) -> Vec<SpanLink> {
        let link = |at| {
            Some(SpanLink {
                trace_id: TraceId::from_bytes(self.traces.value(at))?,
                span_id: SpanId::from_bytes(self.spans.value(at))?,
                attributes: self.attributes.read(at),
            })
        };
        self.elements.range(row).filter_map(link).collect()
    }
}
