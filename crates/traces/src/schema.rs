//! The `spans` table: one span a row. `docs/format/spans.md` explains each column.

use crate::column::{attribute_fields, event_fields, link_fields, list_of};
use datafusion::arrow::datatypes::{DataType, Field, Schema, SchemaRef, TimeUnit};
use std::sync::{Arc, LazyLock};

/// Bytes of a trace id.
pub const TRACE_ID_BYTES: i32 = 16;
/// Bytes of a span id.
pub const SPAN_ID_BYTES: i32 = 8;

/// The columns by which files are sorted.
pub const SORT: [&str; 3] = ["service", "start", "start_ns"];

static SCHEMA: LazyLock<SchemaRef> = LazyLock::new(|| {
    Arc::new(Schema::new(vec![
        Field::new("service", DataType::Utf8, false),
        // Delta Lake knows microseconds only; the rest of the nanoseconds is a column of its own.
        Field::new("start", DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())), false),
        Field::new("start_ns", DataType::Int16, false),
        Field::new("duration_ns", DataType::Int64, false),
        Field::new("trace_id", DataType::FixedSizeBinary(TRACE_ID_BYTES), false),
        Field::new("span_id", DataType::FixedSizeBinary(SPAN_ID_BYTES), false),
        Field::new("parent_span_id", DataType::FixedSizeBinary(SPAN_ID_BYTES), true),
        Field::new("trace_state", DataType::Utf8, false),
        Field::new("name", DataType::Utf8, false),
        Field::new("kind", DataType::Int8, false),
        Field::new("status_code", DataType::Int8, false),
        Field::new("status_message", DataType::Utf8, false),
        Field::new("scope_name", DataType::Utf8, false),
        Field::new("scope_version", DataType::Utf8, false),
        Field::new("resource_attributes", list_of(attribute_fields()), false),
        Field::new("attributes", list_of(attribute_fields()), false),
        Field::new("events", list_of(event_fields()), false),
        Field::new("links", list_of(link_fields()), false),
    ]))
});

/// The table's Arrow schema.
pub fn schema() -> SchemaRef {
    Arc::clone(&SCHEMA)
}
