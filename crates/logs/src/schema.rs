//! The `logs` table: one line a row. `docs/format/logs.md` explains each column.

use datafusion::arrow::array::{Array, AsArray, FixedSizeBinaryArray, MapArray, StringArray};
use datafusion::arrow::datatypes::{DataType, Field, Fields, Schema, SchemaRef, TimeUnit};
use datafusion::arrow::record_batch::RecordBatch;
use lgtm_store::table::{TableSpec, TokenSet};
use std::sync::{Arc, LazyLock};

/// The columns by which files are sorted.
pub const SORT: [&str; 3] = ["stream_id", "time", "time_ns"];

pub(crate) const TRACE_ID_BYTES: i32 = 16;
pub(crate) const SPAN_ID_BYTES: i32 = 8;

static SCHEMA: LazyLock<SchemaRef> = LazyLock::new(|| {
    let dictionary = DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8));
    Arc::new(Schema::new(vec![
        // Delta Lake knows microseconds only; the rest of the nanoseconds is a column of its own.
        Field::new("time", time_type(), false),
        Field::new("time_ns", DataType::Int16, false),
        Field::new("stream_id", DataType::Int64, false),
        Field::new("stream", dictionary.clone(), false),
        Field::new("service", dictionary, false),
        Field::new("severity", DataType::Int8, false),
        Field::new("trace_id", DataType::FixedSizeBinary(TRACE_ID_BYTES), true),
        Field::new("span_id", DataType::FixedSizeBinary(SPAN_ID_BYTES), true),
        Field::new("body", DataType::Utf8, false),
        Field::new("attributes", attributes_type(), false),
    ]))
});

static SPEC: LazyLock<Arc<TableSpec>> = LazyLock::new(|| {
    Arc::new(TableSpec {
        name: "logs",
        schema: schema(),
        sort: &SORT,
        unique: &["body", "trace_id", "span_id"],
        growing: &["time"],
        tokens: collect_tokens,
    })
});

/// The table's Arrow schema.
pub fn schema() -> SchemaRef {
    Arc::clone(&SCHEMA)
}

/// The table.
pub fn spec() -> Arc<TableSpec> {
    Arc::clone(&SPEC)
}

pub(crate) fn time_type() -> DataType {
    DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into()))
}

pub(crate) fn attribute_fields() -> Fields {
    Fields::from(vec![Field::new("key", DataType::Utf8, false), Field::new("value", DataType::Utf8, false)])
}

pub(crate) fn attribute_entries() -> Arc<Field> {
    Arc::new(Field::new("key_value", DataType::Struct(attribute_fields()), false))
}

pub(crate) fn attributes_type() -> DataType {
    DataType::Map(attribute_entries(), false)
}

/// Keys and values of all rows of an attributes column.
pub(crate) fn attribute_columns(map: &MapArray) -> Option<(&StringArray, &StringArray)> {
    Some((map.keys().as_string_opt()?, map.values().as_string_opt()?))
}

fn collect_tokens(batch: &RecordBatch, set: &mut TokenSet) {
    if let Some(bodies) = column::<StringArray>(batch, "body") {
        bodies.iter().flatten().for_each(|body| set.text(body));
    }
    for name in ["trace_id", "span_id"] {
        if let Some(ids) = column::<FixedSizeBinaryArray>(batch, name) {
            ids.iter().flatten().for_each(|id| set.id(id));
        }
    }
    let Some(map) = column::<MapArray>(batch, "attributes") else { return };
    let Some((keys, values)) = attribute_columns(map) else { return };
    // A slice of a map shares the entries of the whole: only those between its offsets belong to it.
    let offsets = map.value_offsets();
    let (first, last) = (offsets[0] as usize, offsets[map.len()] as usize);
    (first..last).for_each(|entry| set.pair(keys.value(entry), values.value(entry)));
}

/// A column by its name and type.
pub(crate) fn column<'a, T: Array + 'static>(batch: &'a RecordBatch, name: &str) -> Option<&'a T> {
    batch.column_by_name(name)?.as_any().downcast_ref()
}
