//! `ntfy_configs`: push notifications by ntfy. Alertmanager does not know this kind.

use super::Context;
use super::reading::{Common, reader};
use lgtm_client::Auth;
use lgtm_settings::{Node, SecretSource};
use url::Url;

/// One topic.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the fields are named as ntfy names them; all texts but the URL are templates")]
pub struct NtfyConfig {
    pub common: Common,
    pub url: Url,
    pub topic: String,
    pub token: Option<SecretSource>,
    pub title: String,
    pub message: String,
    pub priority: String,
    pub tags: String,
    pub click: String,
    pub icon: String,
    pub markdown: bool,
}

pub(super) fn read(node: Node<'_>, context: &Context<'_>) -> Option<NtfyConfig> {
    reader(node, context, |reader| {
        let mut common = reader.common(true);
        let topic = reader.text("topic", "");
        if topic.is_empty() {
            reader.fields.problem_at("topic", "missing topic in ntfy config");
        }
        let token = reader.secret("token", "token_file");
        if let Some(token) = &token {
            if common.http.auth != Auth::None {
                let problem = "at most one of token and http_config's authentication must be configured";
                reader.fields.problem_at("token", problem);
            }
            common.http.auth = Auth::Header { scheme: "Bearer".to_owned(), credentials: Some(token.clone()) };
        }
        Some(NtfyConfig {
            common,
            url: reader.url("url").or_else(|| Url::parse("https://ntfy.sh/").ok())?,
            topic,
            token,
            title: reader.text("title", "{{ template \"ntfy.default.title\" . }}"),
            message: reader.text("message", "{{ template \"ntfy.default.message\" . }}"),
            priority: reader.text("priority", "{{ template \"ntfy.default.priority\" . }}"),
            tags: reader.text("tags", "{{ template \"ntfy.default.tags\" . }}"),
            click: reader.text("click", "{{ template \"ntfy.default.click\" . }}"),
            icon: reader.text("icon", ""),
            markdown: reader.flag("markdown", false),
        })
    })
}
