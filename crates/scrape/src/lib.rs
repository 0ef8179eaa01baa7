//! Pull targets: what `prometheus.yml` names is found, asked at its interval, and handed to a sample sink.
//!
//! [`Config`] is a real `prometheus.yml`. [`start`] runs one manager, which finds targets (static and from files,
//! re-read when they change), relabels them, and keeps one worker a target. A worker asks its target, turns the answer
//! into one batch, and adds what Prometheus adds: `up`, the `scrape_*` series, and staleness markers for series that
//! vanished and for targets that failed or were removed. This crate knows sinks only; where samples go is not its
//! business.

mod cache;
mod client;
pub mod config;
mod discovery;
mod handle;
mod ingest;
mod local;
mod manager;
mod target;
mod worker;

pub use config::Config;
pub use discovery::FileGroups;
pub use handle::{ActiveTarget, Deps, DroppedTarget, Handle, Health, TargetsSnapshot, start, start_with_local};
pub use local::LocalTarget;
