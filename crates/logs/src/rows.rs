//! Records to the columns of the table, and the columns that a query reads back to entries.

use crate::schema::{
    SPAN_ID_BYTES, TRACE_ID_BYTES, attribute_columns, attribute_entries, attribute_fields, column, schema,
};
use crate::stream::{SERVICE, stream_id};
use datafusion::arrow::array::{
    Array, ArrayRef, DictionaryArray, FixedSizeBinaryArray, Int8Array, Int16Array, Int64Array, MapArray, StringArray,
    StructArray, TimestampMicrosecondArray,
};
use datafusion::arrow::buffer::OffsetBuffer;
use datafusion::arrow::datatypes::Int32Type;
use datafusion::arrow::error::ArrowError;
use datafusion::arrow::record_batch::RecordBatch;
use lgtm_model::{Labels, LogRecord, Severity, SpanId, TimestampNs, TraceId};
use std::sync::Arc;

/// A stream with what its rows repeat.
#[derive(Debug)]
pub(crate) struct Stream {
    pub id: i64,
    pub labels: Labels,
    text: String,
}

impl Stream {
    pub fn new(labels: Labels) -> Self {
        Self { id: stream_id(&labels), text: labels.to_string(), labels }
    }

    fn service(&self) -> &str {
        self.labels.get(SERVICE).unwrap_or("")
    }
}

/// A record whose stream is shared with its neighbours'.
#[derive(Debug)]
pub(crate) struct Row {
    pub stream: Arc<Stream>,
    pub record: LogRecord,
}

/// Microseconds and the nanoseconds beyond them.
pub(crate) fn split_time(time: TimestampNs) -> (i64, i16) {
    (time.0.div_euclid(1_000), time.0.rem_euclid(1_000) as i16)
}

/// What [`split_time`] took apart.
pub(crate) fn join_time(micros: i64, rest: i16) -> TimestampNs {
    TimestampNs(micros.wrapping_mul(1_000).wrapping_add(i64::from(rest)))
}

/// The rows as columns of the table's schema.
pub(crate) fn to_batch(rows: &[Row]) -> Result<RecordBatch, ArrowError> {
    let times = rows.iter().map(|row| split_time(row.record.timestamp));
    let dictionary = |text: fn(&Stream) -> &str| -> ArrayRef {
        Arc::new(rows.iter().map(|row| text(&row.stream)).collect::<DictionaryArray<Int32Type>>())
    };
    let trace_ids = rows.iter().map(|row| row.record.trace_id.map(|id| id.0));
    let span_ids = rows.iter().map(|row| row.record.span_id.map(|id| id.0));
    let columns: Vec<ArrayRef> = vec![
        Arc::new(TimestampMicrosecondArray::from_iter_values(times.clone().map(|time| time.0)).with_timezone("UTC")),
        Arc::new(Int16Array::from_iter_values(times.map(|time| time.1))),
        Arc::new(Int64Array::from_iter_values(rows.iter().map(|row| row.stream.id))),
        dictionary(|stream| &stream.text),
        dictionary(Stream::service),
        Arc::new(Int8Array::from_iter_values(rows.iter().map(|row| row.record.severity.0.min(24) as i8))),
        Arc::new(FixedSizeBinaryArray::try_from_sparse_iter_with_size(trace_ids, TRACE_ID_BYTES)?),
        Arc::new(FixedSizeBinaryArray::try_from_sparse_iter_with_size(span_ids, SPAN_ID_BYTES)?),
        Arc::new(StringArray::from_iter_values(rows.iter().map(|row| row.record.body.as_str()))),
        Arc::new(attributes(rows)?),
    ];
    RecordBatch::try_new(schema(), columns)
}

