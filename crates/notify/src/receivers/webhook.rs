//! A webhook: the whole notification as JSON, version 4.

use super::With;
use super::post::{Post, load};
use super::rendering::Rendering;
use crate::config::receivers::webhook::WebhookConfig;
use crate::data;
use crate::{Integration, Notification, NotifyError, Receipt};
use async_trait::async_trait;
use serde_json::{Value, json};

pub(super) struct Webhook {
    config: WebhookConfig,
    post: Post,
    with: With,
}

impl Webhook {
    pub fn new(config: &WebhookConfig, with: &With) -> Result<Self, String> {
        let post = Post::new(&config.common.http, config.timeout)?;
        Ok(Self { config: config.clone(), post, with: with.clone() })
    }
}

/// The message with the first `max_alerts` alerts, zero for all. Everything in it is about those alone.
pub(super) fn message(
    notification: &Notification,
    max_alerts: usize,
    version: &str,
    with: &With,
) -> Result<(data::Told, Value), NotifyError> {
    let count = notification.alerts.len();
    let kept = if max_alerts == 0 { count } else { max_alerts.min(count) };
    let told = data::data(notification, &notification.alerts[..kept], &with.external_url);
    let mut rendering = Rendering::over(told.clone(), notification, with);
    let text = rendering.text("{{ . | toJson }}");
    let route_labels: serde_json::Map<String, Value> = notification
        .route_labels
        .iter()
        .map(|(name, template)| (name.clone(), Value::String(rendering.text(template))))
        .collect();
    rendering.finish()?;
    let mut message: Value =
        serde_json::from_str(&text).map_err(|error| NotifyError::Permanent(format!("the message: {error}")))?;
    message["routeLabels"] = Value::Object(route_labels);
    message["version"] = json!(version);
    message["groupKey"] = json!(notification.group_key);
    message["truncatedAlerts"] = json!(count - kept);
    Ok((told, message))
}

