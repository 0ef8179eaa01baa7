//! Mattermost: a message by webhook.

use super::With;
use super::post::{Post, load, put};
use super::rendering::Rendering;
use super::truncate;
use crate::config::receivers::mattermost::{Attachment, MattermostConfig, Priority};
use crate::{Integration, Notification, NotifyError, Receipt};
use async_trait::async_trait;
use serde_json::{Map, Value, json};

/// Characters of a message.
const TEXT_LENGTH_MAX: usize = 16_383;

pub(super) struct Mattermost {
    config: MattermostConfig,
    post: Post,
    with: With,
}

impl Mattermost {
    pub fn new(config: &MattermostConfig, with: &With) -> Result<Self, String> {
        Ok(Self { config: config.clone(), post: Post::new(&config.common.http, None)?, with: with.clone() })
    }
}

fn attachment(attachment: &Attachment, rendering: &mut Rendering<'_>) -> Map<String, Value> {
    let mut map = Map::new();
    for (name, text) in &attachment.texts {
        put(&mut map, name, rendering.text(text));
    }
    let mut fields = Vec::new();
    for (title, value, short) in &attachment.fields {
        let mut field = json!({"title": rendering.text(title), "value": rendering.text(value)});
        if let Some(short) = short {
            field["short"] = json!(short);
        }
        fields.push(field);
    }
    if !fields.is_empty() {
        map.insert("fields".into(), fields.into());
    }
    map
}

/// What does not go together is left out, since Mattermost refuses the whole message for it.
fn priority(priority: &Priority, rendering: &mut Rendering<'_>) -> Value {
    let text = rendering.text(&priority.priority).to_lowercase();
    let level = ["urgent", "important"].into_iter().find(|level| *level == text).unwrap_or("standard");
    let mut map = Map::new();
    map.insert("priority".into(), level.into());
    if priority.requested_ack && level != "standard" {
        map.insert("requested_ack".into(), true.into());
    }
    if priority.persistent_notifications && level == "urgent" {
        map.insert("persistent_notifications".into(), true.into());
    }
    map.into()
}

#[async_trait]
impl Integration for Mattermost {
    fn kind(&self) -> &'static str {
        "mattermost"
    }

    fn sends_resolved(&self) -> bool {
        self.config.common.send_resolved
    }

    async fn notify(&self, notification: &Notification, _: Option<&Receipt>) -> Result<Receipt, NotifyError> {
        let config = &self.config;
        let mut rendering = Rendering::new(notification, &self.with);
        let mut message = Map::new();
        put(&mut message, "channel", rendering.text(&config.channel));
        put(&mut message, "username", rendering.text(&config.username));
        put(&mut message, "icon_url", rendering.text(&config.icon_url));
        put(&mut message, "icon_emoji", rendering.text(&config.icon_emoji));
        put(&mut message, "type", rendering.text(&config.kind));
        let text = truncate::in_characters(rendering.text(&config.text), TEXT_LENGTH_MAX);
        let attachments: Vec<Value> = match config.attachments.is_empty() {
            true => {
                let mut own = attachment(&config.own, &mut rendering);
                put(&mut own, "text", text);
                vec![own.into()]
            }
            false => {
                put(&mut message, "text", text);
                config.attachments.iter().map(|item| attachment(item, &mut rendering).into()).collect()
            }
        };
        message.insert("attachments".into(), attachments.into());
        if !config.card.is_empty() {
            message.insert("props".into(), json!({"card": rendering.text(&config.card)}));
        }
        if let Some(given) = config.priority.as_ref().filter(|given| !given.priority.is_empty()) {
            message.insert("priority".into(), priority(given, &mut rendering));
        }
        rendering.finish()?;
        self.post.json(&load(&config.webhook_url)?, &message.into()).await?;
        Ok(Receipt::default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::receivers::fake::{Service, notification, one};

    #[tokio::test]
    async fn attachments_and_priorities_that_go_together() {
        let service = Service::start(&[]).await;
        let mattermost = one(&format!(
            "mattermost_configs:\n- webhook_url: {}/hooks/x\n  channel: ops\n  fields: [{{title: a, value: b, short: true}}]\n  \
             priority: {{priority: Important, requested_ack: true, persistent_notifications: true}}\n  props: {{card: more}}\n",
            service.url
        ));
        mattermost.notify(&notification(&[("firing", "a")]), None).await.unwrap();
        let message = service.only().json();
        assert_eq!(message["priority"], json!({"priority": "important", "requested_ack": true}));
        assert_eq!(message["props"], json!({"card": "more"}));
        let attachment = &message["attachments"][0];
        assert_eq!(attachment["title"], "[FIRING:1] HighCpu, critical, a");
        assert_eq!(attachment["fields"], json!([{"title": "a", "value": "b", "short": true}]));
        assert!(attachment["text"].as_str().unwrap().contains("- Value: 93%"));
    }
}
