//! Telegram: a message of a bot.

use super::With;
use super::post::{Post, join, load};
use super::rendering::Rendering;
use super::truncate;
use crate::config::receivers::telegram::{Chat, TelegramConfig};
use crate::{Integration, Notification, NotifyError, Receipt};
use async_trait::async_trait;
use lgtm_settings::Secret;
use reqwest::Method;
use serde_json::{Value, json};

/// Characters of a message.
const MESSAGE_LENGTH_MAX: usize = 4096;

/// Stands for a message in HTML that is too long: cutting it could leave a tag open, which Telegram refuses.
const TOO_LONG: &str = "{{ template \"__subject\" . }}\n\nThe message is longer than Telegram allows. \
                        <a href=\"{{ template \"__alertmanagerURL\" . }}\">All of it</a>";

pub(super) struct Telegram {
    config: TelegramConfig,
    post: Post,
    with: With,
}

impl Telegram {
    pub fn new(config: &TelegramConfig, with: &With) -> Result<Self, String> {
        Ok(Self { config: config.clone(), post: Post::new(&config.common.http, None)?, with: with.clone() })
    }

    fn text(&self, rendering: &mut Rendering<'_>) -> String {
        if self.config.parse_mode != "HTML" {
            return truncate::in_characters(rendering.text(&self.config.message), MESSAGE_LENGTH_MAX);
        }
        let text = rendering.html(&self.config.message);
        if text.chars().count() > MESSAGE_LENGTH_MAX { rendering.html(TOO_LONG) } else { text }
    }

    fn chat_id(&self) -> Result<i64, NotifyError> {
        match &self.config.chat {
            Chat::Id(id) => Ok(*id),
            Chat::File(path) => {
                let text = Secret::read_file(path).map_err(|error| NotifyError::Temporary(error.to_string()))?;
                text.expose()
                    .parse()
                    .map_err(|_| NotifyError::Permanent(format!("chat_id_file {path:?} holds no number")))
            }
        }
    }
}

#[async_trait]
impl Integration for Telegram {
    fn kind(&self) -> &'static str {
        "telegram"
    }

    fn sends_resolved(&self) -> bool {
        self.config.common.send_resolved
    }

    async fn notify(&self, notification: &Notification, _: Option<&Receipt>) -> Result<Receipt, NotifyError> {
        let mut rendering = Rendering::new(notification, &self.with);
        let text = self.text(&mut rendering);
        rendering.finish()?;
        let mut message = json!({
            "chat_id": self.chat_id()?,
            "text": text,
            "disable_notification": self.config.disable_notifications,
            "disable_web_page_preview": true,
        });
        if !self.config.parse_mode.is_empty() {
            message["parse_mode"] = json!(self.config.parse_mode);
        }
        if self.config.message_thread_id != 0 {
            message["message_thread_id"] = json!(self.config.message_thread_id);
        }
        let url = join(&self.config.api_url, &format!("bot{}/sendMessage", load(&self.config.bot_token)?));
        let request = self.post.request(Method::POST, &url)?.header("Content-Type", "application/json");
        let answer = self.post.send(request.body(message.to_string())).await?;
        let parsed: Value = serde_json::from_str(&answer.body).unwrap_or_default();
        match self.post.failure(&answer, parsed["description"].as_str().unwrap_or_default()) {
            Some(error) => Err(error),
            None => Ok(Receipt::default()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::receivers::fake::{Service, configured, notification, one};

    fn bot(service: &Service, more: &str) -> std::sync::Arc<dyn Integration> {
        one(&format!("telegram_configs:\n- api_url: {}\n  bot_token: '1:SECRET'\n  chat_id: -7\n{more}", service.url))
    }

    #[tokio::test]
    async fn a_message_in_html_with_what_it_inserts_escaped() {
        let service = Service::start(&[(200, r#"{"ok":true}"#)]).await;
        let more = "  message_thread_id: 3\n  message: '<b>{{ .CommonLabels.instance }}</b>'\n";
        bot(&service, more).notify(&notification(&[("firing", "<a>")]), None).await.unwrap();
        let seen = service.only();
        assert_eq!(seen.path, "/bot1:SECRET/sendMessage");
        let message = seen.json();
        assert_eq!((&message["chat_id"], &message["message_thread_id"]), (&json!(-7), &json!(3)));
        assert_eq!((&message["parse_mode"], &message["text"]), (&json!("HTML"), &json!("<b>&lt;a&gt;</b>")));
        assert_eq!(message["disable_web_page_preview"], true);
    }

    #[tokio::test]
    async fn what_is_too_long_is_cut_or_replaced_by_a_link() {
        let service = Service::start(&[(200, r#"{"ok":true}"#), (200, r#"{"ok":true}"#)]).await;
        let long = "x".repeat(5000);
        let firing = notification(&[("firing", "a")]);
        bot(&service, &format!("  parse_mode: ''\n  message: {long}\n")).notify(&firing, None).await.unwrap();
        bot(&service, &format!("  message: <b>{long}</b>\n")).notify(&firing, None).await.unwrap();
        let seen = service.seen();
        assert_eq!(seen[0].json()["text"].as_str().unwrap().chars().count(), 4096);
        assert!(seen[0].json().get("parse_mode").is_none());
        assert!(seen[1].json()["text"].as_str().unwrap().contains("longer than Telegram allows"));
    }

    #[tokio::test]
    async fn telegrams_own_words_are_told_and_the_token_is_not() {
        let service =
            Service::start(&[(400, r#"{"ok":false,"error_code":400,"description":"Bad Request: chat not found"}"#)])
                .await;
        let error = bot(&service, "").notify(&notification(&[("firing", "a")]), None).await.unwrap_err();
        assert_eq!(error.to_string(), "unexpected status code 400: Bad Request: chat not found");
        let away = one("telegram_configs: [{api_url: 'http://127.0.0.1:1', bot_token: '1:SECRET', chat_id: 1}]");
        let error = away.notify(&notification(&[("firing", "a")]), None).await.unwrap_err();
        assert!(!error.to_string().contains("SECRET"), "{error}");
        let problems =
            configured("telegram_configs: [{bot_token: x, chat_id: 1, parse_mode: Html}]").map(|made| made.len());
        assert!(problems.unwrap_err().contains("\"MarkdownV2\""));
    }
}
