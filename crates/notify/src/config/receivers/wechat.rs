//! `wechat_configs`: WeChat Work.

use super::Context;
use super::reading::{Common, reader};
use lgtm_settings::{Node, SecretSource};
use url::Url;

/// One circle of people.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the fields are named as WeChat names them; all texts are templates")]
pub struct WeChatConfig {
    pub common: Common,
    pub api_secret: SecretSource,
    pub corp_id: String,
    pub message: String,
    pub api_url: Url,
    pub to_user: String,
    pub to_party: String,
    pub to_tag: String,
    pub agent_id: String,
    pub markdown: bool,
}

pub(super) fn read(node: Node<'_>, context: &Context<'_>) -> Option<WeChatConfig> {
    reader(node, context, |reader| {
        let global = context.global;
        let api_secret = reader.secret("api_secret", "api_secret_file").or_else(|| global.wechat_api_secret.clone());
        if api_secret.is_none() {
            reader.fields.node().problem("no global Wechat Api Secret set either inline or in a file");
        }
        let corp_id = reader.text("corp_id", &global.wechat_api_corp_id);
        if corp_id.is_empty() {
            reader.fields.problem_at("corp_id", "no global Wechat CorpID set");
        }
        let default = |part: &str| format!("{{{{ template \"wechat.default.{part}\" . }}}}");
        let types = [("", false), ("text", false), ("markdown", true)];
        Some(WeChatConfig {
            common: reader.common(false),
            api_url: reader.url("api_url").or_else(|| global.wechat_api_url.clone())?,
            corp_id,
            message: reader.text("message", &default("message")),
            to_user: reader.text("to_user", &default("to_user")),
            to_party: reader.text("to_party", &default("to_party")),
            to_tag: reader.text("to_tag", &default("to_tag")),
            agent_id: reader.text("agent_id", &default("agent_id")),
            markdown: reader.fields.or("message_type", false, |node| node.one_of(&types)),
            api_secret: api_secret?,
        })
    })
}
