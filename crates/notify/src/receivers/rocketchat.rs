//! Rocket.Chat: a message by its REST API.

use super::With;
use super::post::{Post, join, load, put};
use super::rendering::Rendering;
use super::truncate;
use crate::config::receivers::rocketchat::RocketChatConfig;
use crate::{Integration, Notification, NotifyError, Receipt};
use async_trait::async_trait;
use reqwest::Method;
use serde_json::{Map, Value, json};

/// Characters of a title.
const TITLE_LENGTH_MAX: usize = 1024;

pub(super) struct RocketChat {
    config: RocketChatConfig,
    post: Post,
    with: With,
}

impl RocketChat {
    pub fn new(config: &RocketChatConfig, with: &With) -> Result<Self, String> {
        Ok(Self { config: config.clone(), post: Post::new(&config.common.http, None)?, with: with.clone() })
    }

    fn attachment(&self, rendering: &mut Rendering<'_>) -> Value {
        let config = &self.config;
        let mut attachment = Map::new();
        let title = truncate::in_characters(rendering.text(&config.title), TITLE_LENGTH_MAX);
        put(&mut attachment, "title", title);
        put(&mut attachment, "title_link", rendering.text(&config.title_link));
        put(&mut attachment, "text", rendering.text(&config.text));
        put(&mut attachment, "image_url", rendering.text(&config.image_url));
        put(&mut attachment, "thumb_url", rendering.text(&config.thumb_url));
        put(&mut attachment, "color", rendering.text(&config.color));
        let mut fields = Vec::new();
        for field in &config.fields {
            let (title, value) = (rendering.text(&field.title), rendering.text(&field.value));
            fields.push(json!({"title": title, "value": value, "short": field.short}));
        }
        let mut actions = Vec::new();
        for action in &config.actions {
            let mut map = Map::new();
            map.insert("type".into(), "button".into());
            put(&mut map, "text", rendering.text(&action.text));
            put(&mut map, "url", rendering.text(&action.url));
            put(&mut map, "msg", rendering.text(&action.msg));
            actions.push(Value::Object(map));
        }
        for (name, list) in [("fields", fields), ("actions", actions)] {
            if !list.is_empty() {
                attachment.insert(name.into(), list.into());
            }
        }
        attachment.into()
    }
}

#[async_trait]
impl Integration for RocketChat {
    fn kind(&self) -> &'static str {
        "rocketchat"
    }

    fn sends_resolved(&self) -> bool {
        self.config.common.send_resolved
    }

    async fn notify(&self, notification: &Notification, _: Option<&Receipt>) -> Result<Receipt, NotifyError> {
        let mut rendering = Rendering::new(notification, &self.with);
        let mut message = Map::new();
        put(&mut message, "channel", rendering.text(&self.config.channel));
        put(&mut message, "emoji", rendering.text(&self.config.emoji));
        put(&mut message, "avatar", rendering.text(&self.config.icon_url));
        message.insert("attachments".into(), json!([self.attachment(&mut rendering)]));
        rendering.finish()?;
        let request = self
            .post
            .request(Method::POST, &join(&self.config.api_url, "api/v1/chat.postMessage"))?
            .header("Content-Type", "application/json")
            .header("X-Auth-Token", load(&self.config.token)?)
            .header("X-User-Id", load(&self.config.token_id)?);
        let answer = self.post.checked(request.body(Value::Object(message).to_string())).await?;
        let parsed: Value = serde_json::from_str(&answer.body)
            .map_err(|_| NotifyError::Temporary("Rocket.Chat's answer is no JSON".to_owned()))?;
        if parsed["success"] == json!(true) {
            return Ok(Receipt::default());
        }
        let reason = parsed["error"].as_str().unwrap_or("an unknown error");
        Err(NotifyError::Permanent(format!("error response from Rocketchat: {reason}")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::receivers::fake::{Service, notification, one};

    #[tokio::test]
    async fn a_message_and_a_refusal_with_status_200() {
        let service =
            Service::start(&[(200, r#"{"success":true}"#), (200, r#"{"success":false,"error":"not-allowed"}"#)]).await;
        let rocketchat = one(&format!(
            "rocketchat_configs: [{{api_url: '{}/', token: t, token_id: u, channel: '#ops', fields: [{{title: a, value: b}}], short_fields: true}}]",
            service.url
        ));
        let firing = notification(&[("firing", "a")]);
        rocketchat.notify(&firing, None).await.unwrap();
        let error = rocketchat.notify(&firing, None).await.unwrap_err();
        assert_eq!(error.to_string(), "error response from Rocketchat: not-allowed");
        let seen = &service.seen()[0];
        assert_eq!(
            (seen.path.as_str(), seen.header("x-auth-token"), seen.header("x-user-id")),
            ("/api/v1/chat.postMessage", "t", "u")
        );
        let attachment = &seen.json()["attachments"][0];
        assert_eq!(attachment["fields"], json!([{"title": "a", "value": "b", "short": true}]));
        assert_eq!(attachment["color"], "red");
    }
}
