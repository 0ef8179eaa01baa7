//! incident.io: like a webhook, with a size that is kept to.

use super::With;
use super::post::{Post, load};
use super::webhook;
use crate::config::receivers::incidentio::IncidentIoConfig;
use crate::{Integration, Notification, NotifyError, Receipt};
use async_trait::async_trait;
use serde_json::Value;

/// Bytes of a message.
const MESSAGE_SIZE_BYTES_MAX: usize = 512 << 10;

pub(super) struct IncidentIo {
    config: IncidentIoConfig,
    post: Post,
    with: With,
}

impl IncidentIo {
    pub fn new(config: &IncidentIoConfig, with: &With) -> Result<Self, String> {
        let post = Post::new(&config.common.http, config.timeout)?;
        Ok(Self { config: config.clone(), post, with: with.clone() })
    }
}

/// One alert stands for its group; the others go when there is no room for them.
fn fitted(mut message: Value) -> Value {
    if message.to_string().len() > MESSAGE_SIZE_BYTES_MAX
        && let Some(alerts) = message["alerts"].as_array_mut()
    {
        alerts.truncate(1);
    }
    message
}

#[async_trait]
impl Integration for IncidentIo {
    fn kind(&self) -> &'static str {
        "incidentio"
    }

    fn sends_resolved(&self) -> bool {
        self.config.common.send_resolved
    }

    async fn notify(&self, notification: &Notification, _: Option<&Receipt>) -> Result<Receipt, NotifyError> {
        let (_, message) = webhook::message(notification, self.config.max_alerts, "1", &self.with)?;
        self.post.json(&load(&self.config.url)?, &fitted(message)).await?;
        Ok(Receipt::default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::receivers::fake::{Service, configured, notification, one};
    use serde_json::json;

    #[tokio::test]
    async fn a_webhook_of_version_1_that_fits() {
        let service = Service::start(&[(202, "{}")]).await;
        let incidentio = one(&format!("incidentio_configs: [{{url: '{}/x', alert_source_token: tok}}]", service.url));
        incidentio.notify(&notification(&[("firing", "a")]), None).await.unwrap();
        let seen = service.only();
        assert_eq!(seen.header("authorization"), "Bearer tok");
        assert_eq!((&seen.json()["version"], &seen.json()["truncatedAlerts"]), (&json!("1"), &json!(0)));
        let long = json!({"alerts": ["x".repeat(300_000), "x".repeat(300_000)]});
        assert_eq!(fitted(long)["alerts"].as_array().map(Vec::len), Some(1));
        let both = "incidentio_configs: [{url: 'http://x/', alert_source_token: t, http_config: {authorization: {credentials: a}}}]";
        assert!(configured(both).map(|made| made.len()).unwrap_err().contains("cannot specify alert_source_token"));
    }
}
