//! A span's events as a list of `{time_ns, name, attributes}`.

use super::{AttributesBuilder, AttributesReader, Elements, attribute_fields, list, list_of};
use datafusion::arrow::array::{Array, Int64Array, Int64Builder, ListArray, StringArray, StringBuilder};
use datafusion::arrow::datatypes::{DataType, Field, Fields};
use datafusion::arrow::error::ArrowError;
use lgtm_model::{SpanEvent, TimestampNs};
use std::sync::Arc;

/// The fields of one event.
pub fn event_fields() -> Fields {
    Fields::from(vec![
        Field::new("time_ns", DataType::Int64, false),
        Field::new("name", DataType::Utf8, false),
        Field::new("attributes", list_of(attribute_fields()), false),
    ])
}

/// Collects the events of many rows.
#[derive(Default)]
pub struct EventsBuilder {
    times: Int64Builder,
    names: StringBuilder,
    attributes: AttributesBuilder,
    lengths: Vec<usize>,
}

impl EventsBuilder {
    /// Adds a row.
    pub fn push(&mut self, events: &[SpanEvent]) {
        for event in events {
            self.times.append_value(event.timestamp.0);
            self.names.append_value(&event.name);
            self.attributes.push(&event.attributes);
        }
        self.lengths.push(events.len());
    }

    /// The finished column.
    pub fn finish(mut self) -> Result<ListArray, ArrowError> {
        let columns: Vec<Arc<dyn Array>> =
            vec![Arc::new(self.times.finish()), Arc::new(self.names.finish()), Arc::new(self.attributes.finish()?)];
        list(event_fields(), columns, self.lengths)
    }
}

/// Reads rows back.
pub struct EventsReader<'a> {
    elements: Elements<'a>,
    times: &'a Int64Array,
    names: &'a StringArray,
    attributes: AttributesReader<'a>,
}

impl<'a> EventsReader<'a> {
    /// `None` when the column is not one of events.
    pub fn new(column: &'a dyn Array) -> Option<Self> {
        let elements = Elements::new(column)?;
        let (times, names) = (elements.column("time_ns")?, elements.column("name")?);
        let attributes = AttributesReader::new(elements.lists("attributes")?)?;
        Some(Self { elements, times, names, attributes })
    }

    /// The events of a row.
    pub fn read(&self, row: usize) -> Vec<SpanEvent> {
        let event = |at| SpanEvent {
            timestamp: TimestampNs(self.times.value(at)),
            name: self.names.value(at).to_owned(),
            attributes: self.attributes.read(at),
        };
        self.elements.range(row).map(event).collect()
    }
}
