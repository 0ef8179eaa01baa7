//! Why a push was not taken, and why a Pushgateway cannot start.

use super::grouping::GroupingError;
use crate::ListenError;
use http::StatusCode;
use std::path::PathBuf;
use thiserror::Error;

/// A push or a deletion that was not taken.
#[derive(Debug, Error)]
pub enum PushError {
    /// The path names no group.
    #[error(transparent)]
    Grouping(#[from] GroupingError),
    /// The body is no exposition.
    #[error("{0}")]
    Malformed(String),
    /// The body is compressed in a way that is not spoken here.
    #[error("content encoding {0:?} is not supported; send gzip, snappy or identity")]
    Encoding(String),
    /// The metrics cannot stand beside what is there. The group remembers the failure.
    #[error("pushed metrics are invalid or inconsistent with existing metrics: {0}")]
    Inconsistent(String),
    /// The body is larger than it may be.
    #[error(
        "the push has more than body_bytes_max = {limit_bytes} bytes; push less or raise pushgateway.body_bytes_max"
    )]
    TooLarge {
        /// The limit.
        limit_bytes: usize,
    },
    /// There is no room for what was pushed.
    #[error(
        "{what} would exceed {limit} = {value}; delete groups that are no longer needed or raise pushgateway.{limit}"
    )]
    Full {
        /// What there is too much of.
        what: &'static str,
        /// The limit's name.
        limit: &'static str,
        /// Its value.
        value: usize,
    },
    /// Too many pushes at one time.
    #[error(
        "pushes_in_flight_max = {0} pushes are under way; come back later or raise pushgateway.pushes_in_flight_max"
    )]
    Busy(usize),
    /// The push could not be made durable, and was not taken.
    #[error("the push could not be written to {path}: {reason}")]
    Journal {
        /// The journal.
        path: PathBuf,
        /// What the operating system says.
        reason: String,
    },
    /// The connection ended before the body did.
    #[error("the request's body could not be read: {0}")]
    Incomplete(String),
}

impl PushError {
    /// The HTTP status that says so.
    pub fn http_status(&self) -> StatusCode {
        match self {
            Self::Encoding(_) => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::TooLarge { .. } => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Full { .. } | Self::Busy(_) => StatusCode::TOO_MANY_REQUESTS,
            Self::Journal { .. } => StatusCode::SERVICE_UNAVAILABLE,
            _ => StatusCode::BAD_REQUEST,
        }
    }

    /// Whether trying again later may help.
    pub fn is_temporary(&self) -> bool {
        matches!(self, Self::Full { .. } | Self::Busy(_) | Self::Journal { .. })
    }

    /// The label that counts it.
    pub(super) fn reason(&self) -> &'static str {
        match self {
            Self::Grouping(_) | Self::Malformed(_) | Self::Incomplete(_) => "malformed",
            Self::Encoding(_) => "unsupported",
            Self::Inconsistent(_) => "inconsistent",
            Self::TooLarge { .. } => "too_large",
            Self::Full { .. } => "full",
            Self::Busy(_) => "busy",
            Self::Journal { .. } => "unavailable",
        }
    }
}

/// Every [`PushError::reason`].
pub(super) const REASONS: [&str; 7] =
    ["malformed", "unsupported", "inconsistent", "too_large", "full", "busy", "unavailable"];

/// A Pushgateway that cannot start.
#[derive(Debug, Error)]
pub enum StartError {
    /// The port cannot be opened.
    #[error(transparent)]
    Listen(#[from] ListenError),
    /// The journal cannot be read or mended.
    #[error("the pushed metrics in {path} cannot be read: {source}")]
    Journal {
        /// The journal.
        path: PathBuf,
        /// What the operating system says.
        source: std::io::Error,
    },
    /// The file is something else.
    #[error("{0} is no Pushgateway journal of a version known here; move it away to begin with an empty one")]
    Foreign(PathBuf),
}
