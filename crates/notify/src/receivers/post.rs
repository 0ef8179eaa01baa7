//! Requests to services, and what their answers mean.

use crate::NotifyError;
use lgtm_client::{HttpClient, HttpSender, chain};
use lgtm_settings::SecretSource;
use reqwest::header::CONTENT_TYPE;
use reqwest::{Method, RequestBuilder, Url};
use serde_json::Value;
use std::time::Duration;

/// How long a request may take where the receiver sets no limit of its own.
const TIMEOUT: Duration = Duration::from_secs(30);

/// Bytes of an answer that are read; services answer in a few hundred.
const ANSWER_SIZE_BYTES_MAX: usize = 64 << 10;

/// Characters of an answer that an error repeats.
const QUOTE_LENGTH_MAX: usize = 500;

/// A receiver's way to its service.
pub(crate) struct Post {
    sender: HttpSender,
    timeout: Duration,
    /// Statuses besides 429 and 5xx after which trying again may help.
    retried: &'static [u16],
}

/// What a service answered.
#[derive(Debug)]
pub(crate) struct Answer {
    pub status: u16,
    pub content_type: String,
    pub body: String,
}

impl Post {
    pub fn new(http: &HttpClient, timeout: Option<Duration>) -> Result<Self, String> {
        Ok(Self { sender: HttpSender::new(http)?, timeout: timeout.unwrap_or(TIMEOUT), retried: &[] })
    }

    /// The same for a service with statuses of its own that mean "later".
    pub fn retrying(self, retried: &'static [u16]) -> Self {
        Self { retried, ..self }
    }

    /// Posts JSON. Only a success is an answer.
    pub async fn json(&self, url: &str, body: &Value) -> Result<Answer, NotifyError> {
        self.checked(self.request(Method::POST, url)?.header(CONTENT_TYPE, "application/json").body(body.to_string()))
            .await
    }

    /// A request to be filled and given to [`Post::checked`].
    pub fn request(&self, method: Method, url: &str) -> Result<RequestBuilder, NotifyError> {
        let parsed = Url::parse(url).ok().filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
        // The URL itself is not named: it may hold the secret.
        let url = parsed.ok_or_else(|| NotifyError::Permanent("the URL is no http(s) URL".to_owned()))?;
        Ok(self.sender.request(method, url))
    }

    /// Sends; any answer but a success is an error.
    pub async fn checked(&self, request: RequestBuilder) -> Result<Answer, NotifyError> {
        let answer = self.send(request).await?;
        match self.failure(&answer, &answer.body) {
            Some(error) => Err(error),
            None => Ok(answer),
        }
    }

    /// What is wrong with an answer, told in `details`.
    pub fn failure(&self, answer: &Answer, details: &str) -> Option<NotifyError> {
        let status = answer.status;
        if (200..300).contains(&status) {
            return None;
        }
        let quoted: String = details.trim().chars().take(QUOTE_LENGTH_MAX).collect();
        let separator = if quoted.is_empty() { "" } else { ": " };
        let message = format!("unexpected status code {status}{separator}{quoted}");
        Some(match status >= 500 || status == 429 || self.retried.contains(&status) {
            true => NotifyError::Temporary(message),
            false => NotifyError::Permanent(message),
        })
    }

    /// Sends and takes any answer.
    pub async fn send(&self, request: RequestBuilder) -> Result<Answer, NotifyError> {
        let mut response =
            self.sender.send_secretly(request.timeout(self.timeout)).await.map_err(NotifyError::Temporary)?;
        let header = response.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let (status, content_type) = (response.status().as_u16(), header.unwrap_or_default().to_owned());
        let mut body = Vec::new();
        loop {
            match response.chunk().await {
                Ok(Some(chunk)) => {
                    let left = ANSWER_SIZE_BYTES_MAX - body.len();
                    body.extend_from_slice(&chunk[..chunk.len().min(left)]);
                    if body.len() == ANSWER_SIZE_BYTES_MAX {
                        break;
                    }
                }
                Ok(None) => break,
                // The service has already said how it went; how it would have gone on matters less.
                Err(_) if status >= 400 => break,
                Err(error) => return Err(NotifyError::Temporary(chain(&error.without_url()))),
            }
        }
        Ok(Answer { status, content_type, body: String::from_utf8_lossy(&body).into_owned() })
    }
}

/// A secret as it is now. Its absence may be mended while we retry.
pub(crate) fn load(source: &SecretSource) -> Result<String, NotifyError> {
    match source.load() {
        Ok(secret) => Ok(secret.expose().to_owned()),
        Err(error) => Err(NotifyError::Temporary(error.to_string())),
    }
}

/// `base` with `path` after it.
pub(crate) fn join(base: &Url, path: &str) -> String {
    let mut url = base.clone();
    url.set_path(&format!("{}/{path}", base.path().trim_end_matches('/')));
    url.into()
}

/// Puts in what is not empty, as services want it whose fields are optional.
pub(crate) fn put(map: &mut serde_json::Map<String, Value>, name: &str, text: String) {
    if !text.is_empty() {
        map.insert(name.to_owned(), Value::String(text));
    }
}

/// The texts of a list with commas between them; empty places are passed over.
pub(crate) fn split(text: &str) -> Vec<&str> {
    text.trim().split(',').filter(|part| !part.is_empty()).collect()
}
