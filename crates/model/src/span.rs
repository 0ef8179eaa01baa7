//! Spans and what surrounds them (OTLP trace data model).

use crate::{Attributes, SpanId, TimestampNs, TraceId};
use std::sync::Arc;

/// Who produced a span: shared by all spans of one process and instrumentation library.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Resource {
    /// The resource attribute `service.name`; `unknown_service` when absent, as the specification says.
    pub service: String,
    /// All resource attributes, `service.name` among them.
    pub attributes: Attributes,
    /// The instrumentation scope's name.
    pub scope_name: String,
    /// The instrumentation scope's version.
    pub scope_version: String,
}

/// The part a span plays.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum SpanKind {
    /// Not said.
    #[default]
    Unspecified,
    /// Work within a process.
    Internal,
    /// Handling a remote request.
    Server,
    /// Making a remote request.
    Client,
    /// Sending a message.
    Producer,
    /// Handling a message.
    Consumer,
}

/// Whether the work succeeded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum StatusCode {
    /// Not said.
    #[default]
    Unset,
    /// Declared a success.
    Ok,
    /// Failed.
    Error,
}

/// A span's outcome.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SpanStatus {
    /// Success or failure.
    pub code: StatusCode,
    /// Why it failed, for people.
    pub message: String,
}

/// Something that happened within a span.
#[derive(Clone, Debug, PartialEq)]
pub struct SpanEvent {
    /// When.
    pub timestamp: TimestampNs,
    /// What.
    pub name: String,
    /// Its details.
    pub attributes: Attributes,
}

/// A pointer to another span, often of another trace.
#[derive(Clone, Debug, PartialEq)]
pub struct SpanLink {
    /// The other trace.
    pub trace_id: TraceId,
    /// The span in it.
    pub span_id: SpanId,
    /// Its details.
    pub attributes: Attributes,
}

/// One operation of one request.
#[derive(Clone, Debug, PartialEq)]
pub struct Span {
    /// The trace it belongs to.
    pub trace_id: TraceId,
    /// Its own name within the trace.
    pub span_id: SpanId,
    /// Its caller; `None` for the root.
    pub parent_span_id: Option<SpanId>,
    /// W3C `tracestate`, as received.
    pub trace_state: String,
    /// What was done.
    pub name: String,
    /// The part it plays.
    pub kind: SpanKind,
    /// When it began.
    pub start: TimestampNs,
    /// When it ended.
    pub end: TimestampNs,
    /// How it ended.
    pub status: SpanStatus,
    /// Who did it.
    pub resource: Arc<Resource>,
    /// Details.
    pub attributes: Attributes,
    /// What happened within.
    pub events: Vec<SpanEvent>,
    /// What it points to.
    pub links: Vec<SpanLink>,
}

impl Span {
    /// Nanoseconds from start to end; 0 when the clocks disagree.
    pub fn duration_ns(&self) -> i64 {
        self.end.since_ns(self.start).max(0)
    }
}
