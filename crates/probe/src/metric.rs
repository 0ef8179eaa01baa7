//! Every metric that a probe can answer with, and the sheet that a probe fills in. All are gauges, under the names and
//! with the help texts that dashboards and alerts for the Blackbox Exporter expect.

use lgtm_model::{Labels, MetricType};
use lgtm_runtime::metrics::Family;
use std::collections::BTreeMap;

/// Name and help of each metric, in the order of the names.
const METRICS: [(&str, &str); 39] = [
    ("probe_dns_additional_rrs", "Returns number of entries in the additional resource record list"),
    ("probe_dns_answer_rrs", "Returns number of entries in the answer resource record list"),
    ("probe_dns_authority_rrs", "Returns number of entries in the authority resource record list"),
    ("probe_dns_duration_seconds", "Duration of DNS request by phase"),
    ("probe_dns_lookup_time_seconds", "Returns the time taken for probe dns lookup in seconds"),
    ("probe_dns_query_succeeded", "Displays whether or not the query was executed successfully"),
    ("probe_dns_serial", "Returns the serial number of the zone"),
    ("probe_duration_seconds", "Returns how long the probe took to complete in seconds"),
    ("probe_expect_info", "Explicit content matched"),
    ("probe_failed_due_to_bytes", "Indicates if probe failed due to bytes"),
    ("probe_failed_due_to_cel", "Indicates if probe failed due to CEL expression not matching"),
    ("probe_failed_due_to_regex", "Indicates if probe failed due to regex"),
    ("probe_grpc_duration_seconds", "Duration of gRPC request by phase"),
    ("probe_grpc_healthcheck_response", "Response HealthCheck response"),
    ("probe_grpc_ssl", "Indicates if SSL was used for the connection"),
    ("probe_grpc_status_code", "Response gRPC status code"),
    ("probe_http_content_length", "Length of http content response"),
    ("probe_http_duration_seconds", "Duration of http request by phase, summed over all redirects"),
    ("probe_http_last_modified_timestamp_seconds", "Returns the Last-Modified HTTP response header in unixtime"),
    ("probe_http_redirects", "The number of redirects"),
    ("probe_http_ssl", "Indicates if SSL was used for the final redirect"),
    ("probe_http_status_code", "Response HTTP status code"),
    ("probe_http_uncompressed_body_length", "Length of uncompressed response body"),
    ("probe_http_version", "Returns the version of HTTP of the probe response"),
    ("probe_icmp_duration_seconds", "Duration of icmp request by phase"),
    ("probe_icmp_reply_hop_limit", "Replied packet hop limit (TTL for ipv4)"),
    ("probe_ip_addr_hash", "Specifies the hash of IP address. It's useful to detect if the IP address changes."),
    ("probe_ip_protocol", "Specifies whether probe ip protocol is IP4 or IP6"),
    ("probe_ssl_earliest_cert_expiry", "Returns last SSL chain expiry in unixtime"),
    ("probe_ssl_last_chain_expiry_timestamp_seconds", "Returns last SSL chain expiry in timestamp"),
    ("probe_ssl_last_chain_info", "Contains SSL leaf certificate information"),
    ("probe_success", "Displays whether or not the probe was a success"),
    ("probe_timeout_seconds", "Returns how long the probe timeout is in seconds"),
    ("probe_tls_cipher_info", "Returns the TLS cipher negotiated during handshake"),
    ("probe_tls_version_info", "Returns the TLS version used or NaN when unknown"),
    ("probe_websocket_connection_upgraded", "Indicates if the websocket connection was successfully upgraded"),
    ("probe_websocket_duration_seconds", "Duration of websocket request by phase"),
    ("probe_websocket_failed_due_to_regex", "Indicates if probe failed due to regex"),
    ("probe_websocket_status_code", "Response HTTP status code"),
];

const NAMES: [&str; METRICS.len()] = {
    let mut names = [""; METRICS.len()];
    let mut index = 0;
    while index < METRICS.len() {
        names[index] = METRICS[index].0;
        index += 1;
    }
    names
};

/// The names of all metrics that a probe can answer with.
pub fn exported_metrics() -> &'static [&'static str] {
    &NAMES
}

/// The values of one probe.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sheet {
    values: BTreeMap<&'static str, BTreeMap<Labels, f64>>,
}

impl Sheet {
    pub(crate) fn set(&mut self, name: &'static str, value: f64) {
        self.set_with(name, &[], value);
    }

    pub(crate) fn set_with(&mut self, name: &'static str, labels: &[(&str, &str)], value: f64) {
        debug_assert!(NAMES.contains(&name), "{name} is not in the list of metrics");
        // An empty label is left out, which means the same to whoever scrapes.
        self.values.entry(name).or_default().insert(Labels::from_pairs(labels.iter().copied()), value);
    }

    pub(crate) fn add_phase(&mut self, name: &'static str, phase: &str, seconds: f64) {
        let series = self.values.entry(name).or_default();
        *series.entry(Labels::from_pairs([("phase", phase)])).or_default() += seconds;
    }

    pub(crate) fn families(&self) -> Vec<Family> {
        let help = |name: &str| METRICS.iter().find(|(known, _)| *known == name).map_or("", |(_, help)| help);
        self.values
            .iter()
            .map(|(name, series)| Family {
                name: (*name).to_owned(),
                help: help(name).to_owned(),
                metric_type: MetricType::Gauge,
                points: series.iter().map(|(labels, value)| ("", labels.clone(), *value)).collect(),
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_in_order_and_phases_add_up() {
        assert!(NAMES.is_sorted());
        let mut sheet = Sheet::default();
        sheet.add_phase("probe_http_duration_seconds", "connect", 0.5);
        sheet.add_phase("probe_http_duration_seconds", "connect", 0.25);
        assert_eq!(sheet.families()[0].points, [("", Labels::from_pairs([("phase", "connect")]), 0.75)]);
    }

    #[test]
    fn names_and_help_are_upstreams() {
        let Ok(root) = std::env::var("LGTM_CONFORMANCE") else {
            eprintln!("skipped: the metrics of the Blackbox Exporter (LGTM_CONFORMANCE is not set)");
            return;
        };
        let table = std::fs::read_to_string(format!("{root}/blackbox/probe_metrics.tsv")).unwrap();
        let mut count = 0;
        for line in table.lines().skip(1) {
            let mut columns = line.split('\t').skip(1);
            let row = (columns.next().unwrap(), columns.next().unwrap());
            assert!(METRICS.contains(&row), "{row:?}");
            count += 1;
        }
        eprintln!("{count} of {count} rows of probe_metrics.tsv");
    }
}
