//! Why a request was not accepted, and how each protocol says so.

use lgtm_flow::SinkError;
use lgtm_wire::otlp::{DecodeError, RpcStatus};
use std::time::Duration;
use thiserror::Error;

/// A request that was not accepted.
#[derive(Debug, Error)]
pub enum Refusal {
    /// The bytes are no OTLP message.
    #[error(transparent)]
    Malformed(#[from] DecodeError),
    /// The body's compression is broken.
    #[error("malformed gzip at about byte {offset} of the decompressed body: {reason}")]
    Compression {
        /// Bytes that could be decompressed.
        offset: usize,
        /// What is wrong.
        reason: String,
    },
    /// The connection ended before the body did.
    #[error("the request's body could not be read: {0}")]
    Incomplete(String),
    /// The request exceeds a size limit.
    #[error(
        "the request has more than request_bytes_max = {limit_bytes} bytes; send smaller batches or raise receive.request_bytes_max"
    )]
    TooLarge {
        /// The limit.
        limit_bytes: usize,
    },
    /// A content type or encoding that is not spoken here.
    #[error("{0}")]
    Unsupported(String),
    /// The sink did not take it.
    #[error(transparent)]
    Sink(#[from] SinkError),
}

impl Refusal {
    /// The label that counts it.
    pub(crate) fn outcome(&self) -> &'static str {
        match self {
            Self::Malformed(_) | Self::Compression { .. } | Self::Incomplete(_) => "malformed",
            Self::TooLarge { .. } => "too_large",
            Self::Unsupported(_) => "unsupported",
            Self::Sink(SinkError::Overloaded { .. }) => "overloaded",
            Self::Sink(SinkError::Refused(_)) => "refused",
            Self::Sink(SinkError::Unavailable(_)) => "unavailable",
        }
    }

    /// The HTTP status that OTLP/HTTP wants.
    pub fn http_status(&self) -> http::StatusCode {
        use http::StatusCode as Code;
        match self {
            Self::TooLarge { .. } => Code::PAYLOAD_TOO_LARGE,
            Self::Unsupported(_) => Code::UNSUPPORTED_MEDIA_TYPE,
            Self::Sink(SinkError::Overloaded { .. }) => Code::TOO_MANY_REQUESTS,
            Self::Sink(SinkError::Unavailable(_)) => Code::SERVICE_UNAVAILABLE,
            _ => Code::BAD_REQUEST,
        }
    }

    /// When to come back, where that is known.
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Sink(SinkError::Overloaded { retry_after, .. }) => Some(*retry_after),
            _ => None,
        }
    }

    /// The same as `google.rpc.Status`.
    pub fn rpc_status(&self) -> RpcStatus {
        use tonic::Code;
        let code = match self {
            Self::TooLarge { .. } => Code::OutOfRange,
            Self::Sink(SinkError::Overloaded { .. }) => Code::ResourceExhausted,
            Self::Sink(SinkError::Unavailable(_)) => Code::Unavailable,
            _ => Code::InvalidArgument,
        };
        let status = RpcStatus::new(code as i32, self.to_string());
        match self.retry_after() {
            Some(delay) => status.with_retry_after(delay),
            None => status,
        }
    }
}
