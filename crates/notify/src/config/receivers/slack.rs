//! `slack_configs`: a Slack webhook, or a bot that can change what it has written.

use super::Context;
use super::reading::{Common, Reader, reader};
use lgtm_client::Auth;
use lgtm_settings::{Node, SecretSource};
use std::time::Duration;
use url::Url;

/// Where a bot posts; other endings mean a webhook.
const POST_METHOD: &str = "/chat.postMessage";

/// How Slack is reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SlackWay {
    /// An incoming webhook: messages stay as they are sent.
    Webhook(SecretSource),
    /// `chat.postMessage`: the answer names the message, so that it can be changed and replied to.
    Bot(Url),
}

/// One channel.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the fields are named as Slack names them; all texts are templates")]
pub struct SlackConfig {
    pub common: Common,
    pub way: SlackWay,
    pub channel: String,
    pub username: String,
    pub color: String,
    pub title: String,
    pub title_link: String,
    pub pretext: String,
    pub text: String,
    pub message_text: String,
    pub fields: Vec<SlackField>,
    pub short_fields: bool,
    pub footer: String,
    pub fallback: String,
    pub callback_id: String,
    pub icon_emoji: String,
    pub icon_url: String,
    pub image_url: String,
    pub thumb_url: String,
    pub link_names: bool,
    pub mrkdwn_in: Vec<String>,
    pub actions: Vec<SlackAction>,
    pub update_message: bool,
    pub timeout: Option<Duration>,
}

/// A titled value within the message.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the fields are named as Slack names them")]
pub struct SlackField {
    pub title: String,
    pub value: String,
    pub short: Option<bool>,
}

/// A button.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the fields are named as Slack names them")]
pub struct SlackAction {
    pub kind: String,
    pub text: String,
    pub url: String,
    pub style: String,
    pub name: String,
    pub value: String,
    pub confirm: Option<SlackConfirmation>,
}

/// The question before a button does something.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the fields are named as Slack names them")]
pub struct SlackConfirmation {
    pub text: String,
    pub title: String,
    pub ok_text: String,
    pub dismiss_text: String,
}

pub(super) fn read(node: Node<'_>, context: &Context<'_>) -> Option<SlackConfig> {
    reader(node, context, |reader| {
        let own_http = reader.fields.has("http_config");
        let mut common = reader.common(false);
        let way = way(reader, &mut common, own_http);
        let default = |part: &str| format!("{{{{ template \"slack.default.{part}\" . }}}}");
        let config = SlackConfig {
            common,
            way: way.clone().unwrap_or_else(|| SlackWay::Webhook(SecretSource::File("".into()))),
            channel: reader.text("channel", ""),
            username: reader.text("username", &default("username")),
            color: reader.text("color", &default("color")),
            title: reader.text("title", &default("title")),
            title_link: reader.text("title_link", &default("titlelink")),
            pretext: reader.text("pretext", &default("pretext")),
            text: reader.text("text", &default("text")),
            message_text: reader.text("message_text", ""),
            fields: reader.list("fields", field),
            short_fields: reader.flag("short_fields", false),
            footer: reader.text("footer", &default("footer")),
            fallback: reader.text("fallback", &default("fallback")),
            callback_id: reader.text("callback_id", &default("callbackid")),
            icon_emoji: reader.text("icon_emoji", &default("iconemoji")),
            icon_url: reader.text("icon_url", &default("iconurl")),
            image_url: reader.text("image_url", ""),
            thumb_url: reader.text("thumb_url", ""),
            link_names: reader.flag("link_names", false),
            mrkdwn_in: reader.fields.or_default("mrkdwn_in", |node| node.list(|item| item.string())),
            actions: reader.list("actions", action),
            update_message: reader.flag("update_message", false),
            timeout: reader.duration("timeout"),
        };
        if config.update_message && !matches!(config.way, SlackWay::Bot(_)) {
            reader.fields.problem_at(
                "update_message",
                "update_message can only be used with bot tokens: set app_token, or set api_url to \
                 https://slack.com/api/chat.postMessage and the token in http_config.authorization",
            );
        }
        way.map(|_| config)
    })
}

