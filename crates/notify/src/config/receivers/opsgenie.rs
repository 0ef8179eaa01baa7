//! `opsgenie_configs`: alerts at Opsgenie.

use super::Context;
use super::reading::{Common, Reader, reader};
use lgtm_settings::{Node, SecretSource};
use url::Url;

/// Who can be asked to respond.
const RESPONDERS: [&str; 5] = ["team", "teams", "user", "escalation", "schedule"];

/// One team's Opsgenie.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the fields are named as Opsgenie names them; all texts are templates")]
pub struct OpsgenieConfig {
    pub common: Common,
    pub api_key: SecretSource,
    pub api_url: Url,
    pub message: String,
    pub description: String,
    pub source: String,
    pub details: Vec<(String, String)>,
    pub entity: String,
    pub responders: Vec<Responder>,
    pub actions: String,
    pub tags: String,
    pub note: String,
    pub priority: String,
    pub update_alerts: bool,
}

/// Who is asked to respond: by one of id, name and user name.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the fields are named as Opsgenie names them; all texts are templates")]
pub struct Responder {
    pub id: String,
    pub name: String,
    pub username: String,
    pub kind: String,
}

pub(super) fn read(node: Node<'_>, context: &Context<'_>) -> Option<OpsgenieConfig> {
    reader(node, context, |reader| {
        let global = context.global;
        let api_key = reader.secret("api_key", "api_key_file").or_else(|| global.opsgenie_api_key.clone());
        if api_key.is_none() {
            reader.fields.node().problem("no global OpsGenie API Key set either inline or in a file");
        }
        let api_url = reader.url("api_url").or_else(|| global.opsgenie_api_url.clone());
        if api_url.is_none() {
            reader.fields.node().problem("no global OpsGenie URL set");
        }
        Some(OpsgenieConfig {
            common: reader.common(true),
            message: reader.text("message", "{{ template \"opsgenie.default.message\" . }}"),
            description: reader.text("description", "{{ template \"opsgenie.default.description\" . }}"),
            source: reader.text("source", "{{ template \"opsgenie.default.source\" . }}"),
            details: reader.texts("details"),
            entity: reader.text("entity", ""),
            responders: reader.list("responders", responder),
            actions: reader.text("actions", ""),
            tags: reader.text("tags", ""),
            note: reader.text("note", ""),
            priority: reader.text("priority", ""),
            update_alerts: reader.flag("update_alerts", false),
            api_key: api_key?,
            api_url: api_url?,
        })
    })
}

fn responder(reader: &mut Reader<'_, '_, '_>) -> Option<Responder> {
    let responder = Responder {
        id: reader.text("id", ""),
        name: reader.text("name", ""),
        username: reader.text("username", ""),
        kind: reader.text("type", ""),
    };
    if [&responder.id, &responder.name, &responder.username].iter().all(|text| text.is_empty()) {
        let problem = "a responder has to have at least one of id, username or name specified";
        reader.fields.node().problem(problem);
    }
    if !responder.kind.contains("{{") && !RESPONDERS.contains(&responder.kind.to_ascii_lowercase().as_str()) {
        let problem = format!("a responder's type is one of {}", RESPONDERS.join(", "));
        reader.fields.problem_at("type", problem);
    }
    Some(responder)
}
