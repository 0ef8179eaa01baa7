//! `pushover_configs`: push notifications by Pushover.

use super::Context;
use super::reading::{Common, reader};
use lgtm_settings::{Node, SecretSource};
use std::time::Duration;

/// One user or group.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the fields are named as Pushover names them; all texts are templates")]
pub struct PushoverConfig {
    pub common: Common,
    pub user_key: SecretSource,
    pub token: SecretSource,
    pub title: String,
    pub message: String,
    pub url: String,
    pub url_title: String,
    pub device: String,
    pub sound: String,
    pub priority: String,
    pub retry: Duration,
    pub expire: Duration,
    pub ttl: Option<Duration>,
    pub html: bool,
    pub monospace: bool,
}

pub(super) fn read(node: Node<'_>, context: &Context<'_>) -> Option<PushoverConfig> {
    reader(node, context, |reader| {
        let user_key = reader.secret("user_key", "user_key_file");
        let token = reader.secret("token", "token_file");
        for (name, secret) in [("user_key", &user_key), ("token", &token)] {
            if secret.is_none() {
                reader.fields.node().problem(format!("one of {name} or {name}_file must be configured"));
            }
        }
        let (html, monospace) = (reader.flag("html", false), reader.flag("monospace", false));
        if html && monospace {
            reader.fields.problem_at("monospace", "at most one of monospace & html must be configured");
        }
        let default = "{{ template \"pushover.default.message\" . }}";
        let message = if html { reader.html("message", default) } else { reader.text("message", default) };
        Some(PushoverConfig {
            common: reader.common(true),
            title: reader.text("title", "{{ template \"pushover.default.title\" . }}"),
            message,
            url: reader.text("url", "{{ template \"pushover.default.url\" . }}"),
            url_title: reader.text("url_title", ""),
            device: reader.text("device", ""),
            sound: reader.text("sound", ""),
            priority: reader.text("priority", "{{ if eq .Status \"firing\" }}2{{ else }}0{{ end }}"),
            retry: reader.duration("retry").unwrap_or(Duration::from_secs(60)),
            expire: reader.duration("expire").unwrap_or(Duration::from_secs(3600)),
            ttl: reader.duration("ttl"),
            html,
            monospace,
            user_key: user_key?,
            token: token?,
        })
    })
}
