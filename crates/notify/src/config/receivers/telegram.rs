//! `telegram_configs`: a Telegram bot.

use super::Context;
use super::reading::{Common, reader};
use lgtm_settings::{Node, SecretSource};
use std::path::PathBuf;
use url::Url;

/// Which chat.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Chat {
    /// By its number.
    Id(i64),
    /// Whose number stands in a file.
    File(PathBuf),
}

/// One chat.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the fields are named as Telegram names them")]
pub struct TelegramConfig {
    pub common: Common,
    pub api_url: Url,
    pub bot_token: SecretSource,
    pub chat: Chat,
    pub message_thread_id: i64,
    pub message: String,
    pub disable_notifications: bool,
    pub parse_mode: String,
}

pub(super) fn read(node: Node<'_>, context: &Context<'_>) -> Option<TelegramConfig> {
    reader(node, context, |reader| {
        let global = context.global;
        let bot_token = reader.secret("bot_token", "bot_token_file").or_else(|| global.telegram_bot_token.clone());
        if bot_token.is_none() {
            reader.fields.node().problem("missing bot_token or bot_token_file on telegram_config");
        }
        let id = reader.fields.or("chat_id", 0, |node| node.integer(i64::MIN..=i64::MAX));
        let file = reader.fields.optional("chat_id_file", |node| node.path());
        let chat = match (id, file) {
            (0, None) => {
                reader.fields.node().problem("missing chat_id or chat_id_file on telegram_config");
                None
            }
            (0, Some(path)) => Some(Chat::File(path)),
            (id, None) => Some(Chat::Id(id)),
            (_, Some(_)) => {
                reader.fields.node().problem("at most one of chat_id & chat_id_file must be configured");
                None
            }
        };
        let modes = [("", ""), ("Markdown", "Markdown"), ("MarkdownV2", "MarkdownV2"), ("HTML", "HTML")];
        let parse_mode = reader.fields.or("parse_mode", "HTML", |node| node.one_of(&modes)).to_owned();
        let default = "{{ template \"telegram.default.message\" . }}";
        let message =
            if parse_mode == "HTML" { reader.html("message", default) } else { reader.text("message", default) };
        Some(TelegramConfig {
            common: reader.common(true),
            api_url: reader.url("api_url").or_else(|| global.telegram_api_url.clone())?,
            message_thread_id: reader.fields.or("message_thread_id", 0, |node| node.integer(i64::MIN..=i64::MAX)),
            disable_notifications: reader.flag("disable_notifications", false),
            message,
            parse_mode,
            bot_token: bot_token?,
            chat: chat?,
        })
    })
}
