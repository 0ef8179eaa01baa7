//! `google.rpc.Status`: the body of OTLP/HTTP error answers, and the trailer that tells a gRPC client when to return.

use prost::Message;
use serde::Serialize;
use std::time::Duration;

/// Type of the only detail that is ever sent.
const RETRY_INFO: &str = "type.googleapis.com/google.rpc.RetryInfo";

/// An error as gRPC and OTLP/HTTP spell it: a canonical code and a message for people.
#[derive(Clone, PartialEq, Message, Serialize)]
pub struct RpcStatus {
    /// A `google.rpc.Code`: 3 invalid argument, 8 resource exhausted, 14 unavailable, …
    #[prost(int32, tag = "1")]
    pub code: i32,
    /// What went wrong, for people.
    #[prost(string, tag = "2")]
    pub message: String,
    /// Typed details; left out of JSON, where they would need their types' own mapping.
    #[prost(message, repeated, tag = "3")]
    #[serde(skip)]
    pub details: Vec<RpcDetail>,
}

/// `google.protobuf.Any`: a message with its type's name.
#[derive(Clone, PartialEq, Message)]
pub struct RpcDetail {
    /// The type's name behind `type.googleapis.com/`.
    #[prost(string, tag = "1")]
    pub type_url: String,
    /// The message's bytes.
    #[prost(bytes = "vec", tag = "2")]
    pub value: Vec<u8>,
}

/// `google.rpc.RetryInfo`.
#[derive(Clone, PartialEq, Message)]
struct RetryInfo {
    #[prost(message, optional, tag = "1")]
    retry_delay: Option<ProtoDuration>,
}

/// `google.protobuf.Duration`.
#[derive(Clone, Copy, PartialEq, Message)]
struct ProtoDuration {
    #[prost(int64, tag = "1")]
    seconds: i64,
    #[prost(int32, tag = "2")]
    nanos: i32,
}

impl RpcStatus {
    /// An error without details.
    pub fn new(code: i32, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), details: Vec::new() }
    }

    /// The same error with the time after which the client should try again.
    pub fn with_retry_after(mut self, delay: Duration) -> Self {
        let seconds = i64::try_from(delay.as_secs()).unwrap_or(i64::MAX);
        let delay = ProtoDuration { seconds, nanos: delay.subsec_nanos().cast_signed() };
        let value = RetryInfo { retry_delay: Some(delay) }.encode_to_vec();
        self.details.push(RpcDetail { type_url: RETRY_INFO.to_owned(), value });
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_delay_is_encoded_as_google_defines_it() {
        let status = RpcStatus::new(8, "full").with_retry_after(Duration::from_millis(1_500));
        // RetryInfo { 1: Duration { 1: 1, 2: 500000000 } }
        assert_eq!(status.details[0].value, [0x0a, 8, 0x08, 1, 0x10, 0x80, 0xca, 0xb5, 0xee, 0x01]);
        assert_eq!(serde_json::to_string(&status).unwrap(), r#"{"code":8,"message":"full"}"#);
    }
}
