//! `rocketchat_configs`: a Rocket.Chat channel.

use super::Context;
use super::reading::{Common, reader};
use lgtm_settings::{Node, SecretSource};
use url::Url;

/// One channel.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the fields are named as Rocket.Chat names them; all texts are templates")]
pub struct RocketChatConfig {
    pub common: Common,
    pub api_url: Url,
    pub token: SecretSource,
    pub token_id: SecretSource,
    pub channel: String,
    pub color: String,
    pub title: String,
    pub title_link: String,
    pub text: String,
    pub fields: Vec<RocketChatField>,
    pub emoji: String,
    pub icon_url: String,
    pub image_url: String,
    pub thumb_url: String,
    pub actions: Vec<RocketChatAction>,
}

/// A titled value within the message.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the fields are named as Rocket.Chat names them")]
pub struct RocketChatField {
    pub title: String,
    pub value: String,
    pub short: bool,
}

/// A button.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the fields are named as Rocket.Chat names them")]
pub struct RocketChatAction {
    pub text: String,
    pub url: String,
    pub msg: String,
}

pub(super) fn read(node: Node<'_>, context: &Context<'_>) -> Option<RocketChatConfig> {
    reader(node, context, |reader| {
        let global = context.global;
        let token = reader.secret("token", "token_file").or_else(|| global.rocketchat_token.clone());
        let token_id = reader.secret("token_id", "token_id_file").or_else(|| global.rocketchat_token_id.clone());
        for (name, secret) in [("Token", &token), ("TokenID", &token_id)] {
            if secret.is_none() {
                let problem = format!("no global Rocketchat {name} set either inline or in a file");
                reader.fields.node().problem(problem);
            }
        }
        let short_fields = reader.flag("short_fields", false);
        reader.flag("link_names", false);
        let default = |part: &str| format!("{{{{ template \"rocketchat.default.{part}\" . }}}}");
        Some(RocketChatConfig {
            common: reader.common(false),
            api_url: reader.url("api_url").or_else(|| global.rocketchat_api_url.clone())?,
            channel: reader.text("channel", ""),
            color: reader.text("color", "{{ if eq .Status \"firing\" }}red{{ else }}green{{ end }}"),
            title: reader.text("title", &default("title")),
            title_link: reader.text("title_link", &default("titlelink")),
            text: reader.text("text", &default("text")),
            fields: reader.list("fields", |reader| {
                let short = reader.fields.or("short", short_fields, |node| node.bool());
                Some(RocketChatField { title: reader.text("title", ""), value: reader.text("value", ""), short })
            }),
            emoji: reader.text("emoji", &default("emoji")),
            icon_url: reader.text("icon_url", &default("iconurl")),
            image_url: reader.text("image_url", ""),
            thumb_url: reader.text("thumb_url", ""),
            actions: reader.list("actions", |reader| {
                reader.fields.or_default("type", |node| node.string());
                let (text, url) = (reader.text("text", ""), reader.text("url", ""));
                Some(RocketChatAction { text, url, msg: reader.text("msg", "") })
            }),
            token: token?,
            token_id: token_id?,
        })
    })
}
