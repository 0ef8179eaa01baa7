//! An Alertmanager over HTTP, API version 2.

use async_trait::async_trait;
use chrono::{DateTime, SecondsFormat};
use lgtm_client::{HttpClient, HttpSender};
use lgtm_flow::{AlertSink, SinkError};
use lgtm_model::{Alert, Labels, TimestampNs};
use reqwest::Method;
use serde_json::{Value, json};

/// Posts alerts to one URL.
pub(super) struct Remote {
    url: String,
    sender: HttpSender,
}

impl Remote {
    /// Fails on certificates and proxies that cannot be used.
    pub fn new(url: String, http: &HttpClient) -> Result<Self, String> {
        Ok(Self { url, sender: HttpSender::new(http)? })
    }
}

#[async_trait]
impl AlertSink for Remote {
    async fn send_alerts(&self, alerts: Vec<Alert>) -> Result<(), SinkError> {
        let body = Value::Array(alerts.iter().map(shape).collect()).to_string();
        let request =
            self.sender.request(Method::POST, &self.url).header("Content-Type", "application/json").body(body);
        let response = self.sender.send(request).await.map_err(SinkError::Unavailable)?;
        let status = response.status();
        match status.as_u16() {
            200..=299 => Ok(()),
            400..=499 => Err(SinkError::Refused(format!("{} answered {status}", self.url))),
            _ => Err(SinkError::Unavailable(format!("{} answered {status}", self.url))),
        }
    }
}

fn shape(alert: &Alert) -> Value {
    json!({
        "labels": map(&alert.labels),
        "annotations": map(&alert.annotations),
        "startsAt": time(alert.starts_at),
        "endsAt": time(alert.ends_at),
        "generatorURL": alert.generator_url,
    })
}

fn map(labels: &Labels) -> Value {
    Value::Object(labels.iter().map(|(name, value)| (name.to_owned(), value.into())).collect())
}

fn time(at: TimestampNs) -> String {
    DateTime::from_timestamp_nanos(at.0).to_rfc3339_opts(SecondsFormat::Millis, true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn alerts_have_the_shape_of_api_version_2() {
        let alert = Alert {
            labels: Labels::from_pairs([("alertname", "a")]),
            annotations: Labels::from_pairs([("summary", "s")]),
            starts_at: TimestampNs(1_700_000_000_000_000_000),
            ends_at: TimestampNs(1_700_000_240_000_000_000),
            generator_url: "http://x".to_owned(),
        };
        let want = r#"{"annotations":{"summary":"s"},"endsAt":"2023-11-14T22:17:20.000Z","generatorURL":"http://x","labels":{"alertname":"a"},"startsAt":"2023-11-14T22:13:20.000Z"}"#;
        assert_eq!(shape(&alert).to_string(), want);
    }
}
