//! A push's body: its bytes within the limit, its compression, its format.

use super::error::PushError;
use super::text::Pushed;
use super::{protobuf, text};
use axum::body::Bytes;
use http::HeaderMap;
use http::header::{CONTENT_ENCODING, CONTENT_TYPE};
use std::io::Read;

/// How the bytes on the way are packed.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Packing {
    Plain,
    Gzip,
    Snappy,
}

/// How a body is to be read.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Reading {
    packing: Packing,
    is_protobuf: bool,
    utf8_names: bool,
    limit_bytes: usize,
}

impl Reading {
    /// What the headers say. Whatever is not protobuf is tried as text, as upstream does.
    pub(super) fn of(headers: &HeaderMap, utf8_names: bool, limit_bytes: usize) -> Result<Self, PushError> {
        let header =
            |name| headers.get(name).map(|value| String::from_utf8_lossy(value.as_bytes()).to_ascii_lowercase());
        let packing = match header(CONTENT_ENCODING).as_deref().map(str::trim).unwrap_or_default() {
            "" | "identity" => Packing::Plain,
            "gzip" => Packing::Gzip,
            "snappy" => Packing::Snappy,
            other => return Err(PushError::Encoding(other.to_owned())),
        };
        let content_type = header(CONTENT_TYPE).unwrap_or_default();
        let mut parts = content_type.split(';').map(|part| part.trim().replace('"', ""));
        let is_named = parts.next().as_deref() == Some("application/vnd.google.protobuf");
        let parameters: Vec<String> = parts.collect();
        let says = |wanted: &str| parameters.iter().any(|parameter| parameter == wanted);
        let is_protobuf = is_named && says("encoding=delimited") && says("proto=io.prometheus.client.metricfamily");
        Ok(Self { packing, is_protobuf, utf8_names, limit_bytes })
    }

    /// Unpacks and reads a body. Blocks.
    pub(super) fn read(self, body: &Bytes) -> Result<Pushed, PushError> {
        let unpacked = match self.packing {
            Packing::Plain => body.clone(),
            Packing::Gzip => self.unpack("gzip", flate2::read::MultiGzDecoder::new(body.as_ref()))?,
            Packing::Snappy => self.unpack("snappy", snap::read::FrameDecoder::new(body.as_ref()))?,
        };
        let pushed =
            if self.is_protobuf { protobuf::families(&unpacked) } else { text::families(&unpacked, self.utf8_names) };
        pushed.map_err(PushError::Malformed)
    }

    /// Unpacks no more than the limit, so that a small bomb does no harm.
    fn unpack(self, name: &str, packed: impl Read) -> Result<Bytes, PushError> {
        let limit_bytes = self.limit_bytes;
        let limit = u64::try_from(limit_bytes).unwrap_or(u64::MAX).saturating_add(1);
        let mut plain = Vec::new();
        if let Err(error) = packed.take(limit).read_to_end(&mut plain) {
            return Err(PushError::Malformed(format!("malformed {name} after {} bytes: {error}", plain.len())));
        }
        if plain.len() > limit_bytes {
            return Err(PushError::TooLarge { limit_bytes });
        }
        Ok(plain.into())
    }
}
