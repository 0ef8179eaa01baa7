//! Microsoft Teams: a connector card, or an adaptive card for workflows.

use super::With;
use super::post::{Post, load};
use super::rendering::Rendering;
use crate::config::receivers::msteams::TeamsConfig;
use crate::{AlertStatus, Integration, Notification, NotifyError, Receipt};
use async_trait::async_trait;
use serde_json::{Value, json};

pub(super) struct Teams {
    config: TeamsConfig,
    post: Post,
    with: With,
}

impl Teams {
    pub fn new(config: &TeamsConfig, with: &With) -> Result<Self, String> {
        Ok(Self { config: config.clone(), post: Post::new(&config.common.http, None)?, with: with.clone() })
    }
}

fn connector_card(title: &str, summary: &str, text: &str, status: AlertStatus) -> Value {
    let color = if status == AlertStatus::Firing { "8C1A1A" } else { "2DC72D" };
    json!({
        "@context": "http://schema.org/extensions",
        "type": "MessageCard",
        "title": title,
        "summary": summary,
        "text": text,
        "themeColor": color,
    })
}

fn adaptive_card(title: &str, text: &str, status: AlertStatus) -> Value {
    let color = if status == AlertStatus::Firing { "Attention" } else { "Good" };
    json!({
        "type": "message",
        "attachments": [{
            "contentType": "application/vnd.microsoft.card.adaptive",
            "contentUrl": null,
            "content": {
                "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
                "type": "AdaptiveCard",
                "version": "1.2",
                "body": [
                    {
                        "type": "TextBlock", "text": title, "weight": "Bolder", "size": "Medium", "wrap": true,
                        "style": "heading", "color": color,
                    },
                    {"type": "TextBlock", "text": text, "wrap": true},
                ],
                "msteams": {"width": "full"},
            },
        }],
    })
}

#[async_trait]
impl Integration for Teams {
    fn kind(&self) -> &'static str {
        if self.config.adaptive { "msteamsv2" } else { "msteams" }
    }

    fn sends_resolved(&self) -> bool {
        self.config.common.send_resolved
    }

    async fn notify(&self, notification: &Notification, _: Option<&Receipt>) -> Result<Receipt, NotifyError> {
        let mut rendering = Rendering::new(notification, &self.with);
        let (title, text) = (rendering.text(&self.config.title), rendering.text(&self.config.text));
        let summary = rendering.text(&self.config.summary);
        rendering.finish()?;
        let card = match self.config.adaptive {
            true => adaptive_card(&title, &text, notification.status()),
            false => connector_card(&title, &summary, &text, notification.status()),
        };
        self.post.json(&load(&self.config.webhook_url)?, &card).await?;
        Ok(Receipt::default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::receivers::fake::{Service, notification, receiver};

    #[tokio::test]
    async fn both_cards() {
        let service = Service::start(&[(200, "1"), (202, "")]).await;
        let text = format!(
            "msteams_configs: [{{webhook_url: '{0}/old'}}]\nmsteamsv2_configs: [{{webhook_url: '{0}/new'}}]\n",
            service.url
        );
        for (teams, kind) in receiver(&text).iter().zip(["msteams", "msteamsv2"]) {
            assert_eq!(teams.kind(), kind);
            teams.notify(&notification(&[("firing", "a")]), None).await.unwrap();
        }
        let seen = service.seen();
        let (old, new) = (seen[0].json(), seen[1].json());
        assert_eq!((&old["type"], &old["themeColor"]), (&json!("MessageCard"), &json!("8C1A1A")));
        assert_eq!(old["summary"], "[FIRING:1] HighCpu, critical, a");
        let body = &new["attachments"][0]["content"]["body"];
        assert_eq!(new["attachments"][0]["contentType"], "application/vnd.microsoft.card.adaptive");
        assert_eq!(
            (&body[0]["text"], &body[0]["color"]),
            (&json!("[FIRING:1] HighCpu, critical, a"), &json!("Attention"))
        );
        assert!(body[1]["text"].as_str().unwrap().contains("- Value: 93%"));
    }
}
