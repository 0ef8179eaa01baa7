//! Webex: a message in a room.

use super::With;
use super::post::{Post, put};
use super::rendering::Rendering;
use super::truncate;
use crate::config::receivers::webex::WebexConfig;
use crate::{Integration, Notification, NotifyError, Receipt};
use async_trait::async_trait;
use serde_json::Map;

/// Bytes of a message, a little below what Webex takes.
const MESSAGE_SIZE_BYTES_MAX: usize = 7439;

pub(super) struct Webex {
    config: WebexConfig,
    post: Post,
    with: With,
}

impl Webex {
    pub fn new(config: &WebexConfig, with: &With) -> Result<Self, String> {
        Ok(Self { config: config.clone(), post: Post::new(&config.common.http, None)?, with: with.clone() })
    }
}

#[async_trait]
impl Integration for Webex {
    fn kind(&self) -> &'static str {
        "webex"
    }

    fn sends_resolved(&self) -> bool {
        self.config.common.send_resolved
    }

    async fn notify(&self, notification: &Notification, _: Option<&Receipt>) -> Result<Receipt, NotifyError> {
        let mut rendering = Rendering::new(notification, &self.with);
        let text = truncate::in_bytes(rendering.text(&self.config.message), MESSAGE_SIZE_BYTES_MAX);
        let mut message = Map::new();
        message.insert("markdown".into(), text.into());
        put(&mut message, "roomId", rendering.text(&self.config.room_id));
        rendering.finish()?;
        self.post.json(self.config.api_url.as_str(), &message.into()).await?;
        Ok(Receipt::default())
    }
}

#[cfg(test)]
mod tests {
    use crate::receivers::fake::{Service, configured, notification, one};

    #[tokio::test]
    async fn a_message_in_a_room_that_fits() {
        let service = Service::start(&[]).await;
        let webex = one(&format!(
            "webex_configs:\n- room_id: r\n  api_url: {}\n  message: '{}'\n  http_config: {{authorization: {{credentials: tok}}}}\n",
            service.url,
            "é".repeat(8000)
        ));
        webex.notify(&notification(&[("firing", "a")]), None).await.unwrap();
        let seen = service.only();
        assert_eq!(seen.header("authorization"), "Bearer tok");
        assert_eq!(seen.json()["roomId"], "r");
        assert!(seen.json()["markdown"].as_str().unwrap().len() <= 7439);
        assert!(
            configured("webex_configs: [{room_id: r}]").map(|made| made.len()).unwrap_err().contains("authorization")
        );
    }
}
