//! Settings of the agent.

use crate::{Backoff, BatchLimits};
use std::path::PathBuf;

/// Settings of the agent.
#[derive(Clone, Debug)]
pub struct Config {
    /// The ports that OTLP comes in by, and the limits of requests.
    pub receive: lgtm_receive::Config,
    /// Where it goes.
    pub server: lgtm_peer::Config,
    /// How much goes into one request.
    pub batch: BatchLimits,
    /// How much may wait on disk.
    pub queue: QueueLimits,
    /// How long to wait between attempts.
    pub backoff: Backoff,
    /// Where the queues lie: one directory a signal is made in it.
    pub queue_directory: PathBuf,
}

/// How much each signal's queue may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QueueLimits {
    /// Bytes a signal (default: 512 MiB); beyond it clients get 429.
    pub bytes_max: u64,
    /// Bytes a file (default: 16 MiB).
    pub segment_bytes_max: u64,
}

impl Default for QueueLimits {
    fn default() -> Self {
        Self { bytes_max: 512 << 20, segment_bytes_max: 16 << 20 }
    }
}

impl Config {
    /// The defaults, with queues in `queue_directory` and `server` at the other end.
    pub fn new(queue_directory: PathBuf, server: lgtm_peer::Config) -> Self {
        Self {
            receive: lgtm_receive::Config::default(),
            server,
            batch: BatchLimits::default(),
            queue: QueueLimits::default(),
            backoff: Backoff::default(),
            queue_directory,
        }
    }
}
