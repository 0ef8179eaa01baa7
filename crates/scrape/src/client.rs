//! Asking a target over HTTP.

use crate::config::{Auth, HeaderValue, HttpClient, Job, Tls};
use lgtm_settings::SecretSource;
use lgtm_wire::exposition::{ScrapeProtocol, accept_header, content_format};
use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE};
use reqwest::{Certificate, Client, Identity, Proxy, RequestBuilder};
use std::time::Duration;

/// Bytes of an answer where the job sets no limit of its own (`body_size_limit`).
pub(crate) const BODY_SIZE_BYTES_MAX: u64 = 256 << 20;
/// Redirects that are followed.
const REDIRECTS_MAX: usize = 10;

/// A job's way to its targets.
#[derive(Clone, Debug)]
pub(crate) struct Fetcher {
    client: Client,
    http: HttpClient,
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
        let redirects = match job.http.follow_redirects {
            true => reqwest::redirect::Policy::limited(REDIRECTS_MAX),
            false => reqwest::redirect::Policy::none(),
        };
        let mut builder = Client::builder()
            .redirect(redirects)
            .gzip(job.compression)
            .no_proxy()
            .user_agent(concat!("lgtm/", env!("CARGO_PKG_VERSION")))
            .danger_accept_invalid_certs(job.http.tls.insecure_skip_verify);
        builder = tls(builder, &job.http.tls)?;
        if let Some(url) = &job.http.proxy_url {
            builder = builder.proxy(Proxy::all(url).map_err(|error| format!("proxy_url {url:?}: {error}"))?);
        }
        let client = builder.build().map_err(|error| format!("the HTTP client cannot be set up: {}", chain(&error)))?;
        let limit = job.limits.body_size_bytes;
        Ok(Self {
            client,
            http: job.http.clone(),
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
            .get(url)
            .header(ACCEPT, &self.accept)
            .header("X-Prometheus-Scrape-Timeout-Seconds", timeout.as_secs_f64().to_string());
        let request = if self.compression { request } else { request.header("Accept-Encoding", "identity") };
        let mut answer = self.authenticated(request)?.send().await.map_err(|error| chain(&error))?;
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

    /// Secrets in files are read at every request, so that they can be rotated.
    fn authenticated(&self, mut request: RequestBuilder) -> Result<RequestBuilder, String> {
        match &self.http.auth {
            Auth::None => {}
            Auth::Basic { username, password } => {
                let password = password.as_ref().map(load).transpose()?;
                request = request.basic_auth(username, password);
            }
            Auth::Header { scheme, credentials } => {
                let credentials = credentials.as_ref().map(load).transpose()?.unwrap_or_default();
                request = request.header(AUTHORIZATION, format!("{scheme} {credentials}"));
            }
        }
        for (name, value) in &self.http.headers {
            let value = match value {
                HeaderValue::Plain(text) => text.clone(),
                HeaderValue::Secret(source) => load(source)?,
            };
            request = request.header(name, value);
        }
        Ok(request)
    }
}

fn load(source: &SecretSource) -> Result<String, String> {
    source.load().map(|secret| secret.expose().to_owned()).map_err(|error| error.to_string())
}

fn tls(mut builder: reqwest::ClientBuilder, tls: &Tls) -> Result<reqwest::ClientBuilder, String> {
    // Certificates are no secrets and often readable by all; only keys must be kept.
    let public = |source: &SecretSource| match source {
        SecretSource::File(path) => {
            std::fs::read_to_string(path).map_err(|error| format!("certificate {path:?} cannot be read: {error}"))
        }
        SecretSource::Inline(secret) => Ok(secret.expose().to_owned()),
    };
    if let Some(ca) = &tls.ca {
        for certificate in Certificate::from_pem_bundle(public(ca)?.as_bytes()).map_err(|error| chain(&error))? {
            builder = builder.add_root_certificate(certificate);
        }
    }
    if let Some((certificate, key)) = &tls.identity {
        let pem = format!("{}\n{}", public(certificate)?, load(key)?);
        builder = builder.identity(Identity::from_pem(pem.as_bytes()).map_err(|error| chain(&error))?);
    }
    Ok(builder)
}

/// An error with its causes: reqwest's own texts keep the reason to themselves.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(&format!(": {error}"));
        cause = error.source();
    }
    text
}
