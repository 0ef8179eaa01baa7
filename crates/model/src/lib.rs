//! The vocabulary that every other crate speaks: labels, samples, log records, spans, alerts, time, matchers, relabelling.
//!
//! This crate knows nothing of files, sockets, threads, clocks or serialisation formats. Types here carry no wire-format
//! derives: `lgtm-wire` and `lgtm-api` own the shapes that leave the program.

mod alert;
mod attribute;
mod batch;
mod id;
mod labels;
mod log;
mod matcher;
mod metadata;
mod relabel;
mod sample;
mod span;
mod time;

pub use alert::Alert;
pub use attribute::{AttributeValue, Attributes};
pub use batch::{MetadataRow, SampleBatch, SampleRow};
pub use id::{SpanId, TraceId};
pub use labels::{Labels, LabelsBuilder, METRIC_NAME};
pub use log::{LogRecord, Severity};
pub use matcher::{MatchOp, Matcher, MatcherError};
pub use metadata::{Metadata, MetricType};
pub use relabel::{NameRules, RelabelAction, RelabelError, RelabelRule, RelabelSpec, relabel};
pub use sample::{Exemplar, STALE_NAN_BITS, Sample, is_stale_nan, stale_nan};
pub use span::{Resource, Span, SpanEvent, SpanKind, SpanLink, SpanStatus, StatusCode};
pub use time::{DurationError, TimestampMs, TimestampNs, format_duration_ms, parse_duration_ms};
