//! `incidentio_configs`: an alert source of incident.io.

use super::Context;
use super::reading::{Common, reader};
use lgtm_client::Auth;
use lgtm_settings::{Node, SecretSource};
use std::time::Duration;

/// One alert source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IncidentIoConfig {
    /// What every kind has; the source's token is its authorization.
    pub common: Common,
    /// Where to post to.
    pub url: SecretSource,
    /// Alerts in one message, zero for all.
    pub max_alerts: usize,
    /// How long a request may take.
    pub timeout: Option<Duration>,
}

pub(super) fn read(node: Node<'_>, context: &Context<'_>) -> Option<IncidentIoConfig> {
    reader(node, context, |reader| {
        let own_http = reader.fields.has("http_config");
        let mut common = reader.common(true);
        let url = reader.secret_url("url", "url_file");
        if url.is_none() {
            reader.fields.node().problem("one of url or url_file must be configured");
        }
        let token = reader.secret("alert_source_token", "alert_source_token_file");
        let authorized = own_http && matches!(common.http.auth, Auth::Header { .. });
        match token {
            Some(_) if authorized => reader.fields.node().problem(
                "cannot specify alert_source_token or alert_source_token_file when using http_config.authorization",
            ),
            Some(token) => {
                common.http.auth = Auth::Header { scheme: "Bearer".to_owned(), credentials: Some(token) };
            }
            None if own_http && !authorized => reader.fields.node().problem(
                "at least one of alert_source_token, alert_source_token_file or http_config.authorization must be \
                 configured",
            ),
            None => {}
        }
        Some(IncidentIoConfig {
            common,
            max_alerts: reader.count("max_alerts"),
            timeout: reader.duration("timeout"),
            url: url?,
        })
    })
}
