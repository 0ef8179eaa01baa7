//! `receivers`: who is told, and how.

pub(crate) mod anything;
pub mod discord;
pub mod email;
pub mod incidentio;
pub mod jira;
pub mod mattermost;
pub mod msteams;
pub mod ntfy;
pub mod opsgenie;
pub mod pagerduty;
pub mod pushover;
pub(crate) mod reading;
pub mod rocketchat;
pub mod slack;
pub mod sns;
pub mod telegram;
pub mod victorops;
pub mod webex;
pub mod webhook;
pub mod wechat;

use crate::config::Global;
use crate::templates::Templates;
use lgtm_settings::{Fields, Node};
use std::sync::Arc;

pub use reading::Common;

/// What reading a receiver needs besides its own map.
#[derive(Clone, Copy)]
pub struct Context<'c> {
    /// What it takes where it says nothing itself.
    pub global: &'c Global,
    /// The templates that it may name; each text is tried on sample data while it is read.
    pub templates: &'c Arc<Templates>,
}

/// Someone to tell, and all the ways to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receiver {
    /// Its name, by which routes know it.
    pub name: String,
    /// Labels for whoever looks for receivers; `name` is among them.
    pub labels: Vec<(String, String)>,
    /// The ways to tell, kind by kind, in the order in which they are written.
    pub configs: Vec<ReceiverConfig>,
    /// The templates of the configuration that it stands in.
    pub templates: Arc<Templates>,
}

/// One way to tell.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the variants are named as the kinds are")]
pub enum ReceiverConfig {
    Webhook(Box<webhook::WebhookConfig>),
    Email(Box<email::EmailConfig>),
    PagerDuty(Box<pagerduty::PagerDutyConfig>),
    Opsgenie(Box<opsgenie::OpsgenieConfig>),
    WeChat(Box<wechat::WeChatConfig>),
    Slack(Box<slack::SlackConfig>),
    VictorOps(Box<victorops::VictorOpsConfig>),
    Pushover(Box<pushover::PushoverConfig>),
    Sns(Box<sns::SnsConfig>),
    Telegram(Box<telegram::TelegramConfig>),
    Discord(Box<discord::DiscordConfig>),
    Webex(Box<webex::WebexConfig>),
    Teams(Box<msteams::TeamsConfig>),
    Jira(Box<jira::JiraConfig>),
    RocketChat(Box<rocketchat::RocketChatConfig>),
    Mattermost(Box<mattermost::MattermostConfig>),
    IncidentIo(Box<incidentio::IncidentIoConfig>),
    Ntfy(Box<ntfy::NtfyConfig>),
}

type Read = fn(Node<'_>, &Context<'_>) -> Option<ReceiverConfig>;

/// The kinds by the name of their field, in Alertmanager's order; ours, which it does not know, come last.
const KINDS: [(&str, Read); 19] = [
    ("webhook_configs", |node, context| boxed(webhook::read(node, context), ReceiverConfig::Webhook)),
    ("email_configs", |node, context| boxed(email::read(node, context), ReceiverConfig::Email)),
    ("pagerduty_configs", |node, context| boxed(pagerduty::read(node, context), ReceiverConfig::PagerDuty)),
    ("opsgenie_configs", |node, context| boxed(opsgenie::read(node, context), ReceiverConfig::Opsgenie)),
    ("wechat_configs", |node, context| boxed(wechat::read(node, context), ReceiverConfig::WeChat)),
    ("slack_configs", |node, context| boxed(slack::read(node, context), ReceiverConfig::Slack)),
    ("victorops_configs", |node, context| boxed(victorops::read(node, context), ReceiverConfig::VictorOps)),
    ("pushover_configs", |node, context| boxed(pushover::read(node, context), ReceiverConfig::Pushover)),
    ("sns_configs", |node, context| boxed(sns::read(node, context), ReceiverConfig::Sns)),
    ("telegram_configs", |node, context| boxed(telegram::read(node, context), ReceiverConfig::Telegram)),
    ("discord_configs", |node, context| boxed(discord::read(node, context), ReceiverConfig::Discord)),
    ("webex_configs", |node, context| boxed(webex::read(node, context), ReceiverConfig::Webex)),
    ("msteams_configs", |node, context| boxed(msteams::read(node, context, false), ReceiverConfig::Teams)),
    ("msteamsv2_configs", |node, context| boxed(msteams::read(node, context, true), ReceiverConfig::Teams)),
    ("jira_configs", |node, context| boxed(jira::read(node, context), ReceiverConfig::Jira)),
    ("rocketchat_configs", |node, context| boxed(rocketchat::read(node, context), ReceiverConfig::RocketChat)),
    ("mattermost_configs", |node, context| boxed(mattermost::read(node, context), ReceiverConfig::Mattermost)),
    ("incidentio_configs", |node, context| boxed(incidentio::read(node, context), ReceiverConfig::IncidentIo)),
    ("ntfy_configs", |node, context| boxed(ntfy::read(node, context), ReceiverConfig::Ntfy)),
];

fn boxed<T>(config: Option<T>, wrap: fn(Box<T>) -> ReceiverConfig) -> Option<ReceiverConfig> {
    config.map(|config| wrap(Box::new(config)))
}

/// Reads one item of `receivers`.
pub fn read(node: Node<'_>, context: &Context<'_>) -> Option<Receiver> {
    node.map(|fields| {
        let name = fields.required("name", |node| {
            let name = node.string()?;
            if name.is_empty() {
                node.problem("missing name in receiver");
                return None;
            }
            Some(name)
        });
        let labels = fields.or_default("labels", |node| node.entries(|_, node| node.string()));
        let mut configs = Vec::new();
        for (field, read) in KINDS {
            let items = fields.or_default(field, |node| {
                node.list(|item| {
                    if item.is_null() {
                        item.problem(format!("missing {} config", field.trim_end_matches("_configs")));
                        return None;
                    }
                    read(item, context)
                })
            });
            configs.extend(items);
        }
        let name = name?;
        let templates = Arc::clone(context.templates);
        Some(Receiver { labels: labelled(fields, &name, labels), name, configs, templates })
    })
}

/// The labels with the receiver's own name among them.
fn labelled(fields: &Fields<'_>, name: &str, mut labels: Vec<(String, String)>) -> Vec<(String, String)> {
    match labels.iter().find(|(label, _)| label == "name") {
        Some((_, value)) if value != name => {
            let problem = format!("receiver label \"name\" must match receiver name {name:?}, got {value:?}");
            fields.problem_at("labels", problem);
        }
        Some(_) => {}
        None => labels.push(("name".to_owned(), name.to_owned())),
    }
    labels
}
