//! Why a command failed, as it is told on the terminal.

use std::path::PathBuf;
use thiserror::Error;

/// A failed command. The sources write their own advice; here they only meet.
#[derive(Debug, Error)]
pub enum RunError {
    /// Settings that cannot be used.
    #[error("{0}")]
    Settings(String),
    /// A listener that cannot be had.
    #[error(transparent)]
    Listen(#[from] lgtm_access::ListenError),
    /// The OTLP receiver did not start.
    #[error(transparent)]
    Receive(#[from] lgtm_receive::ListenError),
    /// The store cannot be opened.
    #[error("cannot open the data folder: {0}")]
    Store(#[from] lgtm_store::StoreError),
    /// The query engine cannot be had.
    #[error("cannot open the tables: {0}")]
    Table(#[from] lgtm_store::table::TableError),
    /// The metrics cannot be opened.
    #[error("cannot open the metrics: {0}")]
    Metrics(#[from] lgtm_metrics::MetricsError),
    /// The logs cannot be opened.
    #[error("cannot open the logs: {0}")]
    Logs(#[from] lgtm_logs::LogsError),
    /// The traces cannot be opened.
    #[error("cannot open the traces: {0}")]
    Traces(#[from] lgtm_traces::TracesError),
    /// The agent did not start.
    #[error("the agent cannot start: {0}")]
    Agent(String),
    /// The shop did not start.
    #[error(transparent)]
    Shop(#[from] lgtm_drill::shop::StartError),
    /// The demo's shop did not start as a process.
    #[error("the demo's shop cannot start: {0}")]
    ShopProcess(String),
    /// The demo's inbox did not start.
    #[error("the demo's inbox cannot listen on {0}: {1}; choose free ports with --listen 127.0.0.1:0")]
    Inbox(std::net::SocketAddr, std::io::Error),
    /// The Pushgateway's groups cannot be read.
    #[error("cannot open the pushes: {0}")]
    Push(#[from] lgtm_receive::pushgateway::StartError),
    /// Silences and the notification log cannot be read.
    #[error("cannot open the state: {0}")]
    State(#[from] lgtm_state::StateError),
    /// The notifier cannot start, or not with this configuration.
    #[error(transparent)]
    Notify(#[from] lgtm_notify::StartError),
    /// A command that cannot be carried out.
    #[error("{0}")]
    Command(String),
    /// A file cannot be read.
    #[error("cannot read {path}: {source}")]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A file cannot be written.
    #[error("cannot write {path}: {source}")]
    Write {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
}
