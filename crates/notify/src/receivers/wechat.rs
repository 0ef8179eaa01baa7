//! WeChat Work: a message of an application, with a token that is asked for every two hours.

use super::With;
use super::post::{Post, join, load, put};
use super::rendering::Rendering;
use crate::config::receivers::wechat::WeChatConfig;
use crate::{Integration, Notification, NotifyError, Receipt};
use async_trait::async_trait;
use reqwest::Method;
use serde_json::{Map, Value, json};
use std::time::Duration;
use tokio::sync::Mutex;

/// How long a token is good for.
const TOKEN_AGE_MAX: Duration = Duration::from_secs(2 * 60 * 60);

/// WeChat's word for a token that is no longer good.
const TOKEN_EXPIRED: i64 = 42001;

pub(super) struct WeChat {
    config: WeChatConfig,
    post: Post,
    with: With,
    token: Mutex<Option<(String, Duration)>>,
}

impl WeChat {
    pub fn new(config: &WeChatConfig, with: &With) -> Result<Self, String> {
        let post = Post::new(&config.common.http, None)?;
        Ok(Self { config: config.clone(), post, with: with.clone(), token: Mutex::new(None) })
    }

    fn url(&self, path: &str, query: &[(&str, &str)]) -> String {
        let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(query).finish();
        format!("{}?{query}", join(&self.config.api_url, path))
    }

    async fn token(&self, corp_id: &str, secret: &str) -> Result<String, NotifyError> {
        let now = self.with.clock.elapsed();
        let mut token = self.token.lock().await;
        if let Some((text, since)) = &*token
            && now.saturating_sub(*since) < TOKEN_AGE_MAX
        {
            return Ok(text.clone());
        }
        let url = self.url("gettoken", &[("corpsecret", secret), ("corpid", corp_id)]);
        let answer = self.post.checked(self.post.request(Method::GET, &url)?).await?;
        let parsed: Value = serde_json::from_str(&answer.body).unwrap_or_default();
        let Some(text) = parsed["access_token"].as_str().filter(|text| !text.is_empty()) else {
            return Err(NotifyError::Permanent(format!("invalid APISecret for CorpID: {corp_id}")));
        };
        *token = Some((text.to_owned(), now));
        Ok(text.to_owned())
    }
}

#[async_trait]
impl Integration for WeChat {
    fn kind(&self) -> &'static str {
        "wechat"
    }

    fn sends_resolved(&self) -> bool {
        self.config.common.send_resolved
    }

    async fn notify(&self, notification: &Notification, _: Option<&Receipt>) -> Result<Receipt, NotifyError> {
        let config = &self.config;
        let mut rendering = Rendering::new(notification, &self.with);
        let kind = if config.markdown { "markdown" } else { "text" };
        let mut message = Map::new();
        message.insert(kind.into(), json!({"content": rendering.text(&config.message)}));
        message.insert("msgtype".into(), kind.into());
        message.insert("safe".into(), "0".into());
        put(&mut message, "touser", rendering.text(&config.to_user));
        put(&mut message, "toparty", rendering.text(&config.to_party));
        put(&mut message, "totag", rendering.text(&config.to_tag));
        put(&mut message, "agentid", rendering.text(&config.agent_id));
        let secret = rendering.text(&load(&config.api_secret)?);
        let corp_id = rendering.text(&config.corp_id);
        rendering.finish()?;
        let token = self.token(&corp_id, &secret).await?;
        let url = self.url("message/send", &[("access_token", &token)]);
        let answer = self.post.json(&url, &message.into()).await?;
        let parsed: Value = serde_json::from_str(&answer.body)
            .map_err(|_| NotifyError::Temporary("WeChat's answer is no JSON".to_owned()))?;
        let reason = || parsed["errmsg"].as_str().unwrap_or("an unknown error").to_owned();
        match parsed["errcode"].as_i64().unwrap_or(0) {
            0 => Ok(Receipt::default()),
            TOKEN_EXPIRED => {
                *self.token.lock().await = None;
                Err(NotifyError::Temporary(reason()))
            }
            _ => Err(NotifyError::Permanent(reason())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::receivers::fake::{Service, notification, one};

    #[tokio::test]
    async fn a_token_is_kept_until_it_is_refused() {
        let token = r#"{"errcode":0,"access_token":"tok"}"#;
        let (fine, expired) =
            (r#"{"errcode":0,"errmsg":"ok"}"#, r#"{"errcode":42001,"errmsg":"access_token expired"}"#);
        let service = Service::start(&[(200, token), (200, fine), (200, expired), (200, token), (200, fine)]).await;
        let wechat = one(&format!(
            "wechat_configs: [{{api_secret: s, corp_id: c, api_url: '{}/cgi-bin/', to_user: u}}]",
            service.url
        ));
        let firing = notification(&[("firing", "a")]);
        wechat.notify(&firing, None).await.unwrap();
        let error = wechat.notify(&firing, None).await.unwrap_err();
        assert!(matches!(&error, NotifyError::Temporary(text) if text == "access_token expired"), "{error:?}");
        wechat.notify(&firing, None).await.unwrap();
        let seen = service.seen();
        let paths: Vec<&str> = seen.iter().map(|seen| seen.path.as_str()).collect();
        let (ask, send) = ("/cgi-bin/gettoken?corpsecret=s&corpid=c", "/cgi-bin/message/send?access_token=tok");
        assert_eq!(paths, [ask, send, send, ask, send]);
        let message = seen[1].json();
        assert_eq!((&message["touser"], &message["msgtype"]), (&json!("u"), &json!("text")));
        assert!(message["text"]["content"].as_str().unwrap().contains("Value: 93%"));
    }
}
