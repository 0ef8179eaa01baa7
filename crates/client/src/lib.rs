//! The HTTP client that configuration files describe: `http_config` of Prometheus and Alertmanager, with its
//! authentication, TLS, headers and proxies. Whoever scrapes, probes or notifies reads and uses the same one.
//!
//! Knows nothing of what is sent or asked for.

mod config;
mod oauth2;
mod proxy;
mod send;
mod tls;

pub use config::{Auth, HeaderValue, HttpClient, headers};
pub use oauth2::OAuth2;
pub use proxy::ProxyConfig;
pub use send::{HttpSender, chain};
pub use tls::{Tls, TlsVersion};
