//! Why a sink did not take a batch, sorted by what the caller must do.

use std::time::Duration;
use thiserror::Error;

/// A batch that was not acknowledged. Nothing of it may be assumed stored.
#[derive(Clone, Debug, Error)]
pub enum SinkError {
    /// Try again after the given time (HTTP 429 with `Retry-After`, gRPC `RESOURCE_EXHAUSTED` with `RetryInfo`).
    #[error("overloaded: {limit}; try again in {} s", retry_after.as_secs_f64())]
    Overloaded {
        /// Which limit was reached, its value, and the setting that raises it.
        limit: String,
        /// When to come back.
        retry_after: Duration,
    },
    /// Do not try again: the data itself is refused (HTTP 400, gRPC `INVALID_ARGUMENT`).
    #[error("refused: {0}")]
    Refused(String),
    /// Try again later with back-off: the place where it should go is not there now (HTTP 503, gRPC `UNAVAILABLE`).
    #[error("unavailable: {0}")]
    Unavailable(String),
}
