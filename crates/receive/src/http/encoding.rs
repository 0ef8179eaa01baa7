//! The two encodings of OTLP/HTTP.

use crate::Refusal;
use http::HeaderMap;
use http::header::CONTENT_TYPE;
use lgtm_wire::otlp::Payload;
use lgtm_wire::otlp::decode::{DecodeError, from_json, from_protobuf};
use prost::Message;
use serde::Serialize;

/// How a body is encoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Encoding {
    Protobuf,
    Json,
}

impl Encoding {
    /// Reads `Content-Type`; parameters such as `charset` are passed over.
    pub(super) fn of(headers: &HeaderMap) -> Result<Self, Refusal> {
        let header = headers.get(CONTENT_TYPE).map(|value| String::from_utf8_lossy(value.as_bytes()));
        let header = header.unwrap_or_default();
        match header.split(';').next().unwrap_or_default().trim().to_ascii_lowercase().as_str() {
            "application/x-protobuf" | "application/protobuf" => Ok(Self::Protobuf),
            "application/json" => Ok(Self::Json),
            _ => Err(Refusal::Unsupported(format!(
                "content type {header:?} is not supported; send application/x-protobuf or application/json"
            ))),
        }
    }

    pub(super) fn content_type(self) -> &'static str {
        match self {
            Self::Protobuf => "application/x-protobuf",
            Self::Json => "application/json",
        }
    }

    pub(super) fn decode<T: Payload>(self, bytes: &[u8]) -> Result<T, DecodeError> {
        match self {
            Self::Protobuf => from_protobuf(bytes),
            Self::Json => from_json(bytes),
        }
    }

    pub(super) fn encode<T: Message + Serialize>(self, message: &T) -> Vec<u8> {
        match self {
            Self::Protobuf => message.encode_to_vec(),
            // Answers are plain structs of numbers and texts, which always have a JSON form.
            Self::Json => serde_json::to_vec(message).unwrap_or_default(),
        }
    }
}
