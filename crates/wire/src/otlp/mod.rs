//! OTLP (OpenTelemetry Protocol 1.x) to the model and back.
//!
//! Inwards: [`decode`] turns bytes into the protocol's own messages and says *where* they are broken; [`log_records`],
//! [`spans`] and [`samples`] turn messages into the model, each returning what it could not take and why, as OTLP's
//! partial success wants it. Outwards: [`logs_request`], [`traces_request`] and [`metrics_request`] build requests which
//! the inward functions turn back into the very same records. See [`VERBATIM_SCOPE`] for how that is told apart from
//! data that wants translation.

pub mod decode;
mod fault;
mod logs;
mod logs_request;
mod metrics;
mod name;
mod outcome;
mod shapes;
mod spans;
mod spans_request;
mod status;
mod stream;
mod value;

pub use decode::{DecodeError, Payload};
pub use logs::log_records;
pub use logs_request::logs_request;
pub use metrics::{metrics_request, samples};
pub use name::{NamedType, label_name, metric_name, unit_name};
pub use outcome::Outcome;
pub use spans::spans;
pub use spans_request::{span_to_proto, traces_request};
pub use status::RpcStatus;
pub use value::{attributes_from_proto, attributes_to_proto, value_from_proto, value_to_proto};

/// The protocol's messages and gRPC services.
pub use opentelemetry_proto::tonic as proto;

/// Name of the instrumentation scope that marks data which already carries its final names.
///
/// Within it a metric's name and its point attributes are the series as they are: no unit or type suffix, no escaping,
/// no `job`, `instance` or `target_info` from the resource; and a log record's resource attributes are its stream's
/// labels, all of them. An agent that forwards `node_cpu_seconds_total` uses it, so that the server keeps the same name.
/// Other programs see ordinary OTLP. The metadata of a metric says its Prometheus type under `prometheus.type`, the
/// key that the OpenTelemetry Collector's Prometheus receiver uses.
pub const VERBATIM_SCOPE: &str = "lgtm.verbatim";

/// One of the three signals that OTLP carries here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Signal {
    /// Log records.
    Logs,
    /// Spans.
    Traces,
    /// Metric points.
    Metrics,
}

impl Signal {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Logs, Self::Traces, Self::Metrics];

    /// The name in paths and metric labels.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Logs => "logs",
            Self::Traces => "traces",
            Self::Metrics => "metrics",
        }
    }

    /// The path under an OTLP/HTTP endpoint.
    pub fn path(self) -> &'static str {
        match self {
            Self::Logs => "/v1/logs",
            Self::Traces => "/v1/traces",
            Self::Metrics => "/v1/metrics",
        }
    }
}
