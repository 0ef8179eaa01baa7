//! Discord: an embed by webhook.

use super::With;
use super::post::{Post, load, put};
use super::rendering::Rendering;
use super::truncate;
use crate::config::receivers::discord::DiscordConfig;
use crate::{AlertStatus, Integration, Notification, NotifyError, Receipt};
use async_trait::async_trait;
use serde_json::{Map, json};

/// Characters that Discord takes.
const TITLE_LENGTH_MAX: usize = 256;
const DESCRIPTION_LENGTH_MAX: usize = 4096;
const CONTENT_LENGTH_MAX: usize = 2000;

pub(super) struct Discord {
    config: DiscordConfig,
    post: Post,
    with: With,
}

impl Discord {
    pub fn new(config: &DiscordConfig, with: &With) -> Result<Self, String> {
        Ok(Self { config: config.clone(), post: Post::new(&config.common.http, None)?, with: with.clone() })
    }
}

#[async_trait]
impl Integration for Discord {
    fn kind(&self) -> &'static str {
        "discord"
    }

    fn sends_resolved(&self) -> bool {
        self.config.common.send_resolved
    }

    async fn notify(&self, notification: &Notification, _: Option<&Receipt>) -> Result<Receipt, NotifyError> {
        let mut rendering = Rendering::new(notification, &self.with);
        let title = truncate::in_characters(rendering.text(&self.config.title), TITLE_LENGTH_MAX);
        let description = truncate::in_characters(rendering.text(&self.config.message), DESCRIPTION_LENGTH_MAX);
        let content = truncate::in_characters(rendering.text(&self.config.content), CONTENT_LENGTH_MAX);
        rendering.finish()?;
        let color = if notification.status() == AlertStatus::Firing { 0x0099_2D22 } else { 0x002E_CC71 };
        let mut message = Map::new();
        message.insert("content".into(), content.into());
        message.insert("embeds".into(), json!([{"title": title, "description": description, "color": color}]));
        put(&mut message, "username", self.config.username.clone());
        put(&mut message, "avatar_url", self.config.avatar_url.clone());
        self.post.json(&load(&self.config.webhook_url)?, &message.into()).await?;
        Ok(Receipt::default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::receivers::fake::{Service, notification, one};

    #[tokio::test]
    async fn an_embed_within_the_limits() {
        let service = Service::start(&[(204, "")]).await;
        let discord = one(&format!(
            "discord_configs: [{{webhook_url: '{}/x', title: '{}', message: '{}', content: hi, username: bot}}]",
            service.url,
            "t".repeat(300),
            "m".repeat(5000)
        ));
        discord.notify(&notification(&[("resolved", "a")]), None).await.unwrap();
        let message = service.only().json();
        assert_eq!((&message["content"], &message["username"]), (&json!("hi"), &json!("bot")));
        let embed = &message["embeds"][0];
        assert_eq!(embed["title"].as_str().unwrap().chars().count(), 256);
        assert_eq!(embed["description"].as_str().unwrap().chars().count(), 4096);
        assert_eq!(embed["color"], 0x002E_CC71);
    }
}
