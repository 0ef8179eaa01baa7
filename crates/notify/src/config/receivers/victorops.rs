//! `victorops_configs`: VictorOps (Splunk On-Call).

use super::Context;
use super::reading::{Common, reader};
use lgtm_settings::{Node, SecretSource};
use url::Url;

/// Names in the message that are not free.
const RESERVED: [&str; 7] = [
    "routing_key",
    "message_type",
    "state_message",
    "entity_display_name",
    "monitoring_tool",
    "entity_id",
    "entity_state",
];

/// One team.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the fields are named as VictorOps names them; all texts are templates")]
pub struct VictorOpsConfig {
    pub common: Common,
    pub api_key: SecretSource,
    pub api_url: Url,
    pub routing_key: String,
    pub message_type: String,
    pub state_message: String,
    pub entity_display_name: String,
    pub monitoring_tool: String,
    pub custom_fields: Vec<(String, String)>,
}

pub(super) fn read(node: Node<'_>, context: &Context<'_>) -> Option<VictorOpsConfig> {
    reader(node, context, |reader| {
        let global = context.global;
        let api_key = reader.secret("api_key", "api_key_file").or_else(|| global.victorops_api_key.clone());
        if api_key.is_none() {
            reader.fields.node().problem("no global VictorOps API Key set");
        }
        let routing_key = reader.text("routing_key", "");
        if routing_key.is_empty() {
            reader.fields.problem_at("routing_key", "missing Routing key in VictorOps config");
        }
        let custom_fields = reader.texts("custom_fields");
        for (name, _) in custom_fields.iter().filter(|(name, _)| RESERVED.contains(&name.as_str())) {
            let problem = format!("custom field {name} cannot be used: every message has one of that name");
            reader.fields.problem_at("custom_fields", problem);
        }
        let default = |part: &str| format!("{{{{ template \"victorops.default.{part}\" . }}}}");
        Some(VictorOpsConfig {
            common: reader.common(true),
            api_url: reader.url("api_url").or_else(|| global.victorops_api_url.clone())?,
            routing_key,
            message_type: reader.text("message_type", "CRITICAL"),
            state_message: reader.text("state_message", &default("state_message")),
            entity_display_name: reader.text("entity_display_name", &default("entity_display_name")),
            monitoring_tool: reader.text("monitoring_tool", &default("monitoring_tool")),
            custom_fields,
            api_key: api_key?,
        })
    })
}
