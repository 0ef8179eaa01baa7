//! Slack: an attachment by webhook or bot.
//!
//! A bot learns the id of what it has written. With `update_message` that id is remembered: what changes in the group
//! changes the message, and when the group is over, that is also said in the message's thread, because nobody is told
//! of a change.

use super::With;
use super::post::{Answer, Post, load, put};
use super::rendering::Rendering;
use super::truncate;
use crate::config::receivers::slack::{SlackAction, SlackConfig, SlackWay};
use crate::{AlertStatus, Integration, Notification, NotifyError, Receipt};
use async_trait::async_trait;
use reqwest::Url;
use serde_json::{Map, Value, json};

/// Characters of a title.
const TITLE_LENGTH_MAX: usize = 1024;

/// What is remembered: the message's id and the channel's, which is not the channel's name.
const MESSAGE: &str = "threadTs";
const CHANNEL: &str = "channelId";

/// Errors of Slack after which the message can only be written anew.
const GONE: [&str; 4] = ["message_not_found", "channel_not_found", "cant_update_message", "edit_window_closed"];

/// Errors of Slack that pass.
const PASSING: [&str; 5] = ["ratelimited", "rate_limited", "internal_error", "fatal_error", "service_unavailable"];

pub(super) struct Slack {
    config: SlackConfig,
    post: Post,
    with: With,
}

/// What a bot has written.
#[derive(Clone)]
struct Written {
    message: String,
    channel: String,
}

impl Written {
    fn read(receipt: &Receipt) -> Option<Self> {
        let get = |name| receipt.0.get(name).filter(|text| !text.is_empty()).cloned();
        Some(Self { message: get(MESSAGE)?, channel: get(CHANNEL)? })
    }

    fn receipt(self) -> Receipt {
        Receipt([(MESSAGE.to_owned(), self.message), (CHANNEL.to_owned(), self.channel)].into())
    }
}

impl Slack {
    pub fn new(config: &SlackConfig, with: &With) -> Result<Self, String> {
        let post = Post::new(&config.common.http, config.timeout)?;
        Ok(Self { config: config.clone(), post, with: with.clone() })
    }

    fn attachment(&self, rendering: &mut Rendering<'_>) -> Value {
        let config = &self.config;
        let mut attachment = Map::new();
        let title = truncate::in_characters(rendering.text(&config.title), TITLE_LENGTH_MAX);
        put(&mut attachment, "title", title);
        put(&mut attachment, "title_link", rendering.text(&config.title_link));
        put(&mut attachment, "pretext", rendering.text(&config.pretext));
        attachment.insert("text".into(), rendering.text(&config.text).into());
        attachment.insert("fallback".into(), rendering.text(&config.fallback).into());
        attachment.insert("callback_id".into(), rendering.text(&config.callback_id).into());
        put(&mut attachment, "image_url", rendering.text(&config.image_url));
        put(&mut attachment, "thumb_url", rendering.text(&config.thumb_url));
        attachment.insert("footer".into(), rendering.text(&config.footer).into());
        put(&mut attachment, "color", rendering.text(&config.color));
        let markdown = match config.mrkdwn_in.is_empty() {
            true => json!(["fallback", "pretext", "text"]),
            false => json!(config.mrkdwn_in),
        };
        attachment.insert("mrkdwn_in".into(), markdown);
        let fields: Vec<Value> = config
            .fields
            .iter()
            .map(|field| {
                let short = field.short.unwrap_or(config.short_fields);
                json!({"title": rendering.text(&field.title), "value": rendering.text(&field.value), "short": short})
            })
            .collect();
        if !fields.is_empty() {
            attachment.insert("fields".into(), fields.into());
        }
        let actions: Vec<Value> = config.actions.iter().map(|item| action(item, rendering)).collect();
        if !actions.is_empty() {
            attachment.insert("actions".into(), actions.into());
        }
        attachment.into()
    }

