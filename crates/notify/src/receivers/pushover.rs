//! Pushover: a push notification.

use super::With;
use super::post::{Post, load};
use super::rendering::Rendering;
use super::truncate;
use crate::config::receivers::pushover::PushoverConfig;
use crate::{Integration, Notification, NotifyError, Receipt};
use async_trait::async_trait;
use reqwest::Method;

/// Characters that Pushover takes.
const TITLE_LENGTH_MAX: usize = 250;
const MESSAGE_LENGTH_MAX: usize = 1024;
const URL_LENGTH_MAX: usize = 512;

const API_URL: &str = "https://api.pushover.net/1/messages.json";

pub(super) struct Pushover {
    config: PushoverConfig,
    post: Post,
    with: With,
    api_url: String,
}

impl Pushover {
    pub fn new(config: &PushoverConfig, with: &With) -> Result<Self, String> {
        let post = Post::new(&config.common.http, None)?;
        Ok(Self { config: config.clone(), post, with: with.clone(), api_url: API_URL.to_owned() })
    }

    /// In the body and not in the URL, so that keys stand in no log on the way.
    fn form(&self, rendering: &mut Rendering<'_>) -> Result<String, NotifyError> {
        let config = &self.config;
        let message = if config.html { rendering.html(&config.message) } else { rendering.text(&config.message) };
        let message = truncate::in_characters(message, MESSAGE_LENGTH_MAX);
        let message = match message.trim() {
            // Pushover refuses an empty message.
            "" => "(no details)",
            message => message,
        };
        let mut form = url::form_urlencoded::Serializer::new(String::new());
        form.append_pair("token", &rendering.text(&load(&config.token)?))
            .append_pair("user", &rendering.text(&load(&config.user_key)?))
            .append_pair("title", &truncate::in_characters(rendering.text(&config.title), TITLE_LENGTH_MAX))
            .append_pair("message", message)
            .append_pair("url", &truncate::in_characters(rendering.text(&config.url), URL_LENGTH_MAX))
            .append_pair("url_title", &rendering.text(&config.url_title))
            .append_pair("priority", &rendering.text(&config.priority))
            .append_pair("retry", &config.retry.as_secs().to_string())
            .append_pair("expire", &config.expire.as_secs().to_string())
            .append_pair("device", &rendering.text(&config.device))
            .append_pair("sound", &rendering.text(&config.sound));
        for (name, given) in [("html", config.html), ("monospace", config.monospace)] {
            if given {
                form.append_pair(name, "1");
            }
        }
        if let Some(ttl) = config.ttl.map(|ttl| ttl.as_secs()).filter(|ttl| *ttl > 0) {
            form.append_pair("ttl", &ttl.to_string());
        }
        Ok(form.finish())
    }
}

#[async_trait]
impl Integration for Pushover {
    fn kind(&self) -> &'static str {
        "pushover"
    }

    fn sends_resolved(&self) -> bool {
        self.config.common.send_resolved
    }

    async fn notify(&self, notification: &Notification, _: Option<&Receipt>) -> Result<Receipt, NotifyError> {
        let mut rendering = Rendering::new(notification, &self.with);
        let form = self.form(&mut rendering)?;
        rendering.finish()?;
        let request = self.post.request(Method::POST, &self.api_url)?;
        let request = request.header("Content-Type", "application/x-www-form-urlencoded").body(form);
        self.post.checked(request).await?;
        Ok(Receipt::default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Global;
    use crate::config::receivers::{Context, ReceiverConfig, read};
    use crate::receivers::fake::{Service, configured, notification, with};

    #[tokio::test]
    async fn a_form_with_keys_in_the_body() {
        let service = Service::start(&[(200, r#"{"status":1}"#)]).await;
        let with = with();
        let context = Context { global: &Global::default(), templates: &with.templates };
        let text = "name: x\npushover_configs: [{token: t, user_key: u, message: ' ', ttl: 90s, html: true}]";
        let read = lgtm_settings::read_text("a.yml", text, |node| read(node, &context)).unwrap().value;
        let ReceiverConfig::Pushover(config) = &read.configs[0] else { panic!() };
        let mut pushover = Pushover::new(config, &with).unwrap();
        pushover.api_url = service.url.clone();
        pushover.notify(&notification(&[("firing", "a")]), None).await.unwrap();
        let seen = service.only();
        assert_eq!(seen.path, "/");
        for part in [
            "token=t",
            "user=u",
            "message=%28no+details%29",
            "priority=2",
            "retry=60",
            "expire=3600",
            "ttl=90",
            "html=1",
        ] {
            assert!(seen.body.split('&').any(|pair| pair == part), "{part} in {}", seen.body);
        }
        let both = configured("pushover_configs: [{token: t, user_key: u, html: true, monospace: true}]");
        assert!(both.map(|made| made.len()).unwrap_err().contains("at most one of monospace & html"));
    }
}
