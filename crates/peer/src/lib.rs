//! The sinks over HTTP, for components that run alone: samples, log records and spans to another lgtm, or to anything
//! that speaks OTLP/HTTP.
//!
//! One call is one request; batching, queueing and back-off are the caller's. What the other side answers comes back as
//! a [`lgtm_flow::SinkError`] that says what to do ([`verdict`]). This crate knows nothing of what calls it.

mod exporter;
mod sinks;
mod verdict;

pub use exporter::{Config, OtlpPeer, PeerError};
