//! Log records.

use crate::{Labels, SpanId, TimestampNs, TraceId};

/// OTLP severity numbers, 1 to 24; 0 when the sender said nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Severity(pub u8);

impl Severity {
    /// The range's name in lower case, as Loki's `detected_level` writes it.
    pub fn level(self) -> &'static str {
        match self.0 {
            1..=4 => "trace",
            5..=8 => "debug",
            9..=12 => "info",
            13..=16 => "warn",
            17..=20 => "error",
            21..=24 => "fatal",
            _ => "unknown",
        }
    }
}

/// One log line with everything known about it.
#[derive(Clone, Debug, PartialEq)]
pub struct LogRecord {
    /// The stream it belongs to: few labels with few values (`service_name`, `host_name`, …).
    pub stream: Labels,
    /// When it happened; the time of receipt when the sender did not say.
    pub timestamp: TimestampNs,
    /// How bad it is.
    pub severity: Severity,
    /// The line itself.
    pub body: String,
    /// The trace in whose course it was written.
    pub trace_id: Option<TraceId>,
    /// The span in whose course it was written.
    pub span_id: Option<SpanId>,
    /// Everything else (Loki's structured metadata): names and values as texts, sorted by name.
    pub attributes: Labels,
}
