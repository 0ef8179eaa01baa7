//! ntfy: a push notification, published as JSON.

use super::With;
use super::post::{Post, put, split};
use super::rendering::Rendering;
use super::truncate;
use crate::config::receivers::ntfy::NtfyConfig;
use crate::{Integration, Notification, NotifyError, Receipt};
use async_trait::async_trait;
use serde_json::{Map, json};

/// Bytes of a message; a longer one would become an attachment.
const MESSAGE_SIZE_BYTES_MAX: usize = 4096;

/// Bytes of a title; ntfy names no limit, phones show less.
const TITLE_SIZE_BYTES_MAX: usize = 250;

pub(super) struct Ntfy {
    config: NtfyConfig,
    post: Post,
    with: With,
}

impl Ntfy {
    pub fn new(config: &NtfyConfig, with: &With) -> Result<Self, String> {
        Ok(Self { config: config.clone(), post: Post::new(&config.common.http, None)?, with: with.clone() })
    }
}

/// ntfy counts from 1 to 5 and has names for them.
fn priority(text: &str) -> Option<u8> {
    match text.trim() {
        "" => None,
        "min" => Some(1),
        "low" => Some(2),
        "high" => Some(4),
        "max" | "urgent" => Some(5),
        number => Some(number.parse().ok().filter(|number| (1..=5).contains(number)).unwrap_or(3)),
    }
}

#[async_trait]
impl Integration for Ntfy {
    fn kind(&self) -> &'static str {
        "ntfy"
    }

    fn sends_resolved(&self) -> bool {
        self.config.common.send_resolved
    }

    async fn notify(&self, notification: &Notification, _: Option<&Receipt>) -> Result<Receipt, NotifyError> {
        let config = &self.config;
        let mut rendering = Rendering::new(notification, &self.with);
        let mut message = Map::new();
        put(&mut message, "topic", rendering.text(&config.topic));
        put(&mut message, "title", truncate::in_bytes(rendering.text(&config.title), TITLE_SIZE_BYTES_MAX));
        let text = rendering.text(&config.message).trim().to_owned();
        put(&mut message, "message", truncate::in_bytes(text, MESSAGE_SIZE_BYTES_MAX));
        if let Some(priority) = priority(&rendering.text(&config.priority)) {
            message.insert("priority".into(), priority.into());
        }
        let tags = rendering.text(&config.tags);
        let tags: Vec<&str> = split(&tags).into_iter().map(str::trim).collect();
        if !tags.is_empty() {
            message.insert("tags".into(), json!(tags));
        }
        put(&mut message, "click", rendering.text(&config.click));
        put(&mut message, "icon", rendering.text(&config.icon));
        if config.markdown {
            message.insert("markdown".into(), true.into());
        }
        rendering.finish()?;
        self.post.json(config.url.as_str(), &message.into()).await?;
        Ok(Receipt::default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::receivers::fake::{Service, configured, notification, one};

    #[tokio::test]
    async fn a_message_for_a_topic() {
        let service = Service::start(&[(200, "{}"), (200, "{}")]).await;
        let ntfy = one(&format!(
            "ntfy_configs: [{{url: '{}', topic: ops, token: tk_1, icon: 'http://x/i.png'}}]",
            service.url
        ));
        ntfy.notify(&notification(&[("firing", "a")]), None).await.unwrap();
        ntfy.notify(&notification(&[("resolved", "a")]), None).await.unwrap();
        let seen = service.seen();
        assert_eq!(seen[0].header("authorization"), "Bearer tk_1");
        let message = seen[0].json();
        assert_eq!((&message["topic"], &message["priority"]), (&json!("ops"), &json!(5)));
        assert_eq!(
            (&message["title"], &message["tags"]),
            (&json!("[FIRING:1] HighCpu, critical, a"), &json!(["rotating_light"]))
        );
        assert_eq!(message["click"], "http://lgtm.example.org/alerts?receiver=on-call");
        assert!(message["message"].as_str().unwrap().contains("Value: 93%"));
        assert_eq!((&seen[1].json()["priority"], &seen[1].json()["tags"]), (&json!(3), &json!(["white_check_mark"])));
        assert!(configured("ntfy_configs: [{}]").map(|made| made.len()).unwrap_err().contains("missing topic"));
    }
}
