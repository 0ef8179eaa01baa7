//! The ways to tell people: one file a kind. Each renders its texts, sends one message, and says whether trying again
//! may help.

mod discord;
mod email;
#[cfg(test)]
pub(crate) mod fake;
mod incidentio;
mod jira;
mod mattermost;
mod msteams;
mod ntfy;
mod opsgenie;
mod pagerduty;
mod post;
mod pushover;
mod rendering;
mod rocketchat;
mod slack;
mod sns;
mod telegram;
mod truncate;
mod victorops;
mod webex;
mod webhook;
mod wechat;

use crate::config::receivers::{Receiver, ReceiverConfig};
use crate::templates::Templates;
use crate::{Integration, Integrations};
use lgtm_runtime::{Random, SharedClock};
use std::sync::Arc;

/// What receivers work with besides their configuration and its templates.
#[derive(Clone)]
pub struct Collaborators {
    /// Our address as users reach it, without a slash at the end.
    pub external_url: String,
    /// The time.
    pub clock: SharedClock,
    /// Chance: the ids of mails.
    pub random: Random,
}

/// What one receiver works with.
#[derive(Clone)]
pub(crate) struct With {
    pub templates: Arc<Templates>,
    pub external_url: String,
    pub clock: SharedClock,
    pub random: Random,
}

impl With {
    pub fn new(templates: &Arc<Templates>, given: &Collaborators) -> Self {
        let Collaborators { external_url, clock, random } = given.clone();
        Self { templates: Arc::clone(templates), external_url, clock, random }
    }
}

/// How a notifier makes its integrations ([`crate::Deps`]).
pub fn integrations(with: Collaborators) -> Integrations {
    Arc::new(move |receiver| build(receiver, &with))
}

/// Makes a receiver's integrations, in the order of its configuration. Nothing is sent and no connection made; it
/// fails on certificates, keys and proxies that cannot be used.
pub fn build(receiver: &Receiver, with: &Collaborators) -> Result<Vec<Arc<dyn Integration>>, String> {
    let with = With::new(&receiver.templates, with);
    let built = receiver.configs.iter().map(|config| {
        one(config, &with).map_err(|error| format!("receiver {:?}: {}: {error}", receiver.name, name(config)))
    });
    built.collect()
}

fn one(config: &ReceiverConfig, with: &With) -> Result<Arc<dyn Integration>, String> {
    Ok(match config {
        ReceiverConfig::Webhook(config) => Arc::new(webhook::Webhook::new(config, with)?),
        ReceiverConfig::Email(config) => Arc::new(email::Email::new(config, with)?),
        ReceiverConfig::PagerDuty(config) => Arc::new(pagerduty::PagerDuty::new(config, with)?),
        ReceiverConfig::Opsgenie(config) => Arc::new(opsgenie::Opsgenie::new(config, with)?),
        ReceiverConfig::WeChat(config) => Arc::new(wechat::WeChat::new(config, with)?),
        ReceiverConfig::Slack(config) => Arc::new(slack::Slack::new(config, with)?),
        ReceiverConfig::VictorOps(config) => Arc::new(victorops::VictorOps::new(config, with)?),
        ReceiverConfig::Pushover(config) => Arc::new(pushover::Pushover::new(config, with)?),
        ReceiverConfig::Sns(config) => Arc::new(sns::Sns::new(config, with)?),
        ReceiverConfig::Telegram(config) => Arc::new(telegram::Telegram::new(config, with)?),
        ReceiverConfig::Discord(config) => Arc::new(discord::Discord::new(config, with)?),
        ReceiverConfig::Webex(config) => Arc::new(webex::Webex::new(config, with)?),
        ReceiverConfig::Teams(config) => Arc::new(msteams::Teams::new(config, with)?),
        ReceiverConfig::Jira(config) => Arc::new(jira::Jira::new(config, with)?),
        ReceiverConfig::RocketChat(config) => Arc::new(rocketchat::RocketChat::new(config, with)?),
        ReceiverConfig::Mattermost(config) => Arc::new(mattermost::Mattermost::new(config, with)?),
        ReceiverConfig::IncidentIo(config) => Arc::new(incidentio::IncidentIo::new(config, with)?),
        ReceiverConfig::Ntfy(config) => Arc::new(ntfy::Ntfy::new(config, with)?),
    })
}

/// The kind's name, as Alertmanager's metrics and log lines have it.
pub fn name(config: &ReceiverConfig) -> &'static str {
    match config {
        ReceiverConfig::Webhook(_) => "webhook",
        ReceiverConfig::Email(_) => "email",
        ReceiverConfig::PagerDuty(_) => "pagerduty",
        ReceiverConfig::Opsgenie(_) => "opsgenie",
        ReceiverConfig::WeChat(_) => "wechat",
        ReceiverConfig::Slack(_) => "slack",
        ReceiverConfig::VictorOps(_) => "victorops",
        ReceiverConfig::Pushover(_) => "pushover",
        ReceiverConfig::Sns(_) => "sns",
        ReceiverConfig::Telegram(_) => "telegram",
        ReceiverConfig::Discord(_) => "discord",
        ReceiverConfig::Webex(_) => "webex",
        ReceiverConfig::Teams(config) if config.adaptive => "msteamsv2",
        ReceiverConfig::Teams(_) => "msteams",
        ReceiverConfig::Jira(_) => "jira",
        ReceiverConfig::RocketChat(_) => "rocketchat",
        ReceiverConfig::Mattermost(_) => "mattermost",
        ReceiverConfig::IncidentIo(_) => "incidentio",
        ReceiverConfig::Ntfy(_) => "ntfy",
    }
}
