//! `lgtm rules …` and `lgtm check content`.

use super::Outcome;
use super::server::Server;
use crate::cli::{BacktestOptions, RulesCommand};
use crate::error::RunError;
use std::path::Path;

/// Runs one.
pub async fn run(what: RulesCommand) -> Result<Outcome, RunError> {
    let RulesCommand::Backtest(options) = what;
    backtest(options).await
}

/// The server computes, since it has the history at hand.
async fn backtest(options: BacktestOptions) -> Result<Outcome, RunError> {
    let BacktestOptions { file, since, json, server } = options;
    let text = std::fs::read_to_string(&file).map_err(|source| RunError::Read { path: file.clone(), source })?;
    let name = file.display().to_string();
    let query = [("since", since.as_str()), ("file", name.as_str())];
    let answer = Server::new(&server)?.ask("POST", "/lgtm/api/v1/rules/backtest", &query, Some(text)).await?;
    match json {
        true => println!("{:#}", answer["data"]["report"]),
        false => print!("{}", answer["data"]["text"].as_str().unwrap_or_default()),
    }
    Ok(Outcome::Good)
}

/// Checks a content folder; its rules may use what this program can export.
pub fn check_content(folder: &Path) -> Result<Outcome, RunError> {
    let report = lgtm_rules::content::check(folder, &crate::exported::metrics());
    print!("{report}");
    Ok(report.is_success().into())
}