    fn message(&self, rendering: &mut Rendering<'_>) -> Map<String, Value> {
        let mut message = Map::new();
        put(&mut message, "channel", rendering.text(&self.config.channel));
        put(&mut message, "username", rendering.text(&self.config.username));
        put(&mut message, "icon_emoji", rendering.text(&self.config.icon_emoji));
        put(&mut message, "icon_url", rendering.text(&self.config.icon_url));
        if self.config.link_names {
            message.insert("link_names".into(), true.into());
        }
        put(&mut message, "text", rendering.text(&self.config.message_text));
        message.insert("attachments".into(), json!([self.attachment(rendering)]));
        message
    }

    /// Writes by a method of Slack's API beside `chat.postMessage`. A success answers what was written, an `Err` of
    /// text is Slack's word for what is wrong.
    async fn call(
        &self,
        url: &str,
        message: &Map<String, Value>,
    ) -> Result<Result<Option<Written>, String>, NotifyError> {
        let answer = self.post.json(url, &Value::Object(message.clone())).await?;
        if !answer.content_type.starts_with("application/json") {
            return webhook_answer(&answer).map(|()| Ok(None));
        }
        let parsed: Value = serde_json::from_str(&answer.body)
            .map_err(|error| NotifyError::Temporary(format!("Slack's answer is no JSON: {error}")))?;
        if parsed["ok"] != json!(true) {
            return Ok(Err(parsed["error"].as_str().unwrap_or("an unknown error").to_owned()));
        }
        let text = |name: &str| parsed[name].as_str().filter(|text| !text.is_empty()).map(str::to_owned);
        Ok(Ok(text("ts").zip(text("channel")).map(|(message, channel)| Written { message, channel })))
    }

    async fn write(&self, url: &str, message: &Map<String, Value>) -> Result<Option<Written>, NotifyError> {
        self.call(url, message).await?.map_err(|error| refused(&error))
    }

    /// Changes what was written; `false` when it is no longer there.
    async fn update(&self, bot: &Url, mut message: Map<String, Value>, old: &Written) -> Result<bool, NotifyError> {
        message.insert("ts".into(), old.message.clone().into());
        message.insert("channel".into(), old.channel.clone().into());
        let url = bot.as_str().replace("/chat.postMessage", "/chat.update");
        match self.call(&url, &message).await? {
            Ok(_) => Ok(true),
            Err(error) if GONE.contains(&error.as_str()) => Ok(false),
            Err(error) => Err(refused(&error)),
        }
    }

    async fn notify_updating(
        &self,
        bot: &Url,
        message: Map<String, Value>,
        old: Option<Written>,
        resolved: bool,
    ) -> Result<Receipt, NotifyError> {
        let kept = match old {
            Some(old) if self.update(bot, message.clone(), &old).await? => Some(old),
            _ => None,
        };
        let Some(old) = kept else {
            let written = self.write(bot.as_str(), &message).await?;
            // A group that is over starts anew the next time.
            return Ok(if resolved { None } else { written }.map(Written::receipt).unwrap_or_default());
        };
        if !resolved {
            return Ok(old.receipt());
        }
        let mut reply = message;
        reply.insert("channel".into(), old.channel.into());
        reply.insert("thread_ts".into(), old.message.into());
        self.write(bot.as_str(), &reply).await?;
        Ok(Receipt::default())
    }
}

/// A webhook answers `ok` in plain text.
fn webhook_answer(answer: &Answer) -> Result<(), NotifyError> {
    match answer.body.as_str() {
        "ok" => Ok(()),
        other => {
            let quoted: String = other.chars().take(200).collect();
            Err(NotifyError::Permanent(format!("received an error response from Slack: {quoted}")))
        }
    }
}

fn refused(error: &str) -> NotifyError {
    let message = format!("error response from Slack: {error}");
    if PASSING.contains(&error) { NotifyError::Temporary(message) } else { NotifyError::Permanent(message) }
}

