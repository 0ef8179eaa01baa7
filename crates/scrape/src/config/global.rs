//! The `global` section: defaults for every job.

use lgtm_model::{Labels, NameRules};
use lgtm_settings::{Fields, Node};
use lgtm_wire::exposition::{EscapingScheme, ScrapeProtocol};

/// Limits on one scrape; zero means none, as in Prometheus.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of an answer, uncompressed.
    pub body_size_bytes: u64,
    /// Samples after metric relabelling.
    pub samples: u64,
    /// Targets of one job after relabelling.
    pub targets: u64,
    /// Labels of one series.
    pub labels: u64,
    /// Bytes of a label's name.
    pub label_name_bytes: u64,
    /// Bytes of a label's value.
    pub label_value_bytes: u64,
}

impl Limits {
    pub(super) fn read(fields: &mut Fields<'_>, default: Limits) -> Self {
        let mut count =
            |name, default| fields.or(name, default, |node| node.integer(0..=i64::MAX).map(i64::unsigned_abs));
        Self {
            samples: count("sample_limit", default.samples),
            targets: count("target_limit", default.targets),
            labels: count("label_limit", default.labels),
            label_name_bytes: count("label_name_length_limit", default.label_name_bytes),
            label_value_bytes: count("label_value_length_limit", default.label_value_bytes),
            body_size_bytes: fields.or("body_size_limit", default.body_size_bytes, |node| node.size_bytes()),
        }
    }
}

/// How names may look and what is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Protocols {
    /// What to ask for, the best first.
    pub asked: Vec<ScrapeProtocol>,
    /// Which names are legal.
    pub names: NameRules,
    /// How a target is to write names beyond the legacy ones.
    pub escaping: EscapingScheme,
}

impl Default for Protocols {
    fn default() -> Self {
        Self { asked: ScrapeProtocol::DEFAULT.to_vec(), names: NameRules::Utf8, escaping: EscapingScheme::AllowUtf8 }
    }
}

impl Protocols {
    pub(super) fn read(fields: &mut Fields<'_>, default: &Protocols) -> Self {
        let asked = fields.optional("scrape_protocols", |node| {
            let asked = node.list(|item| item.one_of(&ScrapeProtocol::ALL))?;
            if asked.iter().enumerate().any(|(index, protocol)| asked[..index].contains(protocol)) {
                node.problem("duplicated protocol in scrape_protocols");
            }
            // What cannot be read is not asked for.
            let readable = |protocol: &ScrapeProtocol| protocol.format().is_some();
            if !asked.iter().all(readable) {
                node.warn("PrometheusProto is not read yet, and not asked for");
            }
            Some(asked.into_iter().filter(readable).collect::<Vec<_>>())
        });
        let names = fields.optional("metric_name_validation_scheme", |node| {
            node.one_of(&[("utf8", NameRules::Utf8), ("legacy", NameRules::Legacy), ("", default.names)])
        });
        let names = names.unwrap_or(default.names);
        let escaping = fields.optional("metric_name_escaping_scheme", |node| node.one_of(&EscapingScheme::ALL));
        if escaping == Some(EscapingScheme::AllowUtf8) && names == NameRules::Legacy {
            fields.problem_at(
                "metric_name_escaping_scheme",
                "utf8 metric names requested but validation scheme is not set to UTF8",
            );
        }
        let inferred = match names {
            NameRules::Legacy => EscapingScheme::Underscores,
            NameRules::Utf8 if default.names == NameRules::Legacy => EscapingScheme::AllowUtf8,
            NameRules::Utf8 => default.escaping,
        };
        Self {
            asked: asked.filter(|asked| !asked.is_empty()).unwrap_or_else(|| default.asked.clone()),
            names,
            escaping: escaping.unwrap_or(inferred),
        }
    }
}

/// Defaults for every job.
#[derive(Clone, Debug, PartialEq)]
pub struct Global {
    /// How often a target is asked.
    pub interval_ms: i64,
    /// How long an answer may take.
    pub timeout_ms: i64,
    /// Limits of a scrape.
    pub limits: Limits,
    /// Formats and names.
    pub protocols: Protocols,
    /// Whether `scrape_timeout_seconds` and its like are written too.
    pub extra_metrics: bool,
}

/// Prometheus' defaults, for a file that says nothing.
const INTERVAL_MS: i64 = 60_000;
const TIMEOUT_MS: i64 = 10_000;

impl Default for Global {
    fn default() -> Self {
        Self {
            interval_ms: INTERVAL_MS,
            timeout_ms: TIMEOUT_MS,
            limits: Limits::default(),
            protocols: Protocols::default(),
            extra_metrics: false,
        }
    }
}

const NATIVE_HISTOGRAMS: [&str; 3] =
    ["scrape_native_histograms", "always_scrape_classic_histograms", "convert_classic_histograms_to_nhcb"];

/// Fields about native histograms, which are not read yet.
pub(super) fn native_histograms(fields: &mut Fields<'_>) {
    for name in NATIVE_HISTOGRAMS {
        if fields.or(name, false, |node| node.bool()) {
            fields.warn_at(name, format!("{name:?} has no effect: native histograms are not scraped yet"));
        }
    }
}

impl Global {
    pub(super) fn read(node: Node<'_>) -> Option<(Self, Labels)> {
        node.map(|fields| {
            let interval_ms = fields.or("scrape_interval", INTERVAL_MS, duration_above_zero);
            let default_timeout_ms = TIMEOUT_MS.min(interval_ms);
            let timeout_ms = fields.or("scrape_timeout", default_timeout_ms, duration_above_zero);
            if timeout_ms > interval_ms {
                fields.problem_at("scrape_timeout", "global scrape timeout greater than scrape interval");
            }
            // Read by the components that evaluate rules and answer queries.
            for name in ["evaluation_interval", "rule_query_offset"] {
                fields.optional(name, |node| node.duration_ms());
            }
            for name in ["query_log_file", "scrape_failure_log_file"] {
                fields.optional(name, |node| node.string());
            }
            fields.optional("keep_dropped_targets", |node| node.integer(0..=i64::MAX));
            native_histograms(fields);
            let protocols = Protocols::read(fields, &Protocols::default());
            let names = protocols.names;
            let external_labels = fields.optional("external_labels", |node| labels(node, names));
            let limits = Limits::read(fields, Limits::default());
            let extra_metrics = fields.or("extra_scrape_metrics", false, |node| node.bool());
            let global = Self { interval_ms, timeout_ms, limits, protocols, extra_metrics };
            Some((global, external_labels.unwrap_or_default()))
        })
    }
}

/// A duration; zero counts as absent, as in Prometheus.
pub(super) fn duration_above_zero(node: Node<'_>) -> Option<i64> {
    node.duration_ms().filter(|duration_ms| *duration_ms > 0)
}

/// A map of label names and values.
pub(super) fn labels(node: Node<'_>, names: NameRules) -> Option<Labels> {
    let pairs = node.entries(|name, value| {
        if !names.allow_label(name) {
            value.problem(format!("{name:?} is not a valid label name"));
            return None;
        }
        value.string()
    })?;
    Some(Labels::from_pairs(pairs))
}
