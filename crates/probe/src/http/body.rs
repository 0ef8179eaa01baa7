//! The answer's body: read as far as it may be, unpacked if the module says so.

use crate::config::HttpProbe;
use crate::run::Run;
use flate2::read::{DeflateDecoder, MultiGzDecoder};
use http::{Response, StatusCode, Version};
use http_body_util::BodyExt;
use hyper::body::{Body as _, Incoming};
use std::io::Read;

/// Bytes of a body that are kept to be judged, where `body_size_limit` sets no lower bound.
const BODY_BYTES_MAX: u64 = 64 << 20;

/// A body that was read.
#[derive(Debug, Default)]
pub(crate) struct Body {
    /// What is judged; empty when nothing judges it.
    pub bytes: Vec<u8>,
    /// Bytes, unpacked.
    pub length: u64,
    /// Why it could not be read to its end.
    pub problem: Option<String>,
}

/// The length that the answer announces; -1 when it does not.
pub(crate) fn content_length(head: &Response<()>, incoming: &Incoming, is_head: bool) -> i64 {
    let announced =
        head.headers().get(http::header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse().ok());
    let is_chunked = head.headers().contains_key(http::header::TRANSFER_ENCODING);
    let has_none = matches!(head.status(), StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED);
    match announced {
        _ if has_none => 0,
        Some(length) if !is_chunked => length,
        None if head.version() == Version::HTTP_2 && incoming.is_end_stream() && !is_head => 0,
        _ => -1,
    }
}

/// Reads a body to its end, or to the limit, or until the time is over.
pub(crate) async fn read(run: &mut Run, probe: &HttpProbe, mut incoming: Incoming) -> Result<Body, String> {
    let is_packed = !matches!(probe.compression.as_str(), "" | "identity");
    let keep = is_packed || probe.judges_body();
    let limit = match (probe.body_size_limit, keep) {
        (0, true) => BODY_BYTES_MAX,
        (0, false) => u64::MAX,
        (limit, _) if is_packed => limit.max(BODY_BYTES_MAX),
        (limit, _) => limit,
    };
    let mut body = Body::default();
    loop {
        let frame = match run.deadline.cap(incoming.frame()).await {
            Ok(None) => break,
            Ok(Some(Ok(frame))) => frame,
            Ok(Some(Err(error))) => {
                body.problem = Some(lgtm_client::chain(&error));
                break;
            }
            Err(error) => {
                body.problem = Some(error);
                break;
            }
        };
        let Ok(data) = frame.into_data() else { continue };
        let taken = data.len().min(usize::try_from(limit - body.length).unwrap_or(usize::MAX));
        body.length += taken as u64;
        if keep {
            body.bytes.extend_from_slice(&data[..taken]);
        }
        if taken < data.len() {
            body.problem = Some(too_large(limit));
            break;
        }
    }
    if is_packed {
        let limit = if probe.body_size_limit == 0 { BODY_BYTES_MAX } else { probe.body_size_limit };
        let problem = body.problem.take();
        body = unpack(&probe.compression, &body.bytes, limit);
        body.problem = problem.or(body.problem);
    }
    Ok(body)
}

fn too_large(limit: u64) -> String {
    format!("it is larger than {limit} bytes (body_size_limit)")
}

fn unpack(compression: &str, packed: &[u8], limit: u64) -> Body {
    let mut body = Body::default();
    let read = match compression {
        "gzip" => MultiGzDecoder::new(packed).take(limit + 1).read_to_end(&mut body.bytes),
        "deflate" => DeflateDecoder::new(packed).take(limit + 1).read_to_end(&mut body.bytes),
        _ => brotli_decompressor::Decompressor::new(packed, 4096).take(limit + 1).read_to_end(&mut body.bytes),
    };
    if let Err(error) = read {
        body.problem = Some(format!("it cannot be unpacked as {compression}: {error}"));
    } else if body.bytes.len() as u64 > limit {
        body.problem = Some(too_large(limit));
        body.bytes.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    }
    body.length = body.bytes.len() as u64;
    body
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    #[test]
    fn packed_bodies_are_unpacked_within_the_limit() {
        let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        packer.write_all(&[b'a'; 5_000]).unwrap();
        let packed = packer.finish().unwrap();
        let body = unpack("gzip", &packed, 10_000);
        assert_eq!((body.length, body.problem), (5_000, None));
        let body = unpack("gzip", &packed, 100);
        assert_eq!(
            (body.length, body.problem.unwrap()),
            (100, "it is larger than 100 bytes (body_size_limit)".to_owned())
        );
        for compression in ["gzip", "deflate", "br"] {
            assert!(unpack(compression, b"plain text", 100).problem.unwrap().contains("cannot be unpacked"));
        }
        let mut packer = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::default());
        packer.write_all(b"abc").unwrap();
        assert_eq!(unpack("deflate", &packer.finish().unwrap(), 100).bytes, b"abc");
        // "hello" as brotli stores it.
        let hello = [0x0b, 0x02, 0x80, b'h', b'e', b'l', b'l', b'o', 0x03];
        assert_eq!(unpack("br", &hello, 100).bytes, b"hello");
    }
}
