//! The `tcp` and `unix` sections, and the conversation that both may hold.

use super::describe::Yaml;
use super::{IpPreference, Pattern};
use lgtm_client::Tls;
use lgtm_settings::{Fields, Node};
use std::net::IpAddr;

/// What a TCP probe does.
#[derive(Clone, Debug, Default)]
pub struct TcpProbe {
    /// Which address is taken.
    pub ip: IpPreference,
    /// The address that it comes from.
    pub source_ip: Option<IpAddr>,
    /// The conversation.
    pub steps: Vec<Step>,
    /// TLS from the start.
    pub tls: bool,
    /// TLS, from the start or later.
    pub tls_config: Tls,
}

/// What a probe of a Unix socket does.
#[derive(Clone, Debug, Default)]
pub struct UnixProbe {
    /// The conversation.
    pub steps: Vec<Step>,
    /// TLS from the start.
    pub tls: bool,
    /// TLS, from the start or later.
    pub tls_config: Tls,
}

/// One step of a conversation: wait for something, say something, begin TLS.
#[derive(Clone, Debug, Default)]
pub struct Step {
    /// A line that must come; others before it are passed over.
    pub expect: Option<Pattern>,
    /// Bytes that must come.
    pub expect_bytes: Vec<u8>,
    /// Labels of `probe_expect_info`, made of what was expected.
    pub labels: Vec<(String, String)>,
    /// What is said, with what was expected put in; a line feed is added.
    pub send: Vec<u8>,
    /// TLS begins now.
    pub starttls: bool,
}

impl TcpProbe {
    pub(super) fn read(node: Node<'_>) -> Option<Self> {
        node.map(|fields| {
            Some(Self {
                ip: IpPreference::read(fields),
                source_ip: source_ip(fields),
                steps: fields.or_default("query_response", Step::list),
                tls: fields.or("tls", false, |node| node.bool()),
                tls_config: fields.or_default("tls_config", Tls::read),
            })
        })
    }

    pub(super) fn describe(&self) -> String {
        let mut yaml = Yaml::default();
        self.ip.describe(&mut yaml);
        yaml.text("source_ip_address", &self.source_ip.map(|ip| ip.to_string()).unwrap_or_default());
        conversation(&mut yaml, &self.steps, self.tls, &self.tls_config);
        yaml.finish()
    }
}

impl UnixProbe {
    pub(super) fn read(node: Node<'_>) -> Option<Self> {
        node.map(|fields| {
            Some(Self {
                steps: fields.or_default("query_response", Step::list),
                tls: fields.or("tls", false, |node| node.bool()),
                tls_config: fields.or_default("tls_config", Tls::read),
            })
        })
    }

    pub(super) fn describe(&self) -> String {
        let mut yaml = Yaml::default();
        conversation(&mut yaml, &self.steps, self.tls, &self.tls_config);
        yaml.finish()
    }
}

fn conversation(yaml: &mut Yaml, steps: &[Step], tls: bool, tls_config: &Tls) {
    yaml.maps("query_response", steps.iter().map(Step::describe).collect());
    yaml.flag("tls", tls);
    if *tls_config != Tls::default() {
        yaml.tls(tls_config);
    }
}

impl Step {
    pub(super) fn list(node: Node<'_>) -> Option<Vec<Self>> {
        node.list(Self::read)
    }

    fn read(node: Node<'_>) -> Option<Self> {
        node.map(|fields| {
            let expect = fields.optional("expect", Pattern::read).filter(|pattern| !pattern.to_string().is_empty());
            let expect_bytes = fields.or_default("expect_bytes", |node| node.bytes());
            if expect.is_some() && !expect_bytes.is_empty() {
                fields.problem_at("expect_bytes", "expect and expect_bytes are mutually exclusive");
            }
            let labels = fields.or_default("labels", |node| node.list(label));
            if !labels.is_empty() && expect.is_none() {
                fields.warn_at("labels", "has no effect without \"expect\"");
            }
            Some(Self {
                expect,
                expect_bytes,
                labels,
                send: fields.or_default("send", |node| node.bytes()),
                starttls: fields.or("starttls", false, |node| node.bool()),
            })
        })
    }

    pub(super) fn describe(&self) -> Yaml {
        let mut yaml = Yaml::default();
        yaml.text("expect", &self.expect.as_ref().map(Pattern::to_string).unwrap_or_default());
        bytes(&mut yaml, "expect_bytes", &self.expect_bytes);
        let labels = self.labels.iter().map(|(name, value)| {
            let mut label = Yaml::default();
            label.text("name", name);
            label.text("value", value);
            label
        });
        yaml.maps("labels", labels.collect());
        bytes(&mut yaml, "send", &self.send);
        yaml.flag("starttls", self.starttls);
        yaml
    }
}

fn bytes(yaml: &mut Yaml, name: &str, bytes: &[u8]) {
    use base64::Engine;
    match std::str::from_utf8(bytes) {
        Ok(text) => yaml.text(name, text),
        Err(_) => yaml.plain(name, format!("!!binary {}", base64::engine::general_purpose::STANDARD.encode(bytes))),
    }
}

fn label(node: Node<'_>) -> Option<(String, String)> {
    node.map(|fields| {
        let name = fields.required("name", |node| {
            let name = node.non_empty_string()?;
            let starts_well = name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_');
            if !starts_well || !name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') {
                node.problem(format!("{name:?} is not a valid label name"));
            }
            Some(name)
        });
        Some((name?, fields.or_default("value", |node| node.string())))
    })
}

pub(super) fn source_ip(fields: &mut Fields<'_>) -> Option<IpAddr> {
    fields.optional("source_ip_address", |node| match node.string()?.as_str() {
        "" => None,
        _ => node.parse_as("an IP address"),
    })
}
