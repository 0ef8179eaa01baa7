//! What a probe found.

use lgtm_runtime::metrics::Family;
use lgtm_wire::exposition::write_families;
use std::time::Duration;

/// The outcome of one probe.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// The module's name.
    pub module: String,
    /// The target.
    pub target: String,
    /// Whether all was as the module expects.
    pub success: bool,
    /// Why not, in words.
    pub reason: Option<String>,
    /// How long it took.
    pub duration: Duration,
    /// How long it might have taken.
    pub timeout: Duration,
    /// The metrics.
    pub families: Vec<Family>,
    /// What it did, line by line.
    pub log: String,
    /// The module as YAML, secrets hidden.
    pub module_yaml: String,
}

impl Outcome {
    /// The metrics as exposition text.
    pub fn exposition(&self) -> String {
        write_families(&self.families)
    }

    /// What `debug=true` shows: the log, the metrics, the module.
    pub fn debug(&self) -> String {
        format!(
            "Logs for the probe:\n{}\n\n\nMetrics that would have been returned:\n{}\n\n\nModule configuration:\n{}",
            self.log,
            self.exposition(),
            self.module_yaml
        )
    }

    /// The value of a metric without labels, or of its first series.
    pub fn value(&self, name: &str) -> Option<f64> {
        let family = self.families.iter().find(|family| family.name == name)?;
        family.points.first().map(|(_, _, value)| *value)
    }

    /// The outcome for a person: verdict, reason, phases, and what else is worth knowing.
    pub fn in_words(&self) -> String {
        let verdict = if self.success { "succeeded" } else { "FAILED" };
        let mut text = format!("{} of {} {verdict} after {}\n", self.module, self.target, seconds(self.duration));
        if let Some(reason) = self.reason.as_deref().filter(|_| !self.success) {
            text.push_str(&format!("  why     {reason}\n"));
        }
        for family in self.families.iter().filter(|family| is_of_phases(&family.name)) {
            let mut points: Vec<_> =
                family.points.iter().filter_map(|(_, labels, value)| Some((labels.get("phase")?, *value))).collect();
            points.sort_by_key(|(phase, _)| PHASES.iter().position(|known| known == phase));
            let phases: Vec<String> = points
                .into_iter()
                .map(|(phase, value)| format!("{phase} {}", seconds(Duration::from_secs_f64(value.max(0.0)))))
                .collect();
            text.push_str(&format!("  phases  {}\n", phases.join(", ")));
        }
        let facts: Vec<String> = FACTS
            .iter()
            .filter_map(|(name, unit)| Some((self.value(name).filter(|value| *value > 0.0)?, unit)))
            .map(|(value, unit)| format!("{unit} {value}"))
            .collect();
        if !facts.is_empty() {
            text.push_str(&format!("  facts   {}\n", facts.join(", ")));
        }
        if !self.success && self.duration >= self.timeout {
            text.push_str(&format!("  the time was up: the timeout is {}\n", seconds(self.timeout)));
        }
        text
    }
}

/// Phases in the order in which they happen.
const PHASES: [&str; 9] = ["resolve", "setup", "connect", "tls", "request", "processing", "transfer", "rtt", "check"];

/// Metrics whose plain value says something, and what.
const FACTS: [(&str, &str); 8] = [
    ("probe_ip_protocol", "IP version"),
    ("probe_http_status_code", "HTTP status"),
    ("probe_http_version", "HTTP version"),
    ("probe_http_redirects", "redirects"),
    ("probe_http_uncompressed_body_length", "body bytes"),
    ("probe_dns_answer_rrs", "answer records"),
    ("probe_icmp_reply_hop_limit", "hop limit of the reply"),
    ("probe_ssl_earliest_cert_expiry", "certificate ends at unix time"),
];

fn is_of_phases(name: &str) -> bool {
    name.ends_with("_duration_seconds") && name != "probe_duration_seconds"
}

fn seconds(duration: Duration) -> String {
    match duration.as_secs_f64() {
        short if short < 1.0 => format!("{:.1} ms", short * 1000.0),
        long => format!("{long:.2} s"),
    }
}
