//! Asking a target over HTTP.

use crate::config::Job;
use lgtm_client::{HttpSender, chain};
use lgtm_wire::exposition::{ScrapeProtocol, accept_header, content_format};
use reqwest::Method;
use reqwest::header::{ACCEPT, CONTENT_TYPE};
use std::time::Duration;

/// Bytes of an answer where the job sets no limit of its own (`body_size_limit`).
pub(crate) const BODY_SIZE_BYTES_MAX: u64 = 256 << 20;

/// A job's way to its targets.
#[derive(Clone, Debug)]
pub(crate) struct Fetcher {
    client: HttpSender,
    accept: String,
    fallback: Option<ScrapeProtocol>,
    body_size_bytes_max: u64,
    compression: bool,
}

/// An answer that can be read.
#[derive(Debug)]
pub(crate) struct Answer {
    pub body: Vec<u8>,
    pub protocol: ScrapeProtocol,
}

impl Fetcher {
    /// Prepares the client; fails on certificates and proxies that cannot be used.
    pub(crate) fn new(job: &Job) -> Result<Self, String> {
        let client = HttpSender::with(&job.http, |builder| builder.gzip(job.compression))?;
        let limit = job.limits.body_size_bytes;
        Ok(Self {
            client,
            accept: accept_header(&job.protocols.asked, job.protocols.escaping),
            fallback: job.fallback_protocol,
            body_size_bytes_max: if limit == 0 { BODY_SIZE_BYTES_MAX } else { limit },
            compression: job.compression,
        })
    }

    /// Asks for `url`. The caller bounds the time; dropping the future ends the request.
    pub(crate) async fn fetch(&self, url: &str, timeout: Duration) -> Result<Answer, String> {
        let request = self
            .client
            .request(Method::GET, url)
            .header(ACCEPT, &self.accept)
            .header("X-Prometheus-Scrape-Timeout-Seconds", timeout.as_secs_f64().to_string());
        let request = if self.compression { request } else { request.header("Accept-Encoding", "identity") };
        let mut answer = self.client.send(request).await?;
        if answer.status() != reqwest::StatusCode::OK {
            return Err(format!("server returned HTTP status {}", answer.status()));
        }
        let content_type = answer.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let negotiated = content_format(content_type, self.fallback);
        let Some(protocol) = negotiated.protocol else { return Err(negotiated.problem.unwrap_or_default()) };
        let mut body = Vec::new();
        while let Some(chunk) = answer.chunk().await.map_err(|error| chain(&error))? {
            if (body.len() + chunk.len()) as u64 > self.body_size_bytes_max {
                return Err(format!("body_size_limit of {} bytes exceeded", self.body_size_bytes_max));
            }
            body.extend_from_slice(&chunk);
        }
        Ok(Answer { body, protocol })
    }
}
