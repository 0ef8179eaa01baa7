//! All the files that a server works by, read and checked together: either everything is taken over or nothing.

use crate::config::{self, Config};
use crate::error::RunError;
use crate::provision::provision;
use lgtm_notify::Config as NotifyConfig;
use lgtm_rules::{Format, Group, read_rules};
use lgtm_settings::{Problems, Reading};
use lgtm_slo::{Scale, Slo, compile, rule_file_text};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Where the files are.
#[derive(Clone, Debug)]
pub struct Places {
    /// `prometheus.yml`; absent until the server has written one of its own.
    pub prometheus: Option<PathBuf>,
    /// `alertmanager.yml`.
    pub alertmanager: PathBuf,
    /// `blackbox.yml`.
    pub blackbox: PathBuf,
    /// Folder of SLOs.
    pub slo: PathBuf,
    /// Folder of runbooks.
    pub runbooks: PathBuf,
    /// Folder of rule files, for a `prometheus.yml` that the server writes itself.
    pub rules: PathBuf,
}

impl Places {
    /// The places that the settings name; the built-in content is written below `data` when they name none.
    pub fn new(config: &Config, data: &Path) -> Result<Self, RunError> {
        let content = match &config.content {
            Some(folder) => folder.clone(),
            None => provision(data)?,
        };
        // Paths in written files must hold wherever the program is started from next.
        let content = std::path::absolute(&content).unwrap_or(content);
        Ok(Self {
            prometheus: config.prometheus.clone(),
            alertmanager: config.alertmanager.clone().unwrap_or_else(|| content.join("alertmanager.yml")),
            blackbox: config.blackbox.clone().unwrap_or_else(|| content.join("blackbox.yml")),
            slo: content.join("slo"),
            runbooks: content.join("runbooks"),
            rules: content.join("rules"),
        })
    }
}

/// What the files say.
pub struct Loaded {
    /// Scrape jobs.
    pub scrape: lgtm_scrape::Config,
    /// Rules, and Alertmanagers to tell besides our own notifier.
    pub rules: lgtm_rules::Config,
    /// Routes and receivers.
    pub notify: NotifyConfig,
    /// `alertmanager.yml` as text, which its API shows.
    pub notify_text: String,
    /// Probe modules.
    pub probe: lgtm_probe::Config,
    /// Objectives.
    pub slos: Arc<[Slo]>,
    /// The rules that objectives are compiled to.
    pub slo_groups: Vec<Group>,
}

impl Loaded {
    /// Reads everything; the problems of all files are told at once.
    pub fn read(places: &Places, scale: Scale) -> Result<Self, RunError> {
        let mut problems = Vec::new();
        let (scrape, rules) = match &places.prometheus {
            Some(path) => (
                take(lgtm_scrape::Config::read_file(path), &mut problems),
                take(lgtm_rules::Config::read_file(path), &mut problems),
            ),
            None => (Some(lgtm_scrape::Config::default()), Some(lgtm_rules::Config::default())),
        };
        let notify = take(NotifyConfig::read_file(&places.alertmanager), &mut problems);
        let probe = take(lgtm_probe::Config::read_file(&places.blackbox), &mut problems);
        let slos = match places.slo.is_dir() {
            true => take(lgtm_slo::Config::read_dir(&places.slo), &mut problems),
            false => Some(lgtm_slo::Config { slos: Vec::new() }),
        };
        let slos = slos.map(|config| config.slos).unwrap_or_default();
        let text = rule_file_text(&compile(&slos, scale));
        let slo_groups = take(read_rules("slo", &text, Format::default()), &mut problems);
        match (scrape, rules, notify, probe, slo_groups) {
            (Some(scrape), Some(rules), Some(notify), Some(probe), Some(slo_groups)) if problems.is_empty() => {
                Ok(Self {
                    scrape,
                    rules,
                    notify,
                    notify_text: std::fs::read_to_string(&places.alertmanager).unwrap_or_default(),
                    probe,
                    slos: slos.into(),
                    slo_groups,
                })
            }
            _ => Err(RunError::Settings(problems.join("\n"))),
        }
    }
}

/// The value of a reading, or its problems as one more text. Warnings go to the log.
fn take<T>(reading: Result<Reading<T>, Problems>, problems: &mut Vec<String>) -> Option<T> {
    match reading {
        Ok(reading) => {
            config::log_warnings(&reading.warnings);
            Some(reading.value)
        }
        Err(found) => {
            // Two readers of one file find the same mistake in its YAML.
            let text = found.to_string();
            if !problems.contains(&text) {
                problems.push(text);
            }
            None
        }
    }
}
