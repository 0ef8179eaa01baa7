//! Reading a body within its limit, as sent and after decompression.

use crate::Refusal;
use axum::body::{Body, Bytes};
use flate2::read::MultiGzDecoder;
use http::HeaderMap;
use http::header::{CONTENT_ENCODING, CONTENT_LENGTH};
use http_body_util::LengthLimitError;
use std::error::Error;
use std::io::Read;

/// Reads the body as it was sent, at most `limit_bytes` of it.
pub(super) async fn read(headers: &HeaderMap, body: Body, limit_bytes: usize) -> Result<Bytes, Refusal> {
    let announced = headers.get(CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<usize>().ok());
    if announced.is_some_and(|announced| announced > limit_bytes) {
        return Err(Refusal::TooLarge { limit_bytes });
    }
    axum::body::to_bytes(body, limit_bytes).await.map_err(|error| {
        if error.source().is_some_and(|source| source.is::<LengthLimitError>()) {
            Refusal::TooLarge { limit_bytes }
        } else {
            Refusal::Incomplete(error.to_string())
        }
    })
}

/// Whether the body is compressed with gzip; any other compression is refused.
pub(super) fn is_gzip(headers: &HeaderMap) -> Result<bool, Refusal> {
    let header = headers.get(CONTENT_ENCODING).map(|value| String::from_utf8_lossy(value.as_bytes()));
    match header.as_deref().map(str::trim).unwrap_or_default() {
        "" | "identity" => Ok(false),
        "gzip" => Ok(true),
        other => {
            Err(Refusal::Unsupported(format!("content encoding {other:?} is not supported; send gzip or identity")))
        }
    }
}

/// Decompresses gzip, at most `limit_bytes` of the result, so that a small bomb does no harm.
pub(super) fn decompress(bytes: &[u8], limit_bytes: usize) -> Result<Vec<u8>, Refusal> {
    let mut plain = Vec::new();
    let limit = u64::try_from(limit_bytes).unwrap_or(u64::MAX).saturating_add(1);
    if let Err(error) = MultiGzDecoder::new(bytes).take(limit).read_to_end(&mut plain) {
        return Err(Refusal::Compression { offset: plain.len(), reason: error.to_string() });
    }
    if plain.len() > limit_bytes {
        return Err(Refusal::TooLarge { limit_bytes });
    }
    Ok(plain)
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::Compression;
    use flate2::write::GzEncoder;
    use std::io::Write;

    fn compressed(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn a_bomb_is_stopped_at_the_limit() {
        let bomb = compressed(&vec![0; 10_000_000]);
        assert!(matches!(decompress(&bomb, 1_000), Err(Refusal::TooLarge { limit_bytes: 1_000 })));
        assert_eq!(decompress(&compressed(&[7; 1_000]), 1_000).unwrap(), [7; 1_000]);
    }

    #[test]
    fn broken_gzip_says_how_far_it_got() {
        let mut bytes = compressed(&[7; 1_000]);
        bytes.truncate(bytes.len() - 4);
        assert!(matches!(decompress(&bytes, 10_000), Err(Refusal::Compression { .. })));
    }
}
