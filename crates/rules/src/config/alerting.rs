//! The `alerting` section: which Alertmanagers are told, and how.

use lgtm_client::HttpClient;
use lgtm_model::{NameRules, RelabelRule, relabel};
use lgtm_scrape::config::{FileDiscovery, TargetGroup, read_discovery, read_relabel_rules};
use lgtm_settings::Node;

/// Alertmanagers that are told in one way.
#[derive(Clone, Debug)]
pub struct Alertmanager {
    /// `http` or `https`.
    pub scheme: String,
    /// What stands before `/api/v2/alerts`.
    pub path_prefix: String,
    /// How long one message may take.
    pub timeout_ms: i64,
    /// How requests are made.
    pub http: HttpClient,
    /// Addresses in the file itself.
    pub groups: Vec<TargetGroup>,
    /// Files that name addresses.
    pub files: Vec<FileDiscovery>,
    /// Rules for addresses.
    pub relabel: Vec<RelabelRule>,
    /// Rules for the labels of alerts, after those of all Alertmanagers.
    pub alert_relabel: Vec<RelabelRule>,
}

impl PartialEq for Alertmanager {
    fn eq(&self, other: &Self) -> bool {
        (&self.scheme, &self.path_prefix, self.timeout_ms) == (&other.scheme, &other.path_prefix, other.timeout_ms)
            && self.http == other.http
            && (&self.groups, &self.files) == (&other.groups, &other.files)
            && super::same_rules(&self.relabel, &other.relabel)
            && super::same_rules(&self.alert_relabel, &other.alert_relabel)
    }
}

const TIMEOUT_MS: i64 = 10_000;

pub(super) fn read(node: Node<'_>, names: NameRules) -> Option<(Vec<RelabelRule>, Vec<Alertmanager>)> {
    node.map(|fields| {
        let relabel = fields.or_default("alert_relabel_configs", |node| read_relabel_rules(node, "alert", names));
        let alertmanagers = fields.or_default("alertmanagers", |node| node.list(|item| alertmanager(item, names)));
        Some((relabel, alertmanagers))
    })
}

fn alertmanager(node: Node<'_>, names: NameRules) -> Option<Alertmanager> {
    node.map(|fields| {
        let schemes = [("http", "http"), ("https", "https")];
        let scheme = fields.or("scheme", "http", |node| node.one_of(&schemes)).to_owned();
        let path_prefix = fields.or_default("path_prefix", |node| node.string());
        let timeout_ms = fields.or("timeout", TIMEOUT_MS, |node| node.duration_ms());
        fields.optional("api_version", |node| {
            let version = node.string()?;
            if version != "v2" {
                node.problem(format!("expected Alertmanager api version to be one of [v2] but got {version}"));
            }
            Some(())
        });
        fields.accept(&["sigv4"], "is not supported yet and has no effect");
        let (groups, files) = read_discovery(fields, names);
        let http = HttpClient::read(fields);
        let relabel =
            fields.or_default("relabel_configs", |node| read_relabel_rules(node, "Alertmanager target", names));
        let alert_relabel =
            fields.or_default("alert_relabel_configs", |node| read_relabel_rules(node, "Alertmanager alert", names));
        let alertmanager =
            Alertmanager { scheme, path_prefix, timeout_ms, http, groups, files, relabel, alert_relabel };
        for group in &alertmanager.groups {
            for address in &group.addresses {
                if let Err(error) = alertmanager.url(group, address) {
                    fields.problem_at("static_configs", error);
                }
            }
        }
        Some(alertmanager)
    })
}

impl Alertmanager {
    /// Where alerts are posted for one address; `None` when relabelling drops it.
    pub(crate) fn url(&self, group: &TargetGroup, address: &str) -> Result<Option<String>, String> {
        let mut labels = group.labels.to_builder();
        labels.set("__address__", address);
        if labels.get("__scheme__").is_none() {
            labels.set("__scheme__", self.scheme.as_str());
        }
        if labels.get("__alerts_path__").is_none() {
            labels.set("__alerts_path__", format!("{}/api/v2/alerts", self.path_prefix.trim_end_matches('/')));
        }
        if !relabel(&mut labels, &self.relabel) {
            return Ok(None);
        }
        let get = |name: &str| labels.get(name).unwrap_or_default();
        let (scheme, address, path) = (get("__scheme__"), get("__address__"), get("__alerts_path__"));
        if address.is_empty() || address.contains('/') {
            return Err(format!("{address:?} is not a valid hostname"));
        }
        let slash = if path.starts_with('/') { "" } else { "/" };
        Ok(Some(format!("{scheme}://{address}{slash}{path}")))
    }
}
