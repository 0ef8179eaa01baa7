//! `prometheus.yml`, as far as it concerns scraping. Other components read their own sections of the same file.

mod discovery;
mod global;
mod job;
mod relabel;
mod validate;

pub use discovery::{FileDiscovery, TargetGroup, read as read_discovery, read_groups};
pub use global::{Global, Limits};
pub use job::Job;
pub use relabel::read as read_relabel_rules;

use lgtm_model::Labels;
use lgtm_settings::{Fields, Node, Problems, Reading, read_file, read_text};
use std::path::Path;

/// Everything that a `prometheus.yml` says about scraping, checked.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Config {
    /// Labels for whoever sends samples or alerts elsewhere; not added to stored samples.
    pub external_labels: Labels,
    /// The scrape jobs; their names are unique.
    pub jobs: Vec<Job>,
}

/// What rules read from the same file.
const OF_RULES: [&str; 2] = ["rule_files", "alerting"];

/// What nobody reads yet.
const OTHERS: [&str; 6] = ["remote_write", "remote_read", "storage", "tracing", "otlp", "runtime"];

impl Config {
    /// Reads a `prometheus.yml`. Relative paths in it are relative to its directory.
    pub fn read_file(path: &Path) -> Result<Reading<Self>, Problems> {
        read_file(path, Self::read)
    }

    /// Reads the text of a `prometheus.yml`; `name` stands for the file in problems.
    pub fn read_text(name: &str, text: &str) -> Result<Reading<Self>, Problems> {
        read_text(name, text, Self::read)
    }

    fn read(root: Node<'_>) -> Option<Self> {
        root.map(|fields| {
            let (global, external_labels) = fields.or_default("global", Global::read);
            for name in OF_RULES {
                fields.given(name);
            }
            fields.accept(&OTHERS, "is not supported yet; it changes nothing");
            let mut jobs = jobs(fields, &global);
            for pattern in fields.or_default("scrape_config_files", |node| node.list(Some)) {
                imported_jobs(pattern, &global, &mut jobs);
            }
            validate::unique_names(fields.node(), &jobs);
            Some(Self { external_labels, jobs })
        })
    }
}

fn jobs(fields: &mut Fields<'_>, global: &Global) -> Vec<Job> {
    fields.or_default("scrape_configs", |node| {
        node.list(|item| {
            if item.is_null() {
                item.problem("empty or null scrape config section");
                return None;
            }
            Job::read(item, global)
        })
    })
}

/// Jobs from further files: each is a map with `scrape_configs` alone.
fn imported_jobs(pattern: Node<'_>, global: &Global, jobs: &mut Vec<Job>) {
    let Some(path) = pattern.path() else { return };
    if !crate::discovery::is_legal_pattern(&path, true) {
        pattern.problem(format!("invalid scrape config file path {:?}", path.display().to_string()));
        return;
    }
    for file in crate::discovery::matching_files(&path) {
        match read_file(&file, |root| root.map(|fields| Some(self::jobs(fields, global)))) {
            Ok(reading) => {
                pattern.import(reading.warnings);
                jobs.extend(reading.value);
            }
            Err(problems) => pattern.import(problems),
        }
    }
}
