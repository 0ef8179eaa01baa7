//! `webhook_configs`: alerts as JSON to any URL.

use super::Context;
use super::anything::{self, Anything};
use super::reading::{Common, either, reader, templated_url};
use lgtm_settings::{Node, SecretSource};
use std::time::Duration;

/// One webhook.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WebhookConfig {
    /// What every kind has.
    pub common: Common,
    /// Where to post to: a template.
    pub url: SecretSource,
    /// Alerts in one message, zero for all.
    pub max_alerts: usize,
    /// How long a request may take.
    pub timeout: Option<Duration>,
    /// What is posted in place of the usual message.
    pub(crate) payload: Option<Anything>,
}

pub(super) fn read(node: Node<'_>, context: &Context<'_>) -> Option<WebhookConfig> {
    reader(node, context, |reader| {
        let url = either(reader.fields, "url", "url_file", |node| templated_url(node, context));
        let (url_given, file_given) = (reader.fields.has("url"), reader.fields.has("url_file"));
        if url.is_none() && !url_given && !file_given {
            reader.fields.node().problem("one of url or url_file must be configured");
        } else if url.is_none() {
            reader.fields.problem_at("url", "one of url or url_file must be configured");
        }
        Some(WebhookConfig {
            common: reader.common(true),
            max_alerts: reader.count("max_alerts"),
            timeout: reader.duration("timeout"),
            payload: reader.fields.optional("payload", |node| anything::read(node, context)),
            url: url?,
        })
    })
}
