//! `lgtm check alerts`: is this file one that a notifier would run with?

use crate::config::Config;
use lgtm_settings::Problems;
use std::path::Path;

/// What `amtool check-config` says of a good file, or all problems of a bad one. Warnings come first.
pub fn check_file(path: &Path) -> Result<String, Problems> {
    let reading = Config::read_file(path)?;
    let config = &reading.value;
    let mut text = String::new();
    if !reading.warnings.is_empty() {
        text.push_str(&format!("{}\n", reading.warnings));
    }
    text.push_str(&format!("Checking '{}'  SUCCESS\nFound:\n - global config\n - route\n", path.display()));
    text.push_str(&format!(" - {} inhibit rules\n", config.inhibit_rules.len()));
    text.push_str(&format!(" - {} receivers\n", config.receivers.len()));
    text.push_str(&format!(" - {} templates\n", config.templates.len()));
    Ok(text)
}
