//! OTLP's messages as tables of fields, for finding faults in broken bytes.
//!
//! Field numbers and types are those of opentelemetry-proto 1.x; fields that are not listed are skipped, as protobuf
//! wants it.

/// What a field holds.
pub(super) enum Kind {
    Varint,
    Fixed64,
    Fixed32,
    Text,
    Bytes,
    /// Repeated eight-byte numbers, packed or one by one.
    PackedFixed64,
    /// Repeated varints, packed or one by one.
    PackedVarint,
    Message(&'static Shape),
}

impl Kind {
    /// Whether a field of this kind may come with `wire_type`.
    pub(super) fn accepts(&self, wire_type: u64) -> bool {
        match self {
            Self::Varint => wire_type == 0,
            Self::Fixed64 => wire_type == 1,
            Self::Fixed32 => wire_type == 5,
            Self::Text | Self::Bytes | Self::Message(_) => wire_type == 2,
            Self::PackedFixed64 => matches!(wire_type, 1 | 2),
            Self::PackedVarint => matches!(wire_type, 0 | 2),
        }
    }
}

/// One field of a message.
pub(super) struct Field {
    pub number: u32,
    pub name: &'static str,
    pub kind: Kind,
}

/// A message: its name and its fields.
pub struct Shape {
    pub(super) name: &'static str,
    pub(super) fields: &'static [Field],
}

const fn field(number: u32, name: &'static str, kind: Kind) -> Field {
    Field { number, name, kind }
}

static ANY_VALUE: Shape = Shape {
    name: "AnyValue",
    fields: &[
        field(1, "string_value", Kind::Text),
        field(2, "bool_value", Kind::Varint),
        field(3, "int_value", Kind::Varint),
        field(4, "double_value", Kind::Fixed64),
        field(5, "array_value", Kind::Message(&ARRAY_VALUE)),
        field(6, "kvlist_value", Kind::Message(&KEY_VALUE_LIST)),
        field(7, "bytes_value", Kind::Bytes),
        field(8, "string_value_strindex", Kind::Varint),
    ],
};

static ARRAY_VALUE: Shape = Shape { name: "ArrayValue", fields: &[field(1, "values", Kind::Message(&ANY_VALUE))] };

static KEY_VALUE_LIST: Shape = Shape { name: "KeyValueList", fields: &[field(1, "values", Kind::Message(&KEY_VALUE))] };

static KEY_VALUE: Shape = Shape {
    name: "KeyValue",
    fields: &[
        field(1, "key", Kind::Text),
        field(2, "value", Kind::Message(&ANY_VALUE)),
        field(3, "key_strindex", Kind::Varint),
    ],
};

static SCOPE: Shape = Shape {
    name: "InstrumentationScope",
    fields: &[
        field(1, "name", Kind::Text),
        field(2, "version", Kind::Text),
        field(3, "attributes", Kind::Message(&KEY_VALUE)),
        field(4, "dropped_attributes_count", Kind::Varint),
    ],
};

static ENTITY_REF: Shape = Shape {
    name: "EntityRef",
    fields: &[
        field(1, "schema_url", Kind::Text),
        field(2, "type", Kind::Text),
        field(3, "id_keys", Kind::Text),
        field(4, "description_keys", Kind::Text),
    ],
};

static RESOURCE: Shape = Shape {
    name: "Resource",
    fields: &[
        field(1, "attributes", Kind::Message(&KEY_VALUE)),
        field(2, "dropped_attributes_count", Kind::Varint),
        field(3, "entity_refs", Kind::Message(&ENTITY_REF)),
    ],
};

pub(super) static LOGS_REQUEST: Shape =
    Shape { name: "ExportLogsServiceRequest", fields: &[field(1, "resource_logs", Kind::Message(&RESOURCE_LOGS))] };

static RESOURCE_LOGS: Shape = Shape {
    name: "ResourceLogs",
    fields: &[
        field(1, "resource", Kind::Message(&RESOURCE)),
        field(2, "scope_logs", Kind::Message(&SCOPE_LOGS)),
        field(3, "schema_url", Kind::Text),
    ],
};

static SCOPE_LOGS: Shape = Shape {
    name: "ScopeLogs",
    fields: &[
        field(1, "scope", Kind::Message(&SCOPE)),
        field(2, "log_records", Kind::Message(&LOG_RECORD)),
        field(3, "schema_url", Kind::Text),
    ],
};

static LOG_RECORD: Shape = Shape {
    name: "LogRecord",
    fields: &[
        field(1, "time_unix_nano", Kind::Fixed64),
        field(2, "severity_number", Kind::Varint),
        field(3, "severity_text", Kind::Text),
        field(5, "body", Kind::Message(&ANY_VALUE)),
        field(6, "attributes", Kind::Message(&KEY_VALUE)),
        field(7, "dropped_attributes_count", Kind::Varint),
        field(8, "flags", Kind::Fixed32),
        field(9, "trace_id", Kind::Bytes),
        field(10, "span_id", Kind::Bytes),
        field(11, "observed_time_unix_nano", Kind::Fixed64),
        field(12, "event_name", Kind::Text),
    ],
};

pub(super) static TRACES_REQUEST: Shape =
    Shape { name: "ExportTraceServiceRequest", fields: &[field(1, "resource_spans", Kind::Message(&RESOURCE_SPANS))] };

static RESOURCE_SPANS: Shape = Shape {
    name: "ResourceSpans",
    fields: &[
        field(1, "resource", Kind::Message(&RESOURCE)),
        field(2, "scope_spans", Kind::Message(&SCOPE_SPANS)),
        field(3, "schema_url", Kind::Text),
    ],
};

static SCOPE_SPANS: Shape = Shape {
    name: "ScopeSpans",
    fields: &[
        field(1, "scope", Kind::Message(&SCOPE)),
        field(2, "spans", Kind::Message(&SPAN)),
        field(3, "schema_url", Kind::Text),
    ],
};

static SPAN: Shape = Shape {
    name: "Span",
    fields: &[
        field(1, "trace_id", Kind::Bytes),
        field(2, "span_id", Kind::Bytes),
        field(3, "trace_state", Kind::Text),
        field(4, "parent_span_id", Kind::Bytes),
        field(5, "name", Kind::Text),
        field(6, "kind", Kind::Varint),
        field(7, "start_time_unix_nano", Kind::Fixed64),
        field(8, "end_time_unix_nano", Kind::Fixed64),
        field(9, "attributes", Kind::Message(&KEY_VALUE)),
        field(10, "dropped_attributes_count", Kind::Varint),
        field(11, "events", Kind::Message(&EVENT)),
        field(12, "dropped_events_count", Kind::Varint),
        field(13, "links", Kind::Message(&LINK)),
        field(14, "dropped_links_count", Kind::Varint),
        field(15, "status", Kind::Message(&STATUS)),
        field(16, "flags", Kind::Fixed32),
    ],
};

static EVENT: Shape = Shape {
    name: "Span.Event",
    fields: &[
        field(1, "time_unix_nano", Kind::Fixed64),
        field(2, "name", Kind::Text),
        field(3, "attributes", Kind::Message(&KEY_VALUE)),
        field(4, "dropped_attributes_count", Kind::Varint),
    ],
};

static LINK: Shape = Shape {
    name: "Span.Link",
    fields: &[
        field(1, "trace_id", Kind::Bytes),
        field(2, "span_id", Kind::Bytes),
        field(3, "trace_state", Kind::Text),
        field(4, "attributes", Kind::Message(&KEY_VALUE)),
        field(5, "dropped_attributes_count", Kind::Varint),
        field(6, "flags", Kind::Fixed32),
    ],
};

static STATUS: Shape =
    Shape { name: "Status", fields: &[field(2, "message", Kind::Text), field(3, "code", Kind::Varint)] };

pub(super) static METRICS_REQUEST: Shape = Shape {
    name: "ExportMetricsServiceRequest",
    fields: &[field(1, "resource_metrics", Kind::Message(&RESOURCE_METRICS))],
};

static RESOURCE_METRICS: Shape = Shape {
    name: "ResourceMetrics",
    fields: &[
        field(1, "resource", Kind::Message(&RESOURCE)),
        field(2, "scope_metrics", Kind::Message(&SCOPE_METRICS)),
        field(3, "schema_url", Kind::Text),
    ],
};

static SCOPE_METRICS: Shape = Shape {
    name: "ScopeMetrics",
    fields: &[
        field(1, "scope", Kind::Message(&SCOPE)),
        field(2, "metrics", Kind::Message(&METRIC)),
        field(3, "schema_url", Kind::Text),
    ],
};

static METRIC: Shape = Shape {
    name: "Metric",
    fields: &[
        field(1, "name", Kind::Text),
        field(2, "description", Kind::Text),
        field(3, "unit", Kind::Text),
        field(5, "gauge", Kind::Message(&GAUGE)),
        field(7, "sum", Kind::Message(&SUM)),
        field(9, "histogram", Kind::Message(&HISTOGRAM)),
        field(10, "exponential_histogram", Kind::Message(&EXPONENTIAL_HISTOGRAM)),
        field(11, "summary", Kind::Message(&SUMMARY)),
        field(12, "metadata", Kind::Message(&KEY_VALUE)),
    ],
};

static GAUGE: Shape = Shape { name: "Gauge", fields: &[field(1, "data_points", Kind::Message(&NUMBER_POINT))] };

static SUM: Shape = Shape {
    name: "Sum",
    fields: &[
        field(1, "data_points", Kind::Message(&NUMBER_POINT)),
        field(2, "aggregation_temporality", Kind::Varint),
        field(3, "is_monotonic", Kind::Varint),
    ],
};

static HISTOGRAM: Shape = Shape {
    name: "Histogram",
    fields: &[
        field(1, "data_points", Kind::Message(&HISTOGRAM_POINT)),
        field(2, "aggregation_temporality", Kind::Varint),
    ],
};

static EXPONENTIAL_HISTOGRAM: Shape = Shape {
    name: "ExponentialHistogram",
    fields: &[
        field(1, "data_points", Kind::Message(&EXPONENTIAL_POINT)),
        field(2, "aggregation_temporality", Kind::Varint),
    ],
};

static SUMMARY: Shape = Shape { name: "Summary", fields: &[field(1, "data_points", Kind::Message(&SUMMARY_POINT))] };

static NUMBER_POINT: Shape = Shape {
    name: "NumberDataPoint",
    fields: &[
        field(2, "start_time_unix_nano", Kind::Fixed64),
        field(3, "time_unix_nano", Kind::Fixed64),
        field(4, "as_double", Kind::Fixed64),
        field(5, "exemplars", Kind::Message(&EXEMPLAR)),
        field(6, "as_int", Kind::Fixed64),
        field(7, "attributes", Kind::Message(&KEY_VALUE)),
        field(8, "flags", Kind::Varint),
    ],
};

static HISTOGRAM_POINT: Shape = Shape {
    name: "HistogramDataPoint",
    fields: &[
        field(2, "start_time_unix_nano", Kind::Fixed64),
        field(3, "time_unix_nano", Kind::Fixed64),
        field(4, "count", Kind::Fixed64),
        field(5, "sum", Kind::Fixed64),
        field(6, "bucket_counts", Kind::PackedFixed64),
        field(7, "explicit_bounds", Kind::PackedFixed64),
        field(8, "exemplars", Kind::Message(&EXEMPLAR)),
        field(9, "attributes", Kind::Message(&KEY_VALUE)),
        field(10, "flags", Kind::Varint),
        field(11, "min", Kind::Fixed64),
        field(12, "max", Kind::Fixed64),
    ],
};

static EXPONENTIAL_POINT: Shape = Shape {
    name: "ExponentialHistogramDataPoint",
    fields: &[
        field(1, "attributes", Kind::Message(&KEY_VALUE)),
        field(2, "start_time_unix_nano", Kind::Fixed64),
        field(3, "time_unix_nano", Kind::Fixed64),
        field(4, "count", Kind::Fixed64),
        field(5, "sum", Kind::Fixed64),
        field(6, "scale", Kind::Varint),
        field(7, "zero_count", Kind::Fixed64),
        field(8, "positive", Kind::Message(&BUCKETS)),
        field(9, "negative", Kind::Message(&BUCKETS)),
        field(10, "flags", Kind::Varint),
        field(11, "exemplars", Kind::Message(&EXEMPLAR)),
        field(12, "min", Kind::Fixed64),
        field(13, "max", Kind::Fixed64),
        field(14, "zero_threshold", Kind::Fixed64),
    ],
};

static BUCKETS: Shape = Shape {
    name: "Buckets",
    fields: &[field(1, "offset", Kind::Varint), field(2, "bucket_counts", Kind::PackedVarint)],
};

static SUMMARY_POINT: Shape = Shape {
    name: "SummaryDataPoint",
    fields: &[
        field(2, "start_time_unix_nano", Kind::Fixed64),
        field(3, "time_unix_nano", Kind::Fixed64),
        field(4, "count", Kind::Fixed64),
        field(5, "sum", Kind::Fixed64),
        field(6, "quantile_values", Kind::Message(&QUANTILE)),
        field(7, "attributes", Kind::Message(&KEY_VALUE)),
        field(8, "flags", Kind::Varint),
    ],
};

static QUANTILE: Shape =
    Shape { name: "ValueAtQuantile", fields: &[field(1, "quantile", Kind::Fixed64), field(2, "value", Kind::Fixed64)] };

static EXEMPLAR: Shape = Shape {
    name: "Exemplar",
    fields: &[
        field(2, "time_unix_nano", Kind::Fixed64),
        field(3, "as_double", Kind::Fixed64),
        field(4, "span_id", Kind::Bytes),
        field(5, "trace_id", Kind::Bytes),
        field(6, "as_int", Kind::Fixed64),
        field(7, "filtered_attributes", Kind::Message(&KEY_VALUE)),
    ],
};