fn action(action: &SlackAction, rendering: &mut Rendering<'_>) -> Value {
    let mut map = Map::new();
    put(&mut map, "type", rendering.text(&action.kind));
    put(&mut map, "text", rendering.text(&action.text));
    put(&mut map, "url", rendering.text(&action.url));
    put(&mut map, "style", rendering.text(&action.style));
    put(&mut map, "name", rendering.text(&action.name));
    put(&mut map, "value", rendering.text(&action.value));
    if let Some(confirm) = &action.confirm {
        let mut question = Map::new();
        put(&mut question, "title", rendering.text(&confirm.title));
        put(&mut question, "text", rendering.text(&confirm.text));
        put(&mut question, "ok_text", rendering.text(&confirm.ok_text));
        put(&mut question, "dismiss_text", rendering.text(&confirm.dismiss_text));
        map.insert("confirm".into(), question.into());
    }
    map.into()
}

#[async_trait]
impl Integration for Slack {
    fn kind(&self) -> &'static str {
        "slack"
    }

    fn sends_resolved(&self) -> bool {
        self.config.common.send_resolved
    }

    async fn notify(&self, notification: &Notification, previous: Option<&Receipt>) -> Result<Receipt, NotifyError> {
        let mut rendering = Rendering::new(notification, &self.with);
        let message = self.message(&mut rendering);
        rendering.finish()?;
        let resolved = notification.status() == AlertStatus::Resolved;
        let sent = match &self.config.way {
            SlackWay::Webhook(url) => self.write(&load(url)?, &message).await.map(|_| Receipt::default()),
            SlackWay::Bot(url) if self.config.update_message => {
                self.notify_updating(url, message.clone(), previous.and_then(Written::read), resolved).await
            }
            SlackWay::Bot(url) => self.write(url.as_str(), &message).await.map(|_| Receipt::default()),
        };
        let channel = message.get("channel").and_then(Value::as_str).unwrap_or_default();
        sent.map_err(|error| match error {
            NotifyError::Temporary(text) => NotifyError::Temporary(format!("channel {channel:?}: {text}")),
            NotifyError::Permanent(text) => NotifyError::Permanent(format!("channel {channel:?}: {text}")),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::receivers::fake::{Service, configured, notification, one};

    /// Every field that whoever is woken at night needs.
    #[tokio::test]
    async fn a_message_has_all_that_is_asked_for_and_its_end_has_the_duration() {
        let service = Service::start(&[]).await;
        let slack = one(&format!(
            "slack_configs: [{{api_url: '{}/services/T0', channel: '#ops', send_resolved: true}}]",
            service.url
        ));
        let told = slack.notify(&notification(&[("firing", "app-1:9100")]), None).await.unwrap();
        assert_eq!(told, Receipt::default());
        slack.notify(&notification(&[("resolved", "app-1:9100")]), None).await.unwrap();
        let seen = service.seen();
        let (firing, resolved) = (seen[0].json(), seen[1].json());
        assert_eq!(firing["channel"], "#ops");
        let attachment = &firing["attachments"][0];
        assert_eq!(attachment["title"], "[FIRING:1] HighCpu, critical, app-1:9100");
        assert_eq!(attachment["color"], "danger");
        let text = attachment["text"].as_str().unwrap();
        for part in [
            "*HighCpu* `critical`",
            "The processor is busy",
            "*Host:* app-1:9100",
            "*Value:* 93%",
            "*Since:* 2026-01-02 03:04:05 UTC",
            "<http://lgtm.example.org/d/host?viewPanel=2&from=1767321245000&to=now|Panel>",
            "<http://lgtm.example.org/runbooks/HighCpu|Runbook>",
        ] {
            assert!(text.contains(part), "{part:?} is missing in {text}");
        }
        let attachment = &resolved["attachments"][0];
        assert_eq!(attachment["title"], "[RESOLVED] HighCpu, critical, app-1:9100");
        assert_eq!(attachment["color"], "good");
        let text = attachment["text"].as_str().unwrap();
        assert!(text.contains("resolved after 4m 20s") && text.contains("to=1767323905000|Panel>"), "{text}");
    }

    fn bot(service: &Service) -> std::sync::Arc<dyn Integration> {
        one(&format!(
            "slack_configs:\n- app_url: {}/api/chat.postMessage\n  app_token: xoxb-1\n  channel: ops\n  \
             update_message: true\n  send_resolved: true\n",
            service.url
        ))
    }

    const WRITTEN: &str = r#"{"ok": true, "ts": "1.5", "channel": "C1"}"#;

    #[tokio::test]
    async fn a_bot_changes_its_message_and_tells_the_thread_that_it_is_over() {
        let service = Service::start(&[(200, WRITTEN); 4]).await;
        let slack = bot(&service);
        let first = slack.notify(&notification(&[("firing", "a")]), None).await.unwrap();
        assert_eq!(first.0.get("threadTs").map(String::as_str), Some("1.5"));
        let second = slack.notify(&notification(&[("firing", "a"), ("firing", "b")]), Some(&first)).await.unwrap();
        assert_eq!(second, first);
        let last = slack.notify(&notification(&[("resolved", "a")]), Some(&second)).await.unwrap();
        assert_eq!(last, Receipt::default());
        let seen = service.seen();
        let paths: Vec<&str> = seen.iter().map(|seen| seen.path.as_str()).collect();
        assert_eq!(paths, ["/api/chat.postMessage", "/api/chat.update", "/api/chat.update", "/api/chat.postMessage"]);
        assert!(seen.iter().all(|seen| seen.header("authorization") == "Bearer xoxb-1"));
        assert_eq!(seen[0].json()["channel"], "ops");
        assert_eq!((&seen[1].json()["ts"], &seen[1].json()["channel"]), (&json!("1.5"), &json!("C1")));
        assert_eq!((&seen[3].json()["thread_ts"], &seen[3].json()["channel"]), (&json!("1.5"), &json!("C1")));
    }

    #[tokio::test]
    async fn a_message_that_is_gone_is_written_anew() {
        let gone = r#"{"ok": false, "error": "message_not_found"}"#;
        let service = Service::start(&[(200, gone), (200, WRITTEN)]).await;
        let old = Written { message: "0.1".into(), channel: "C0".into() }.receipt();
        let new = bot(&service).notify(&notification(&[("firing", "a")]), Some(&old)).await.unwrap();
        assert_eq!(new.0.get("channelId").map(String::as_str), Some("C1"));
    }

    #[tokio::test]
    async fn errors_say_whether_trying_again_may_help_and_hold_no_secret() {
        let script = [
            (200, r#"{"ok": false, "error": "channel_not_found"}"#),
            (200, r#"{"ok": false, "error": "ratelimited"}"#),
            (429, ""),
        ];
        let service = Service::start(&script).await;
        let slack = bot(&service);
        let mut errors = Vec::new();
        for _ in 0..3 {
            errors.push(slack.notify(&notification(&[("firing", "a")]), None).await.unwrap_err());
        }
        assert!(matches!(&errors[0], NotifyError::Permanent(text) if text.contains("channel_not_found")));
        assert!(matches!(&errors[1..], [NotifyError::Temporary(_), NotifyError::Temporary(_)]), "{errors:?}");
        let unreachable = one("slack_configs: [{api_url: 'http://127.0.0.1:1/services/SECRET'}]");
        let error = unreachable.notify(&notification(&[("firing", "a")]), None).await.unwrap_err();
        assert!(matches!(&error, NotifyError::Temporary(text) if !text.contains("SECRET")), "{error}");
    }

    #[test]
    fn a_webhook_cannot_update_and_buttons_need_a_name_or_a_link() {
        let problems = |text: &str| configured(text).map(|made| made.len()).unwrap_err();
        assert!(problems("slack_configs: [{api_url: 'http://x/y', update_message: true}]").contains("bot tokens"));
        assert!(problems("slack_configs: [{}]").contains("no Slack API URL nor App token"));
        assert!(
            problems("slack_configs: [{api_url: 'http://x/y', actions: [{type: button, text: a}]}]")
                .contains("name or url")
        );
        assert!(
            problems("slack_configs: [{api_url: 'http://x/y', title: '{{ .Status | default \"x\" }}'}]")
                .contains("default")
        );
    }
}
