//! `msteams_configs` and `msteamsv2_configs`: Microsoft Teams, by connector card or by adaptive card.

use super::Context;
use super::reading::{Common, reader};
use lgtm_settings::{Node, SecretSource};

/// One channel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TeamsConfig {
    /// What every kind has.
    pub common: Common,
    /// Whether an adaptive card is sent (a workflow's URL) or a connector card.
    pub adaptive: bool,
    /// Where to post to.
    pub webhook_url: SecretSource,
    /// The card's title.
    pub title: String,
    /// What is shown in a notification; connector cards only.
    pub summary: String,
    /// The card's text.
    pub text: String,
}

pub(super) fn read(node: Node<'_>, context: &Context<'_>, adaptive: bool) -> Option<TeamsConfig> {
    reader(node, context, |reader| {
        let webhook_url = reader.secret_url("webhook_url", "webhook_url_file");
        if webhook_url.is_none() {
            reader.fields.node().problem("one of webhook_url or webhook_url_file must be configured");
        }
        let mut common = reader.common(true);
        // Upstream lets this one kind keep the global proxy beside its own HTTP settings.
        if adaptive && common.http.proxy.is_none() {
            common.http.proxy = context.global.http.proxy.clone();
        }
        let kind = if adaptive { "msteamsv2" } else { "msteams" };
        let default = |part: &str| format!("{{{{ template \"{kind}.default.{part}\" . }}}}");
        let summary = if adaptive { String::new() } else { reader.text("summary", &default("summary")) };
        Some(TeamsConfig {
            common,
            adaptive,
            title: reader.text("title", &default("title")),
            summary,
            text: reader.text("text", &default("text")),
            webhook_url: webhook_url?,
        })
    })
}