/// The receiver's own way, or else the global one. A bot's token goes where HTTP takes its authorization from.
fn way(reader: &mut Reader<'_, '_, '_>, common: &mut Common, own_http: bool) -> Option<SlackWay> {
    let global = reader.context.global;
    let mut api_url = reader.secret_url("api_url", "api_url_file");
    let mut token = reader.secret("app_token", "app_token_file");
    let app_url = reader.url("app_url").or_else(|| global.slack_app_url.clone());
    if api_url.is_some() && token.is_some() {
        let problem = "at most one of api_url/api_url_file & app_token/app_token_file must be configured";
        reader.fields.node().problem(problem);
        return None;
    }
    let authorized = matches!(common.http.auth, Auth::Header { .. });
    if token.is_none() && api_url.is_none() && !(own_http && authorized) {
        token = global.slack_app_token.clone();
    }
    if let Some(token) = token {
        if authorized {
            reader.fields.node().problem("http authorization can't be set when using Slack App tokens");
            return None;
        }
        common.http.auth = Auth::Header { scheme: "Bearer".to_owned(), credentials: Some(token) };
        if app_url.is_none() {
            reader.fields.node().problem("no global Slack App URL set");
        }
        return app_url.map(SlackWay::Bot);
    }
    if api_url.is_none() {
        api_url = global.slack_api_url.clone();
    }
    let Some(api_url) = api_url else {
        reader.fields.node().problem(
            "no Slack API URL nor App token set either inline or in a file: give api_url, api_url_file or app_token \
             here, or slack_api_url, slack_api_url_file or slack_app_token in global",
        );
        return None;
    };
    let bot = match &api_url {
        SecretSource::Inline(url) => Url::parse(url.expose()).ok().filter(|url| url.path().ends_with(POST_METHOD)),
        SecretSource::File(_) => None,
    };
    Some(bot.map_or(SlackWay::Webhook(api_url), SlackWay::Bot))
}

fn field(reader: &mut Reader<'_, '_, '_>) -> Option<SlackField> {
    let (title, value) = (reader.text("title", ""), reader.text("value", ""));
    for (name, text) in [("title", &title), ("value", &value)] {
        if text.is_empty() {
            reader.fields.node().problem(format!("missing {name} in Slack field configuration"));
        }
    }
    Some(SlackField { title, value, short: reader.fields.optional("short", |node| node.bool()) })
}

fn action(reader: &mut Reader<'_, '_, '_>) -> Option<SlackAction> {
    let mut action = SlackAction {
        kind: reader.text("type", ""),
        text: reader.text("text", ""),
        url: reader.text("url", ""),
        style: reader.text("style", ""),
        name: reader.text("name", ""),
        value: reader.text("value", ""),
        confirm: {
            let context = reader.context;
            reader.fields.optional("confirm", |node| self::reader(node, context, confirmation))
        },
    };
    for (name, text) in [("type", &action.kind), ("text", &action.text)] {
        if text.is_empty() {
            reader.fields.node().problem(format!("missing {name} in Slack action configuration"));
        }
    }
    match (action.url.is_empty(), action.name.is_empty()) {
        (true, true) => reader.fields.node().problem("missing name or url in Slack action configuration"),
        (false, _) => {
            // A link needs nothing else, and Slack refuses what does not go with it.
            (action.name, action.value, action.confirm) = (String::new(), String::new(), None);
        }
        (true, false) => {}
    }
    Some(action)
}

fn confirmation(reader: &mut Reader<'_, '_, '_>) -> Option<SlackConfirmation> {
    let text = reader.text("text", "");
    if text.is_empty() {
        reader.fields.node().problem("missing text in Slack confirmation configuration");
    }
    Some(SlackConfirmation {
        text,
        title: reader.text("title", ""),
        ok_text: reader.text("ok_text", ""),
        dismiss_text: reader.text("dismiss_text", ""),
    })
}
