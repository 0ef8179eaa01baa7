//! `pagerduty_configs`: PagerDuty's Events API, v2 by `routing_key`, v1 by `service_key`.

use super::Context;
use super::anything::{self, Anything};
use super::reading::{Common, reader};
use lgtm_settings::{Node, SecretSource, Shape};
use std::time::Duration;
use url::Url;

/// Details that every event has unless they are written otherwise.
const DETAILS: [(&str, &str); 4] = [
    ("firing", "{{ .Alerts.Firing | toJson }}"),
    ("num_firing", "{{ .Alerts.Firing | len }}"),
    ("num_resolved", "{{ .Alerts.Resolved | len }}"),
    ("resolved", "{{ .Alerts.Resolved | toJson }}"),
];

/// Which of the two APIs, with its key: a template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PagerDutyKey {
    /// Events API v2.
    Routing(SecretSource),
    /// Events API v1.
    Service(SecretSource),
}

/// One service of PagerDuty.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the fields are named as PagerDuty names them; all texts are templates")]
pub struct PagerDutyConfig {
    pub common: Common,
    pub key: PagerDutyKey,
    pub url: Url,
    pub client: String,
    pub client_url: String,
    pub description: String,
    pub(crate) details: Vec<(String, Anything)>,
    pub images: Vec<PagerDutyImage>,
    pub links: Vec<PagerDutyLink>,
    pub source: String,
    pub severity: String,
    pub class: String,
    pub component: String,
    pub group: String,
    pub timeout: Option<Duration>,
}

/// An image in an event.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the fields are named as PagerDuty names them")]
pub struct PagerDutyImage {
    pub src: String,
    pub alt: String,
    pub href: String,
}

/// A link in an event.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the fields are named as PagerDuty names them")]
pub struct PagerDutyLink {
    pub href: String,
    pub text: String,
}

pub(super) fn read(node: Node<'_>, context: &Context<'_>) -> Option<PagerDutyConfig> {
    reader(node, context, |reader| {
        let routing = reader.secret("routing_key", "routing_key_file").map(PagerDutyKey::Routing);
        let service = reader.secret("service_key", "service_key_file").map(PagerDutyKey::Service);
        let key = service.or(routing);
        if key.is_none() {
            reader.fields.node().problem("missing service or routing key in PagerDuty config");
        }
        let url = reader.url("url").or_else(|| context.global.pagerduty_url.clone());
        if url.is_none() {
            reader.fields.problem_at("url", "no global PagerDuty URL set");
        }
        let mut details = reader.fields.or_default("details", |node| match node.shape() {
            Shape::Map(entries) => Some(
                entries
                    .into_iter()
                    .filter_map(|(name, node)| Some((name.to_owned(), anything::read(node, context)?)))
                    .collect::<Vec<_>>(),
            ),
            _ => node.entries(|_, _| None),
        });
        for (name, text) in DETAILS {
            if !details.iter().any(|(known, _)| known == name) {
                details.push((name.to_owned(), Anything::Text(text.to_owned())));
            }
        }
        let client = reader.text("client", "{{ template \"pagerduty.default.client\" . }}");
        let source = reader.text("source", "");
        Some(PagerDutyConfig {
            common: reader.common(true),
            client_url: reader.text("client_url", "{{ template \"pagerduty.default.clientURL\" . }}"),
            description: reader.text("description", "{{ template \"pagerduty.default.description\" . }}"),
            details,
            images: reader.list("images", |reader| {
                let (src, alt) = (reader.text("src", ""), reader.text("alt", ""));
                Some(PagerDutyImage { src, alt, href: reader.text("href", "") })
            }),
            links: reader.list("links", |reader| {
                Some(PagerDutyLink { href: reader.text("href", ""), text: reader.text("text", "") })
            }),
            source: if source.is_empty() { client.clone() } else { source },
            client,
            severity: reader.text("severity", "error"),
            class: reader.text("class", ""),
            component: reader.text("component", ""),
            group: reader.text("group", ""),
            timeout: reader.duration("timeout"),
            key: key?,
            url: url?,
        })
    })
}
