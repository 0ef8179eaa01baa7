//! Everything pushed to us: OTLP over gRPC and over HTTP, and the metrics of short jobs ([`pushgateway`]).
//!
//! A request is read within its size limit, counted against the bytes that may be under way at once, decoded,
//! translated by `lgtm-wire` and handed to the sinks. The answer follows the sink: acknowledged only when the sink has
//! acknowledged. This crate knows nothing of what lies behind the sinks.

mod config;
mod grpc;
mod http;
mod intake;
mod listen;
mod meter;
pub mod pushgateway;
mod refusal;
mod start;

pub use config::{Config, ListenAddress};
pub use grpc::otlp_grpc;
pub use http::otlp_http_router;
pub use intake::Intake;
pub use listen::ListenError;
pub use refusal::Refusal;
pub use start::{Handle, start};

use lgtm_flow::Sinks;
use lgtm_runtime::SharedClock;
use lgtm_runtime::metrics::Registry;

/// What this component works with.
#[derive(Clone)]
pub struct Deps {
    /// Where the data goes.
    pub sinks: Sinks,
    /// The time of data that carries none.
    pub clock: SharedClock,
    /// Where accepted and refused data is counted.
    pub registry: Registry,
}
