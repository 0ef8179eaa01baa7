//! The `websocket` section.

use super::describe::Yaml;
use super::{IpPreference, Step};
use lgtm_client::{HeaderValue, HttpClient};
use lgtm_settings::Node;

/// What a WebSocket probe does.
#[derive(Clone, Debug, Default)]
pub struct WebsocketProbe {
    /// Authentication and TLS of the first request.
    pub client: HttpClient,
    /// Headers of the first request.
    pub headers: Vec<(String, HeaderValue)>,
    /// The conversation, message by message.
    pub steps: Vec<Step>,
    /// Which address is taken.
    pub ip: IpPreference,
}

impl WebsocketProbe {
    pub(super) fn read(node: Node<'_>) -> Option<Self> {
        node.map(|fields| {
            Some(Self {
                client: fields.or_default("http_config", |node| node.map(|fields| Some(HttpClient::read(fields)))),
                headers: fields.or_default("headers", headers),
                steps: fields.or_default("query_response", Step::list),
                ip: IpPreference::read(fields),
            })
        })
    }

    pub(super) fn describe(&self) -> String {
        let mut yaml = Yaml::default();
        if self.client != HttpClient::default() {
            let mut client = Yaml::default();
            client.client(&self.client);
            yaml.map("http_config", client);
        }
        yaml.headers("headers", &self.headers);
        yaml.maps("query_response", self.steps.iter().map(Step::describe).collect());
        self.ip.describe(&mut yaml);
        yaml.finish()
    }
}

/// Headers with values, secrets and files; a plain text, as the documentation's examples have it, is a value.
fn headers(node: Node<'_>) -> Option<Vec<(String, HeaderValue)>> {
    let named = node.entries(|name, value| {
        if value.is_map() {
            return Some(None);
        }
        Some(Some((name.to_owned(), HeaderValue::Plain(value.string()?))))
    })?;
    if named.iter().all(|(_, plain)| plain.is_none()) {
        return lgtm_client::headers(node);
    }
    if named.iter().any(|(_, plain)| plain.is_none()) {
        node.problem("either every header is a text, or every header is a map of values, secrets and files");
    }
    Some(named.into_iter().filter_map(|(_, plain)| plain).collect())
}
