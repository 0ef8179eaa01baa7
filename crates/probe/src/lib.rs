//! Probes from outside, as the Blackbox Exporter makes them: HTTP, TCP, ICMP, DNS, gRPC, Unix sockets and WebSocket, by
//! the modules of a `blackbox.yml`, with the same verdicts, metrics and help texts.
//!
//! ```no_run
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! # use lgtm_probe::{Config, Deps, ProbeRequest, start};
//! # let (trigger, shutdown) = lgtm_runtime::ShutdownTrigger::new();
//! let config = Config::read_file("blackbox.yml".as_ref())?.value;
//! let deps = Deps {
//!     clock: lgtm_runtime::SystemClock::shared(),
//!     registry: lgtm_runtime::metrics::Registry::default(),
//!     random: lgtm_runtime::Random::from_entropy(),
//! };
//! let handle = start(config, deps, shutdown);
//! let outcome = handle.probe(&ProbeRequest::new("https://example.com/", "http_2xx")).await?;
//! println!("{}", outcome.in_words());
//! handle.reload_file("blackbox.yml".as_ref())?;
//! # Ok(()) }
//! ```
//!
//! A prober (`tcp.rs`, `dns.rs` and so on) works on one `Run`: it fills a sheet with metrics and a log with
//! what it does, and every wait of it is bounded by the run's deadline, so that what was found before a timeout is told.
//! Every connection is opened here, because a client library would not tell how long each phase took. Modules are
//! validated when they are read; what cannot be spoken (HTTP/3, TLS below 1.2) is named then.
//!
//! This crate answers no HTTP itself: `lgtm-api` does, and the scraper asks [`Handle::scrape`] without a hop.

mod auth;
mod config;
mod conversation;
mod dial;
mod dns;
mod grpc;
mod handle;
mod history;
mod http;
mod icmp;
mod local;
mod log;
mod metric;
mod outcome;
mod request;
mod resolve;
mod run;
mod tcp;
mod tls;
mod unix;
mod websocket;

pub use config::{
    CelError, CelProgram, Config, DnsProbe, GrpcProbe, HeaderRule, HttpProbe, IcmpProbe, IpPreference, Kind, Limits,
    Module, Pattern, RecordRules, Step, TcpProbe, UnixProbe, WebsocketProbe, is_acceptable,
};
pub use handle::{Deps, Handle, Prober, check_file, start};
pub use history::PastProbe;
pub use local::{LOCAL_NAME, claims};
pub use metric::exported_metrics;
pub use outcome::Outcome;
pub use request::{ProbeError, ProbeRequest};