fn attributes(rows: &[Row]) -> Result<MapArray, ArrowError> {
    let pairs: Vec<(&str, &str)> = rows.iter().flat_map(|row| row.record.attributes.iter()).collect();
    let keys: ArrayRef = Arc::new(StringArray::from_iter_values(pairs.iter().map(|(key, _)| key)));
    let values: ArrayRef = Arc::new(StringArray::from_iter_values(pairs.iter().map(|(_, value)| value)));
    let entries = StructArray::try_new(attribute_fields(), vec![keys, values], None)?;
    let offsets = OffsetBuffer::from_lengths(rows.iter().map(|row| row.record.attributes.len()));
    MapArray::try_new(attribute_entries(), offsets, entries, None, false)
}

/// The columns from which structured metadata is put together.
pub(crate) struct MetadataColumns<'a> {
    severity: &'a Int8Array,
    trace_id: &'a FixedSizeBinaryArray,
    span_id: &'a FixedSizeBinaryArray,
    map: &'a MapArray,
    keys: &'a StringArray,
    values: &'a StringArray,
}

/// The columns that [`MetadataColumns`] needs, in the order in which it takes them as a slice.
pub(crate) const METADATA_COLUMNS: [&str; 4] = ["severity", "trace_id", "span_id", "attributes"];

impl<'a> MetadataColumns<'a> {
    /// From the four arrays of [`METADATA_COLUMNS`].
    pub fn from_arrays(arrays: &'a [ArrayRef]) -> Option<Self> {
        let [severity, trace_id, span_id, map] = arrays else { return None };
        let map: &MapArray = map.as_any().downcast_ref()?;
        let (keys, values) = attribute_columns(map)?;
        Some(Self {
            severity: severity.as_any().downcast_ref()?,
            trace_id: trace_id.as_any().downcast_ref()?,
            span_id: span_id.as_any().downcast_ref()?,
            map,
            keys,
            values,
        })
    }

    /// From a batch that has the columns by their names.
    pub fn from_batch(batch: &'a RecordBatch) -> Option<Self> {
        let map: &MapArray = column(batch, "attributes")?;
        let (keys, values) = attribute_columns(map)?;
        Some(Self {
            severity: column(batch, "severity")?,
            trace_id: column(batch, "trace_id")?,
            span_id: column(batch, "span_id")?,
            map,
            keys,
            values,
        })
    }

    /// One row's value under a name, as a query sees it.
    pub fn get(&self, row: usize, name: &str) -> Option<String> {
        let offsets = self.map.value_offsets();
        let found = (offsets[row] as usize..offsets[row + 1] as usize).find(|entry| self.keys.value(*entry) == name);
        if let Some(entry) = found {
            return Some(self.values.value(entry).to_owned());
        }
        match name {
            "trace_id" => self.trace(row).map(TraceId::to_hex),
            "span_id" => self.span(row).map(SpanId::to_hex),
            "detected_level" => self.level(row).map(str::to_owned),
            _ => None,
        }
    }

    /// All of one row's structured metadata: attributes, and ids and level unless an attribute has the name.
    pub fn labels(&self, row: usize) -> Labels {
        let offsets = self.map.value_offsets();
        let mut builder = Labels::empty().to_builder();
        if let Some(id) = self.trace(row) {
            builder.set("trace_id", id.to_hex());
        }
        if let Some(id) = self.span(row) {
            builder.set("span_id", id.to_hex());
        }
        if let Some(level) = self.level(row) {
            builder.set("detected_level", level);
        }
        for entry in offsets[row] as usize..offsets[row + 1] as usize {
            builder.set(self.keys.value(entry), self.values.value(entry));
        }
        builder.build()
    }

    fn trace(&self, row: usize) -> Option<TraceId> {
        self.trace_id.is_valid(row).then(|| TraceId::from_bytes(self.trace_id.value(row))).flatten()
    }

    fn span(&self, row: usize) -> Option<SpanId> {
        self.span_id.is_valid(row).then(|| SpanId::from_bytes(self.span_id.value(row))).flatten()
    }

    fn level(&self, row: usize) -> Option<&'static str> {
        let severity = Severity(self.severity.value(row).unsigned_abs());
        (severity.0 > 0).then(|| severity.level())
    }
}
