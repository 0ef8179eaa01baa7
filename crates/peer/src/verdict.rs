//! What an answer means for the data.
//!
//! | answer | verdict |
//! | --- | --- |
//! | no connection, no answer in time | try again later |
//! | 429, or 502, 503, 504 with `Retry-After` | try again after that time |
//! | 502, 503, 504 | try again later |
//! | 401, 403, 404 | try again later |
//! | any other | the data is refused |
//!
//! The specification calls 401, 403 and 404 final too. They speak of credentials and addresses though, not of the data:
//! throwing it away because of a typing error in a config file would be a pity.

use lgtm_flow::SinkError;
use lgtm_wire::otlp::RpcStatus;
use prost::Message;
use reqwest::header::{CONTENT_TYPE, HeaderMap, RETRY_AFTER};
use reqwest::{Response, StatusCode};
use std::error::Error;
use std::time::Duration;

/// When to come back after a 429 that does not say.
const RETRY_AFTER_DEFAULT: Duration = Duration::from_secs(5);
/// The longest `Retry-After` that is believed.
const RETRY_AFTER_MAX: Duration = Duration::from_secs(300);
/// Characters of an answer's text that go into a message.
const TEXT_MAX: usize = 200;

/// The request did not get through.
pub(crate) fn unreachable(url: &str, error: &reqwest::Error) -> SinkError {
    // reqwest's own text repeats the URL and hides the cause; the innermost cause says what happened.
    let mut cause: &dyn Error = error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    let what = if error.is_timeout() { "no answer in time".to_owned() } else { cause.to_string() };
    SinkError::Unavailable(format!("{url}: {what}"))
}

/// The other side answered, but not with success.
pub(crate) async fn refused(url: &str, response: Response) -> SinkError {
    let (status, headers) = (response.status(), response.headers().clone());
    let body = response.bytes().await.unwrap_or_default();
    judge(status, retry_after(&headers), format!("{url}: {status}: {}", text(&headers, &body)))
}

fn judge(status: StatusCode, retry_after: Option<Duration>, message: String) -> SinkError {
    match status.as_u16() {
        429 => SinkError::Overloaded { limit: message, retry_after: retry_after.unwrap_or(RETRY_AFTER_DEFAULT) },
        502..=504 => match retry_after {
            Some(retry_after) => SinkError::Overloaded { limit: message, retry_after },
            None => SinkError::Unavailable(message),
        },
        401 | 403 | 404 => SinkError::Unavailable(message),
        _ => SinkError::Refused(message),
    }
}

/// Reads `Retry-After` in seconds; dates are not understood and count as absent.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let seconds = headers.get(RETRY_AFTER)?.to_str().ok()?.trim().parse().ok()?;
    Some(Duration::from_secs(seconds).min(RETRY_AFTER_MAX))
}

/// What the answer's body says to people.
fn text(headers: &HeaderMap, body: &[u8]) -> String {
    let is_protobuf = headers.get(CONTENT_TYPE).is_some_and(|value| value.as_bytes().ends_with(b"protobuf"));
    let text = match RpcStatus::decode(body) {
        Ok(status) if is_protobuf => status.message,
        _ => String::from_utf8_lossy(body).into_owned(),
    };
    text.trim().chars().take(TEXT_MAX).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_status_has_its_verdict() {
        let judged = |status: u16, after: Option<u64>| {
            let error = judge(StatusCode::from_u16(status).unwrap(), after.map(Duration::from_secs), "x".to_owned());
            match error {
                SinkError::Overloaded { retry_after, .. } => format!("after {}", retry_after.as_secs()),
                SinkError::Unavailable(_) => "later".to_owned(),
                SinkError::Refused(_) => "never".to_owned(),
            }
        };
        assert_eq!((judged(429, None).as_str(), judged(429, Some(2)).as_str()), ("after 5", "after 2"));
        assert_eq!((judged(503, None).as_str(), judged(503, Some(9)).as_str()), ("later", "after 9"));
        for (status, expected) in [(502, "later"), (504, "later"), (401, "later"), (404, "later")] {
            assert_eq!(judged(status, None), expected);
        }
        for status in [301, 400, 413, 500] {
            assert_eq!(judged(status, None), "never");
        }
    }

    #[test]
    fn retry_after_is_read_and_bounded() {
        let header = |value: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(RETRY_AFTER, value.parse().unwrap());
            retry_after(&headers)
        };
        assert_eq!(header("7"), Some(Duration::from_secs(7)));
        assert_eq!(header("999999"), Some(RETRY_AFTER_MAX));
        assert_eq!(header("Wed, 21 Oct 2015 07:28:00 GMT"), None);
    }
}
