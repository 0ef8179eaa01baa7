//! `lgtm route …`: where alerts would go, by an `alertmanager.yml` alone.

use super::Outcome;
use crate::cli::RouteCommand;
use crate::error::RunError;
use crate::tell::tell;
use lgtm_notify::{Config, Routes, resolve, show};
use std::path::Path;

/// Runs one.
pub fn run(what: RouteCommand) -> Result<Outcome, RunError> {
    match what {
        RouteCommand::Show { file } => {
            tell(show(&read(&file)?));
            Ok(Outcome::Good)
        }
        RouteCommand::Test { file, labels, verify_receivers } => {
            let found = resolve(&read(&file)?, &labels).map_err(RunError::Command)?;
            tell(found.receivers.join(","));
            let wanted = verify_receivers.map(|wanted| wanted.split(',').map(str::to_owned).collect::<Vec<_>>());
            match wanted {
                Some(wanted) if wanted != found.receivers => {
                    eprintln!("expected the receivers {}", wanted.join(","));
                    Ok(Outcome::Bad)
                }
                _ => Ok(Outcome::Good),
            }
        }
    }
}

fn read(file: &Path) -> Result<Routes, RunError> {
    let reading = Config::read_file(file).map_err(|problems| RunError::Settings(problems.to_string()))?;
    Ok(Routes::new(&reading.value.route))
}
