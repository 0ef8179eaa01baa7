//! Addresses and limits.

use std::net::{Ipv4Addr, SocketAddr};

/// An address to listen on, and what a person calls it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListenAddress {
    /// The address; port 0 takes a free one.
    pub address: SocketAddr,
    /// The setting or flag that moves it, for error messages.
    pub setting: String,
}

impl ListenAddress {
    /// A port on the loopback interface.
    pub fn loopback(port: u16, setting: &str) -> Self {
        Self { address: (Ipv4Addr::LOCALHOST, port).into(), setting: setting.to_owned() }
    }
}

/// Settings of the receiver.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// Where OTLP/gRPC is served (default: loopback, 4317).
    pub grpc_listen: ListenAddress,
    /// Where OTLP/HTTP is served (default: loopback, 4318).
    pub http_listen: ListenAddress,
    /// Bytes of one request after decompression (default: 16 MiB); larger ones get 413 or `OUT_OF_RANGE`.
    pub request_bytes_max: usize,
    /// Bytes of all requests that are being stored at one time (default: 64 MiB); beyond it 429 or `RESOURCE_EXHAUSTED`.
    pub in_flight_bytes_max: usize,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            grpc_listen: ListenAddress::loopback(4317, "receive.grpc_listen"),
            http_listen: ListenAddress::loopback(4318, "receive.http_listen"),
            request_bytes_max: 16 << 20,
            in_flight_bytes_max: 64 << 20,
        }
    }
}
