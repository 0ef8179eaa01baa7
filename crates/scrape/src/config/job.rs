//! One job of `scrape_configs`.

use super::global::{Global, Limits, Protocols, duration_above_zero, native_histograms};
use super::{FileDiscovery, TargetGroup, discovery, relabel};
use lgtm_client::HttpClient;
use lgtm_model::{RelabelRule, RelabelSpec};
use lgtm_settings::{Fields, Node};
use lgtm_wire::exposition::ScrapeProtocol;

/// A scrape job with all defaults filled in.
#[derive(Clone, Debug)]
pub struct Job {
    /// Its name, the `job` label of its targets.
    pub name: String,
    /// How often each target is asked.
    pub interval_ms: i64,
    /// How long an answer may take; never more than the interval.
    pub timeout_ms: i64,
    /// Formats and names.
    pub protocols: Protocols,
    /// What an answer is taken for that does not say what it is.
    pub fallback_protocol: Option<ScrapeProtocol>,
    /// Whether a target's labels win over ours.
    pub honor_labels: bool,
    /// Whether a target's timestamps are kept.
    pub honor_timestamps: bool,
    /// Whether series with their own timestamps get staleness markers too.
    pub track_timestamps_staleness: bool,
    /// Query parameters.
    pub params: Vec<(String, Vec<String>)>,
    /// The path, with a leading slash.
    pub metrics_path: String,
    /// `http` or `https`.
    pub scheme: String,
    /// Whether compressed answers are asked for.
    pub compression: bool,
    /// How requests are made.
    pub http: HttpClient,
    /// Limits of a scrape.
    pub limits: Limits,
    /// Whether `scrape_timeout_seconds` and its like are written too.
    pub extra_metrics: bool,
    /// Targets named in the file itself.
    pub groups: Vec<TargetGroup>,
    /// Files that name targets.
    pub files: Vec<FileDiscovery>,
    /// Rules for targets.
    pub relabel: Vec<RelabelRule>,
    /// Rules for series.
    pub metric_relabel: Vec<RelabelRule>,
}

impl Job {
    pub(super) fn read(node: Node<'_>, global: &Global) -> Option<Self> {
        node.map(|fields| {
            let name = fields.required("job_name", |node| node.non_empty_string());
            let (interval_ms, timeout_ms) = times(fields, global);
            let protocols = Protocols::read(fields, &global.protocols);
            let names = protocols.names;
            native_histograms(fields);
            fields.optional("keep_dropped_targets", |node| node.integer(0..=i64::MAX));
            fields.optional("native_histogram_bucket_limit", |node| node.integer(0..=i64::MAX));
            fields.optional("native_histogram_min_bucket_factor", |node| node.number());
            fields.optional("scrape_failure_log_file", |node| node.string());
            let (groups, files) = discovery::read(fields, names);
            let job = Self {
                name: String::new(),
                interval_ms,
                timeout_ms,
                fallback_protocol: fields
                    .optional("fallback_scrape_protocol", |node| node.one_of(&ScrapeProtocol::ALL)),
                honor_labels: fields.or("honor_labels", false, |node| node.bool()),
                honor_timestamps: fields.or("honor_timestamps", true, |node| node.bool()),
                track_timestamps_staleness: fields.or("track_timestamps_staleness", false, |node| node.bool()),
                params: fields.or_default("params", |node| node.entries(|_, value| value.list(|item| item.string()))),
                metrics_path: fields.or("metrics_path", "/metrics".to_owned(), |node| node.non_empty_string()),
                scheme: fields
                    .or("scheme", "http", |node| node.one_of(&[("http", "http"), ("https", "https")]))
                    .to_owned(),
                compression: fields.or("enable_compression", true, |node| node.bool()),
                http: HttpClient::read(fields),
                limits: Limits::read(fields, global.limits),
                extra_metrics: fields.or("extra_scrape_metrics", global.extra_metrics, |node| node.bool()),
                groups,
                files,
                relabel: fields.or_default("relabel_configs", |node| relabel::read(node, "target", names)),
                metric_relabel: fields
                    .or_default("metric_relabel_configs", |node| relabel::read(node, "metric", names)),
                protocols,
            };
            Some(Self { name: name?, ..job })
        })
    }
}

/// Interval and timeout. A timeout that only comes from the global section gives way to a shorter interval.
fn times(fields: &mut Fields<'_>, global: &Global) -> (i64, i64) {
    let interval_ms = fields.or("scrape_interval", global.interval_ms, duration_above_zero);
    let timeout_ms = fields.or("scrape_timeout", global.timeout_ms.min(interval_ms), duration_above_zero);
    if timeout_ms > interval_ms {
        fields.problem_at("scrape_timeout", "scrape timeout greater than scrape interval");
    }
    (interval_ms, timeout_ms)
}

impl PartialEq for Job {
    fn eq(&self, other: &Self) -> bool {
        let specs = |rules: &[RelabelRule]| rules.iter().map(|rule| rule.spec().clone()).collect::<Vec<RelabelSpec>>();
        self.name == other.name
            && (self.interval_ms, self.timeout_ms) == (other.interval_ms, other.timeout_ms)
            && self.protocols == other.protocols
            && self.fallback_protocol == other.fallback_protocol
            && (self.honor_labels, self.honor_timestamps) == (other.honor_labels, other.honor_timestamps)
            && self.track_timestamps_staleness == other.track_timestamps_staleness
            && self.params == other.params
            && (&self.metrics_path, &self.scheme) == (&other.metrics_path, &other.scheme)
            && (self.compression, self.extra_metrics) == (other.compression, other.extra_metrics)
            && self.http == other.http
            && self.limits == other.limits
            && (&self.groups, &self.files) == (&other.groups, &other.files)
            && specs(&self.relabel) == specs(&other.relabel)
            && specs(&self.metric_relabel) == specs(&other.metric_relabel)
    }
}
