//! Host metrics for Linux under node-exporter's names, read from `/proc` and `/sys`.
//!
//! One collector a subject ([`collectors`]); each reads its files anew for every collection and keeps nothing. A collector
//! whose files are missing or unreadable fails alone: `node_scrape_collector_success` says so, the others go on.
//! [`Host::families`] serves `/metrics`; [`start`] writes a batch to a sample sink in regular intervals. Exclusions
//! (pseudo file systems, partitions, the loopback device) are those of Debian's prometheus-node-exporter.

mod collectors;
mod config;
mod data_disk;
mod host;
mod read;
mod sheet;
mod start;

pub use config::{Config, Roots};
pub use data_disk::watch_data_disk;
pub use host::{Host, batch_of};
pub use start::{Deps, Handle, start};
