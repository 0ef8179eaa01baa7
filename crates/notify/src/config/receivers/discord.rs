//! `discord_configs`: a Discord webhook.

use super::Context;
use super::reading::{Common, reader};
use lgtm_settings::{Node, SecretSource};

/// One channel.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the fields are named as Discord names them")]
pub struct DiscordConfig {
    pub common: Common,
    pub webhook_url: SecretSource,
    pub content: String,
    pub title: String,
    pub message: String,
    pub username: String,
    pub avatar_url: String,
}

pub(super) fn read(node: Node<'_>, context: &Context<'_>) -> Option<DiscordConfig> {
    reader(node, context, |reader| {
        let webhook_url = reader.secret_url("webhook_url", "webhook_url_file");
        if webhook_url.is_none() {
            reader.fields.node().problem("one of webhook_url or webhook_url_file must be configured");
        }
        Some(DiscordConfig {
            common: reader.common(true),
            content: reader.text("content", ""),
            title: reader.text("title", "{{ template \"discord.default.title\" . }}"),
            message: reader.text("message", "{{ template \"discord.default.message\" . }}"),
            username: reader.plain("username"),
            avatar_url: reader.plain("avatar_url"),
            webhook_url: webhook_url?,
        })
    })
}
