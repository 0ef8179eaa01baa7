//! `lgtm slo …`: how objectives stand, whether deployments may go on, and the rules that objectives are compiled to.

use super::Outcome;
use super::server::Server;
use crate::cli::SloCommand;
use crate::error::RunError;
use crate::tell::tell;
use lgtm_slo::{Config, Scale, compile, fetch_statuses, gate, rule_file_text, table};

/// Runs one.
pub async fn run(what: SloCommand) -> Result<Outcome, RunError> {
    match what {
        SloCommand::Status { server } => {
            tell(table(&statuses(&server).await?));
            Ok(Outcome::Good)
        }
        SloCommand::Gate { services, server } => {
            let verdict = gate(&statuses(&server).await?, &services);
            tell(verdict.text);
            Ok(verdict.open.into())
        }
        SloCommand::Rules { files, scale } => {
            let config = Config::read_files(&files).map_err(|problems| RunError::Settings(problems.to_string()))?.value;
            let scale = Scale::new(scale).ok_or_else(|| RunError::Command("--scale is 1 to 60".to_owned()))?;
            tell(rule_file_text(&compile(&config.slos, scale)));
            Ok(Outcome::Good)
        }
    }
}

async fn statuses(options: &crate::cli::ServerOptions) -> Result<Vec<lgtm_slo::SloStatus>, RunError> {
    let server = Server::new(options)?;
    fetch_statuses(&server.sender, &server.url).await.map_err(|error| RunError::Command(error.to_string()))
}
