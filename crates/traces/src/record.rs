//! A record of the write-ahead log: the batch as an OTLP `ExportTraceServiceRequest` in protobuf.
//!
//! OTLP is the one encoding of spans that is specified, versioned and lossless; see `docs/format/traces-wal.md`.

use lgtm_model::Span;
use lgtm_wire::otlp;
use prost::Message;

/// Encodes a batch.
pub fn encode(spans: &[Span]) -> Vec<u8> {
    otlp::traces_request(spans).encode_to_vec()
}

/// Decodes a batch; the error says what is wrong with the record.
pub fn decode(payload: &[u8]) -> Result<Vec<Span>, String> {
    let request = otlp::decode::from_protobuf(payload).map_err(|error| error.to_string())?;
    let outcome = otlp::spans(request);
    if outcome.rejected > 0 {
        return Err(outcome.message());
    }
    Ok(outcome.data)
}
