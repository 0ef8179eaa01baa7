//! Receivers and globals until the real ones are read.

use lgtm_settings::{Fields, Node};

/// `global`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Global {
    /// How long an alert lasts whose sender names no end and does not speak of it again.
    pub resolve_timeout_ms: i64,
}

impl Default for Global {
    fn default() -> Self {
        Self { resolve_timeout_ms: 300_000 }
    }
}

impl Global {
    /// Reads the map.
    pub fn read(fields: &mut Fields<'_>) -> Self {
        Self { resolve_timeout_ms: fields.or("resolve_timeout", 300_000, |node| node.duration_ms()) }
    }
}

/// A receiver.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receiver {
    /// Its name.
    pub name: String,
    /// Its labels.
    pub labels: Vec<(String, String)>,
    /// Addresses of its webhooks and whether they hear of resolved alerts.
    pub webhooks: Vec<(String, bool)>,
}

/// Reads one.
pub fn read(node: Node<'_>) -> Option<Receiver> {
    node.map(|fields| {
        let name = fields.required("name", |node| node.non_empty_string());
        let labels = fields.or_default("labels", |node| node.entries(|_, node| node.string()));
        let webhooks = fields.or_default("webhook_configs", |node| {
            node.list(|item| {
                item.map(|fields| {
                    let url = fields.required("url", |node| node.string());
                    let resolved = fields.or("send_resolved", true, |node| node.bool());
                    fields.optional("timeout", |node| node.string());
                    Some((url?, resolved))
                })
            })
        });
        Some(Receiver { name: name?, labels, webhooks })
    })
}
