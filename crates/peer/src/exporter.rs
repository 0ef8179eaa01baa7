//! One OTLP/HTTP endpoint and how to post to it.

use crate::verdict::{refused, unreachable};
use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use lgtm_flow::SinkError;
use lgtm_runtime::metrics::{Counter, Registry};
use lgtm_wire::otlp::Signal;
use lgtm_wire::otlp::proto::collector::logs::v1::ExportLogsServiceResponse;
use lgtm_wire::otlp::proto::collector::metrics::v1::ExportMetricsServiceResponse;
use lgtm_wire::otlp::proto::collector::trace::v1::ExportTraceServiceResponse;
use prost::Message;
use reqwest::header::{CONTENT_ENCODING, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use std::io::Write;
use std::time::Duration;
use thiserror::Error;

/// Bodies below this gain nothing from compression.
const GZIP_BYTES_MIN: usize = 1_024;

/// Where to send, and how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// The endpoint without `/v1/…`, for example `http://127.0.0.1:4318` or `https://lgtm.example.org/otlp`.
    pub endpoint: String,
    /// How long one request may take, connecting included (default: 10 s).
    pub timeout: Duration,
    /// Whether bodies are compressed (default: yes).
    pub gzip: bool,
    /// Headers to send along, such as `Authorization`.
    pub headers: Vec<(String, String)>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            endpoint: "http://127.0.0.1:4318".to_owned(),
            timeout: Duration::from_secs(10),
            gzip: true,
            headers: Vec::new(),
        }
    }
}

/// Settings that no client can be made of.
#[derive(Debug, Error)]
pub enum PeerError {
    /// The endpoint is no HTTP URL.
    #[error("endpoint {0:?} is not a URL such as http://127.0.0.1:4318")]
    Endpoint(String),
    /// A header that HTTP does not allow. The value is left out of the message: it may be a secret.
    #[error("header {0:?} has a name or value that HTTP does not allow")]
    Header(String),
    /// The HTTP client could not be made.
    #[error("no HTTP client: {0}")]
    Client(String),
}

/// Another process that takes OTLP over HTTP. Cheap to clone; connections are shared.
#[derive(Clone, Debug)]
pub struct OtlpPeer {
    client: reqwest::Client,
    endpoint: String,
    gzip: bool,
    rejected_items: Counter,
}

impl OtlpPeer {
    /// Makes the client; connects to nothing yet.
    pub fn new(config: &Config, registry: &Registry) -> Result<Self, PeerError> {
        let endpoint = config.endpoint.trim_end_matches('/').to_owned();
        let url = reqwest::Url::parse(&endpoint).ok().filter(|url| matches!(url.scheme(), "http" | "https"));
        if url.is_none_or(|url| !url.has_host()) {
            return Err(PeerError::Endpoint(config.endpoint.clone()));
        }
        let client = reqwest::Client::builder()
            .timeout(config.timeout)
            .default_headers(headers(&config.headers)?)
            // A redirected POST would lose its body, and a proxy from the environment is no setting.
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .build()
            .map_err(|error| PeerError::Client(error.to_string()))?;
        let help = "Log records, spans and points that the other side left out of requests it accepted.";
        let rejected_items = registry.counter("lgtm_peer_items_rejected_total", help, &[]);
        Ok(Self { client, endpoint, gzip: config.gzip, rejected_items })
    }

    /// The endpoint, as configured.
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// Posts one encoded export request. `Ok` means that the other side acknowledged it.
    pub async fn export(&self, signal: Signal, request: Bytes) -> Result<(), SinkError> {
        let url = format!("{}{}", self.endpoint, signal.path());
        let mut post = self.client.post(&url).header(CONTENT_TYPE, "application/x-protobuf");
        post = match compressed(&request) {
            Some(smaller) if self.gzip => post.header(CONTENT_ENCODING, "gzip").body(smaller),
            _ => post.body(request),
        };
        let response = post.send().await.map_err(|error| unreachable(&url, &error))?;
        if !response.status().is_success() {
            return Err(refused(&url, response).await);
        }
        // An acknowledgement whose body cannot be read is one all the same.
        let body = response.bytes().await.unwrap_or_default();
        self.note_partial_success(signal, &body);
        Ok(())
    }

    fn note_partial_success(&self, signal: Signal, body: &Bytes) {
        let body = body.clone();
        let partial = match signal {
            Signal::Logs => ExportLogsServiceResponse::decode(body).ok().and_then(|response| {
                response.partial_success.map(|partial| (partial.rejected_log_records, partial.error_message))
            }),
            Signal::Traces => ExportTraceServiceResponse::decode(body).ok().and_then(|response| {
                response.partial_success.map(|partial| (partial.rejected_spans, partial.error_message))
            }),
            Signal::Metrics => ExportMetricsServiceResponse::decode(body).ok().and_then(|response| {
                response.partial_success.map(|partial| (partial.rejected_data_points, partial.error_message))
            }),
        };
        if let Some((rejected, reason)) = partial.filter(|(rejected, _)| *rejected > 0) {
            self.rejected_items.add(rejected.unsigned_abs());
            tracing::warn!(endpoint = self.endpoint, signal = signal.as_str(), rejected, reason, "partly accepted");
        }
    }
}

fn headers(pairs: &[(String, String)]) -> Result<HeaderMap, PeerError> {
    let mut headers = HeaderMap::new();
    for (name, value) in pairs {
        let refused = || PeerError::Header(name.clone());
        let header = HeaderName::from_bytes(name.as_bytes()).map_err(|_| refused())?;
        let mut value = HeaderValue::from_str(value).map_err(|_| refused())?;
        value.set_sensitive(true);
        headers.insert(header, value);
    }
    Ok(headers)
}

/// The body in gzip; `None` when it is too small for that.
fn compressed(body: &[u8]) -> Option<Vec<u8>> {
    if body.len() < GZIP_BYTES_MIN {
        return None;
    }
    let mut encoder = GzEncoder::new(Vec::with_capacity(body.len() / 4), Compression::fast());
    encoder.write_all(body).ok()?;
    encoder.finish().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn endpoints_and_headers_are_checked_at_once() {
        let with = |endpoint: &str| Config { endpoint: endpoint.to_owned(), ..Config::default() };
        for bad in ["", "localhost:4318", "ftp://x", "unix:/run/x"] {
            let error = OtlpPeer::new(&with(bad), &Registry::default()).unwrap_err();
            assert!(error.to_string().contains("http://127.0.0.1:4318"), "{error}");
        }
        let peer = OtlpPeer::new(&with("http://127.0.0.1:1/otlp/"), &Registry::default()).unwrap();
        assert_eq!(peer.endpoint(), "http://127.0.0.1:1/otlp");
        let secret = Config { headers: vec![("a".to_owned(), "secret\n".to_owned())], ..Config::default() };
        let error = OtlpPeer::new(&secret, &Registry::default()).unwrap_err().to_string();
        assert!(!error.contains("secret"), "{error}");
    }
}
