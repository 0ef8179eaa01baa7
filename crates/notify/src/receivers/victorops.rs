//! VictorOps (Splunk On-Call): an event of its REST endpoint.

use super::With;
use super::post::{Post, join, load};
use super::rendering::{Rendering, key_hash};
use super::truncate;
use crate::config::receivers::victorops::VictorOpsConfig;
use crate::{AlertStatus, Integration, Notification, NotifyError, Receipt};
use async_trait::async_trait;
use serde_json::{Value, json};

/// Characters of the message.
const MESSAGE_LENGTH_MAX: usize = 20_480;

pub(super) struct VictorOps {
    config: VictorOpsConfig,
    post: Post,
    with: With,
}

impl VictorOps {
    pub fn new(config: &VictorOpsConfig, with: &With) -> Result<Self, String> {
        Ok(Self { config: config.clone(), post: Post::new(&config.common.http, None)?, with: with.clone() })
    }
}

#[async_trait]
impl Integration for VictorOps {
    fn kind(&self) -> &'static str {
        "victorops"
    }

    fn sends_resolved(&self) -> bool {
        self.config.common.send_resolved
    }

    async fn notify(&self, notification: &Notification, _: Option<&Receipt>) -> Result<Receipt, NotifyError> {
        let config = &self.config;
        let mut rendering = Rendering::new(notification, &self.with);
        let mut kind = rendering.text(&config.message_type);
        match notification.status() {
            AlertStatus::Resolved => kind = "RECOVERY".to_owned(),
            AlertStatus::Firing if ["INFO", "WARNING", "CRITICAL"].contains(&kind.as_str()) => {}
            AlertStatus::Firing => kind = "CRITICAL".to_owned(),
        }
        let mut event = json!({
            "message_type": kind,
            "entity_id": key_hash(notification),
            "entity_display_name": rendering.text(&config.entity_display_name),
            "state_message": truncate::in_characters(rendering.text(&config.state_message), MESSAGE_LENGTH_MAX),
            "monitoring_tool": rendering.text(&config.monitoring_tool),
        });
        for (name, text) in &config.custom_fields {
            event[name] = Value::String(rendering.text(text));
        }
        let routing_key = rendering.text(&config.routing_key);
        rendering.finish()?;
        let url = join(&config.api_url, &format!("{}/{routing_key}", load(&config.api_key)?));
        self.post.json(&url, &event).await?;
        Ok(Receipt::default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::receivers::fake::{Service, configured, notification, one};

    #[tokio::test]
    async fn an_event_with_fields_of_ones_own() {
        let service = Service::start(&[]).await;
        let victorops = one(&format!(
            "victorops_configs: [{{api_key: key, api_url: '{}/alert', routing_key: team, message_type: odd, custom_fields: {{Host: '{{{{ .CommonLabels.instance }}}}'}}}}]",
            service.url
        ));
        victorops.notify(&notification(&[("firing", "a")]), None).await.unwrap();
        victorops.notify(&notification(&[("resolved", "a")]), None).await.unwrap();
        let seen = service.seen();
        assert_eq!(seen[0].path, "/alert/key/team");
        let event = seen[0].json();
        assert_eq!((&event["message_type"], &event["Host"]), (&json!("CRITICAL"), &json!("a")));
        assert_eq!(event["entity_id"].as_str().map(str::len), Some(64));
        assert_eq!(seen[1].json()["message_type"], "RECOVERY");
        let reserved = "victorops_configs: [{api_key: x, routing_key: y, custom_fields: {entity_state: z}}]";
        assert!(configured(reserved).map(|made| made.len()).unwrap_err().contains("entity_state"));
    }
}