#[async_trait]
impl Integration for Webhook {
    fn kind(&self) -> &'static str {
        "webhook"
    }

    fn sends_resolved(&self) -> bool {
        self.config.common.send_resolved
    }

    async fn notify(&self, notification: &Notification, _: Option<&Receipt>) -> Result<Receipt, NotifyError> {
        let (told, mut body) = message(notification, self.config.max_alerts, "4", &self.with)?;
        let mut rendering = Rendering::over(told, notification, &self.with);
        if let Some(payload) = &self.config.payload {
            body = payload.render(&mut |template| rendering.text(template));
        }
        let url = rendering.text(&load(&self.config.url)?);
        rendering.finish()?;
        if url.is_empty() {
            return Err(NotifyError::Permanent("webhook URL is empty after templating".to_owned()));
        }
        self.post.json(&url, &body).await?;
        Ok(Receipt::default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::receivers::fake::{Service, configured, notification, one};

    #[tokio::test]
    async fn the_message_is_version_4_whole() {
        let service = Service::start(&[]).await;
        let webhook = one(&format!("webhook_configs: [{{url: '{}/{{{{ .Status }}}}', max_alerts: 1}}]", service.url));
        webhook.notify(&notification(&[("firing", "a"), ("resolved", "b")]), None).await.unwrap();
        let seen = service.only();
        assert_eq!((seen.method.as_str(), seen.path.as_str()), ("POST", "/firing"));
        assert_eq!(seen.header("content-type"), "application/json");
        let labels = json!({"alertname": "HighCpu", "instance": "a", "severity": "critical"});
        let annotations = json!({
            "summary": "The processor is busy", "value": "93%",
            "dashboard_url": "http://lgtm.example.org/d/host?viewPanel=2",
            "runbook_url": "http://lgtm.example.org/runbooks/HighCpu",
        });
        let want = json!({
            "receiver": "on-call",
            "status": "firing",
            "alerts": [{
                "status": "firing", "labels": labels, "annotations": annotations,
                "startsAt": "2026-01-02T03:04:05Z", "endsAt": "0001-01-01T00:00:00Z",
                "generatorURL": "http://lgtm.example.org/explore", "fingerprint": "0123456789abcdef",
            }],
            "notification_reason": "first notification",
            "groupLabels": {"alertname": "HighCpu"}, "commonLabels": labels, "commonAnnotations": annotations,
            "routeLabels": {"team": "firing-team"},
            "externalURL": "http://lgtm.example.org",
            "version": "4", "groupKey": "{}:{alertname=\"HighCpu\"}", "truncatedAlerts": 1,
        });
        assert_eq!(seen.json(), want);
    }

    #[tokio::test]
    async fn a_payload_of_ones_own_takes_its_place() {
        let service = Service::start(&[]).await;
        let webhook = one(&format!(
            "webhook_configs:\n- url: {}/\n  payload:\n    count: '{{{{ len .Alerts }}}}'\n    \
             deep: {{list: ['{{{{ .Status }}}}', 2, true]}}\n",
            service.url
        ));
        webhook.notify(&notification(&[("firing", "a"), ("firing", "b")]), None).await.unwrap();
        assert_eq!(service.only().json(), json!({"count": 2, "deep": {"list": ["firing", 2, true]}}));
    }

    #[tokio::test]
    async fn answers_tell_whether_to_try_again() {
        let statuses =
            [(400, r#"{"status":"invalid event"}"#), (400, ""), (403, "no"), (429, "later"), (500, "oh"), (503, "")];
        let service = Service::start(&statuses).await;
        let webhook = one(&format!("webhook_configs: [{{url: '{}'}}]", service.url));
        for (status, body) in statuses {
            let error = webhook.notify(&notification(&[("firing", "a")]), None).await.unwrap_err();
            let separator = if body.is_empty() { "" } else { ": " };
            assert_eq!(error.to_string(), format!("unexpected status code {status}{separator}{body}"));
            assert_eq!(matches!(error, NotifyError::Temporary(_)), status == 429 || status >= 500, "{error}");
        }
    }

    #[cfg(unix)]
    #[tokio::test]
    async fn a_url_in_a_file_is_read_each_time() {
        use std::os::unix::fs::PermissionsExt;
        let service = Service::start(&[]).await;
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("url");
        let webhook = one(&format!("webhook_configs: [{{url_file: '{}'}}]", path.display()));
        let firing = notification(&[("firing", "a")]);
        let error = webhook.notify(&firing, None).await.unwrap_err();
        assert!(matches!(&error, NotifyError::Temporary(text) if text.contains("cannot be read")), "{error}");
        for name in ["one", "two"] {
            std::fs::write(&path, format!("{}/{name}\n", service.url)).unwrap();
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
            webhook.notify(&firing, None).await.unwrap();
        }
        let paths: Vec<String> = service.seen().into_iter().map(|seen| seen.path).collect();
        assert_eq!(paths, ["/one", "/two"]);
    }

    #[test]
    fn upstreams_cases_of_urls() {
        let Ok(root) = std::env::var("LGTM_CONFORMANCE") else {
            eprintln!("skipped: URLs that are templates (LGTM_CONFORMANCE is not set)");
            return;
        };
        let text = std::fs::read_to_string(format!("{root}/alertmanager/config/secret_template_url.json")).unwrap();
        let data: Value = serde_json::from_str(&text).unwrap();
        let cases = data["cases"].as_array().unwrap();
        for case in cases.iter().filter(|case| case["input"] != json!("\"\"")) {
            let read = configured(&format!("webhook_configs: [{{url: {}}}]", case["input"].as_str().unwrap()));
            assert_eq!(read.is_err(), case["expectError"].as_bool().unwrap(), "{case}: {:?}", read.err());
        }
        eprintln!("URLs: {} cases; the empty text is a URL that is missing", cases.len());
    }
}
