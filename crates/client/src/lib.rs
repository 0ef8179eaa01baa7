//! The HTTP client that configuration files describe: `http_config` of Prometheus and Alertmanager, with its
//! authentication, TLS, headers and proxies. Whoever scrapes, probes or notifies reads and uses the same one.
//!
//! Knows nothing of what is sent or asked for.

mod config;
mod send;

pub use config::{Auth, HeaderValue, HttpClient, Tls};
pub use send::{HttpSender, chain};
