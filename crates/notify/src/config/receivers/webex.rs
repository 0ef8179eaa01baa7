//! `webex_configs`: a Webex room.

use super::Context;
use super::reading::{Common, reader};
use lgtm_client::Auth;
use lgtm_settings::Node;
use url::Url;

/// One room.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the fields are named as Webex names them")]
pub struct WebexConfig {
    pub common: Common,
    pub api_url: Url,
    pub message: String,
    pub room_id: String,
}

pub(super) fn read(node: Node<'_>, context: &Context<'_>) -> Option<WebexConfig> {
    reader(node, context, |reader| {
        let own_http = reader.fields.has("http_config");
        let common = reader.common(true);
        if !own_http || !matches!(common.http.auth, Auth::Header { .. }) {
            reader.fields.node().problem("missing webex_configs.http_config.authorization");
        }
        let room_id = reader.text("room_id", "");
        if room_id.is_empty() {
            reader.fields.problem_at("room_id", "missing room_id on webex_config");
        }
        Some(WebexConfig {
            common,
            api_url: reader.url("api_url").or_else(|| context.global.webex_api_url.clone())?,
            message: reader.text("message", "{{ template \"webex.default.message\" . }}"),
            room_id,
        })
    })
}
