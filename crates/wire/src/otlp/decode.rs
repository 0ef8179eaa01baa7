//! Bytes to OTLP messages, protobuf and JSON, with the place of the fault when they are broken.

use super::fault;
use super::proto::collector::logs::v1::{ExportLogsServiceRequest, ExportLogsServiceResponse};
use super::proto::collector::metrics::v1::{ExportMetricsServiceRequest, ExportMetricsServiceResponse};
use super::proto::collector::trace::v1::{ExportTraceServiceRequest, ExportTraceServiceResponse};
use super::shapes::{self, Shape};
use prost::Message;
use serde::Serialize;
use serde::de::DeserializeOwned;
use thiserror::Error;

/// Bytes that are no OTLP message.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum DecodeError {
    /// Broken protobuf.
    #[error("malformed protobuf at byte {offset}: {reason}")]
    Protobuf {
        /// The first byte that is wrong; the length of the data when it ends too early.
        offset: usize,
        /// What is wrong there.
        reason: String,
    },
    /// Broken JSON, or JSON that is not the message.
    #[error("malformed JSON at line {line}, column {column}: {reason}")]
    Json {
        /// Line, from 1.
        line: usize,
        /// Column in bytes, from 1.
        column: usize,
        /// What is wrong there.
        reason: String,
    },
}

/// A request message of the protocol.
pub trait Payload: Message + Default + Serialize + DeserializeOwned {
    /// What the service answers.
    type Response: Message + Default + Serialize;

    /// The message's fields.
    #[doc(hidden)]
    fn shape() -> &'static Shape;
}

impl Payload for ExportLogsServiceRequest {
    type Response = ExportLogsServiceResponse;

    fn shape() -> &'static Shape {
        &shapes::LOGS_REQUEST
    }
}

impl Payload for ExportTraceServiceRequest {
    type Response = ExportTraceServiceResponse;

    fn shape() -> &'static Shape {
        &shapes::TRACES_REQUEST
    }
}

impl Payload for ExportMetricsServiceRequest {
    type Response = ExportMetricsServiceResponse;

    fn shape() -> &'static Shape {
        &shapes::METRICS_REQUEST
    }
}

/// Reads a protobuf message; a fault comes with the offset of the first wrong byte.
pub fn from_protobuf<T: Payload>(bytes: &[u8]) -> Result<T, DecodeError> {
    T::decode(bytes).map_err(|error| match fault::find(bytes, T::shape()) {
        Some(fault) => DecodeError::Protobuf { offset: fault.offset, reason: fault.reason },
        None => DecodeError::Protobuf { offset: bytes.len(), reason: error.to_string() },
    })
}

/// Reads a message in OTLP's JSON mapping (lowerCamelCase names, trace and span ids in hexadecimal, enums as numbers).
pub fn from_json<T: Payload>(bytes: &[u8]) -> Result<T, DecodeError> {
    serde_json::from_slice(bytes).map_err(|error| {
        let (line, column, text) = (error.line(), error.column(), error.to_string());
        let place = format!(" at line {line} column {column}");
        DecodeError::Json { line, column, reason: text.strip_suffix(&place).unwrap_or(&text).to_owned() }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn truncated_protobuf_names_the_offset() {
        let error = from_protobuf::<ExportLogsServiceRequest>(&[0x0a, 0x05, 0x12]).unwrap_err();
        let DecodeError::Protobuf { offset, reason } = &error else { panic!("{error:?}") };
        assert_eq!(*offset, 3);
        assert!(reason.contains("ResourceLogs"), "{reason}");
    }

    #[test]
    fn broken_json_names_line_and_column() {
        let error = from_json::<ExportLogsServiceRequest>(b"{\n  \"resourceLogs\": [}").unwrap_err();
        assert_eq!(error.to_string(), "malformed JSON at line 2, column 20: expected value");
    }

    #[test]
    fn json_without_any_field_is_an_empty_request() {
        assert_eq!(from_json::<ExportTraceServiceRequest>(b"{}").unwrap(), ExportTraceServiceRequest::default());
        assert_eq!(from_json::<ExportMetricsServiceRequest>(b"{}").unwrap(), ExportMetricsServiceRequest::default());
        assert_eq!(from_json::<ExportLogsServiceRequest>(b"{}").unwrap(), ExportLogsServiceRequest::default());
    }
}
