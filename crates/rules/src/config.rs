//! `prometheus.yml`, as far as it concerns rules: which files hold them, how often they are evaluated, and who is told.

mod alerting;
mod files;
mod global;

pub use alerting::Alertmanager;
pub use files::matching_files;

use crate::file::Format;
use crate::rule::Group;
use global::Global;
use lgtm_model::{Labels, RelabelRule, RelabelSpec};
use lgtm_settings::{Fields, Node, Problems, Reading};
use std::path::{Path, PathBuf};

/// Everything that a `prometheus.yml` says about rules, checked, with all rule files read.
#[derive(Clone, Debug)]
pub struct Config {
    /// How often groups are evaluated that do not say it themselves.
    pub evaluation_interval_ms: i64,
    /// How far back expressions are evaluated in groups that do not say it themselves.
    pub query_offset_ms: i64,
    /// Labels that every alert gets, and that templates see.
    pub external_labels: Labels,
    /// All groups of all files.
    pub groups: Vec<Group>,
    /// Rule files that are named and not there: a check counts them as errors, a server runs without them.
    pub missing_files: Vec<PathBuf>,
    /// Rules for the labels of alerts that are told.
    pub alert_relabel: Vec<RelabelRule>,
    /// Alertmanagers to tell, beside the program's own notifier.
    pub alertmanagers: Vec<Alertmanager>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            evaluation_interval_ms: global::EVALUATION_INTERVAL_MS,
            query_offset_ms: 0,
            external_labels: Labels::empty(),
            groups: Vec::new(),
            missing_files: Vec::new(),
            alert_relabel: Vec::new(),
            alertmanagers: Vec::new(),
        }
    }
}

/// Sections of `prometheus.yml` that other components read.
const OTHERS: [&str; 9] = [
    "scrape_configs",
    "scrape_config_files",
    "remote_write",
    "remote_read",
    "storage",
    "tracing",
    "otlp",
    "runtime",
    "x-lgtm",
];

impl Config {
    /// Reads a `prometheus.yml` and all rule files that it names. The problems of all of them are told at once.
    pub fn read_file(path: &Path) -> Result<Reading<Self>, Problems> {
        lgtm_settings::read_file(path, Self::read)
    }

    /// Reads the text of a `prometheus.yml`; `name` stands for the file in problems.
    pub fn read_text(name: &str, text: &str) -> Result<Reading<Self>, Problems> {
        lgtm_settings::read_text(name, text, Self::read)
    }

    fn read(root: Node<'_>) -> Option<Self> {
        root.map(|fields| {
            let global = fields.or_default("global", Global::read);
            others(fields);
            let format = Format { names: global.names, ..Format::default() };
            let (groups, missing_files) = fields.or_default("rule_files", |node| files::groups(node, format));
            let (alert_relabel, alertmanagers) =
                fields.or_default("alerting", |node| alerting::read(node, global.names));
            Some(Self {
                evaluation_interval_ms: global.evaluation_interval_ms,
                query_offset_ms: global.query_offset_ms,
                external_labels: global.external_labels,
                groups,
                missing_files,
                alert_relabel,
                alertmanagers,
            })
        })
    }
}

fn others(fields: &mut Fields<'_>) {
    for name in OTHERS {
        fields.given(name);
    }
}

/// Whether two lists of relabelling rules are written alike.
pub(crate) fn same_rules(a: &[RelabelRule], b: &[RelabelRule]) -> bool {
    let specs = |rules: &[RelabelRule]| rules.iter().map(|rule| rule.spec().clone()).collect::<Vec<RelabelSpec>>();
    specs(a) == specs(b)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_says_nothing_has_upstreams_defaults() {
        let config = Config::read_text("prometheus.yml", "scrape_configs: []\n").unwrap().value;
        assert_eq!((config.evaluation_interval_ms, config.query_offset_ms), (60_000, 0));
        assert!(config.groups.is_empty() && config.alertmanagers.is_empty());
    }

    #[test]
    fn problems_of_rule_files_are_told_with_their_own_places() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("prometheus.yml");
        std::fs::create_dir(directory.path().join("rules")).unwrap();
        for (name, expr) in [("a.yml", "up"), ("b.yml", "up{job=“x”}"), ("c.txt", "sum(")] {
            let text = format!("groups:\n- name: a\n  rules:\n  - record: r\n    expr: {expr}\n");
            std::fs::write(directory.path().join("rules").join(name), text).unwrap();
        }
        std::fs::write(&path, "rule_files: [rules/*.yml]\nglobal: {evaluation_interval: 5x}\n").unwrap();
        let problems = Config::read_file(&path).unwrap_err().to_string();
        assert!(problems.contains("prometheus.yml:2:31: expected a duration"), "{problems}");
        assert!(problems.contains("b.yml:5:18: parse error"), "{problems}");
        assert!(!problems.contains("c.txt"), "{problems}");
    }

    #[test]
    fn alertmanagers_have_upstreams_defaults() {
        let text = "alerting:\n  alert_relabel_configs: [{action: labeldrop, regex: replica}]\n  alertmanagers:\n\
                    \x20 - static_configs: [{targets: ['a:9093']}]\n    path_prefix: /x\n    timeout: 3s\n\
                    \x20 - scheme: https\n    api_version: v1\n    file_sd_configs: [{files: ['*.json']}]\n";
        let problems = Config::read_text("prometheus.yml", text).unwrap_err().to_string();
        assert!(problems.contains("prometheus.yml:8:18: expected Alertmanager api version to be one of"), "{problems}");
        let config = Config::read_text("prometheus.yml", &text.replace("v1", "v2")).unwrap().value;
        assert_eq!(config.alert_relabel.len(), 1);
        let [first, second] = config.alertmanagers.as_slice() else { panic!() };
        assert_eq!((first.scheme.as_str(), first.path_prefix.as_str(), first.timeout_ms), ("http", "/x", 3_000));
        assert_eq!((second.scheme.as_str(), second.timeout_ms, second.files.len()), ("https", 10_000, 1));
    }
}
