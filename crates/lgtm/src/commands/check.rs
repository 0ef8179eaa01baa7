//! `lgtm check …` and `lgtm test …`: files are read and judged, nothing is started.

use super::Outcome;
use crate::cli::{CheckCommand, TestCommand};
use crate::config::Config;
use crate::error::RunError;
use crate::tell::tell;
use lgtm_rules::Format;
use lgtm_rules::unit_test::{self, TestOptions};
use lgtm_settings::{Problems, Reading};
use lgtm_slo::{Scale, compile};
use std::fmt::Display;
use std::path::Path;

/// Checks what the command names.
pub fn check(what: CheckCommand) -> Result<Outcome, RunError> {
    match what {
        CheckCommand::Prometheus { file } => {
            let scrape = lgtm_scrape::Config::read_file(&file);
            let jobs = report(&file, scrape, |config| format!("{} scrape jobs", config.jobs.len()));
            let rules = report(&file, lgtm_rules::Config::read_file(&file), |config| {
                let rules: usize = config.groups.iter().map(|group| group.rules.len()).sum();
                format!("{rules} rules in {} groups", config.groups.len())
            });
            Ok((jobs && rules).into())
        }
        CheckCommand::Config { file } => {
            let config = Config::read(&file)?;
            tell(format!("{}: valid", file.display()));
            let further = [
                config.prometheus.map(|file| CheckCommand::Prometheus { file }),
                config.alertmanager.map(|file| CheckCommand::Alerts { file }),
                config.blackbox.map(|file| CheckCommand::Blackbox { file }),
            ];
            let mut outcome = Outcome::Good;
            for command in further.into_iter().flatten() {
                if check(command)? == Outcome::Bad {
                    outcome = Outcome::Bad;
                }
            }
            Ok(outcome)
        }
        CheckCommand::Rules { files } => {
            let checked = lgtm_rules::check(&files, Format::default());
            tell(&checked);
            Ok(checked.is_success().into())
        }
        CheckCommand::Alerts { file } => {
            let read = lgtm_notify::Config::read_file(&file);
            Ok(report(&file, read, |config| format!("{} receivers", config.receivers.len())).into())
        }
        CheckCommand::Blackbox { file } => {
            Ok(report(&file, lgtm_probe::check_file(&file), |summary| summary.trim_end().to_owned()).into())
        }
        CheckCommand::Slo { files } => {
            let names: Vec<String> = files.iter().map(|file| file.display().to_string()).collect();
            let read = lgtm_slo::Config::read_files(&files);
            let good = report(Path::new(&names.join(", ")), read, |config| {
                let rules: usize = compile(&config.slos, Scale::default()).iter().map(|group| group.rules.len()).sum();
                format!("{} objectives, compiled to {rules} rules", config.slos.len())
            });
            Ok(good.into())
        }
        CheckCommand::Content { folder } => super::rules::check_content(&folder),
    }
}

/// Runs tests.
pub fn test(what: TestCommand) -> Outcome {
    let TestCommand::Rules { files } = what;
    let report = unit_test::run(&files, &TestOptions::default());
    tell(&report);
    report.is_success().into()
}

/// Prints what a file is worth; true when it can be used.
fn report<T, S: Display>(file: &Path, read: Result<Reading<T>, Problems>, say: impl FnOnce(&T) -> S) -> bool {
    match read {
        Ok(reading) => {
            if !reading.warnings.is_empty() {
                tell(reading.warnings);
            }
            tell(format!("{}: valid, {}", file.display(), say(&reading.value)));
            true
        }
        Err(problems) => {
            eprintln!("{problems}");
            false
        }
    }
}
