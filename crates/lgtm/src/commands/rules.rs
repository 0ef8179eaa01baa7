//! `lgtm rules …` and `lgtm check content`.

use super::Outcome;
use super::server::Server;
use crate::cli::{BacktestOptions, RulesCommand};
use crate::error::RunError;
use crate::tell::tell;
use lgtm_rules::content::{Content, check};
use lgtm_rules::{Format, read_rules};
use lgtm_settings::{Problems, Severity};
use lgtm_slo::{Scale, compile, rule_file_text};
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
        true => tell(format!("{:#}", answer["data"]["report"])),
        false => tell(answer["data"]["text"].as_str().unwrap_or_default()),
    }
    Ok(Outcome::Good)
}

/// Checks a content folder: its rules, those that its objectives are compiled to, and its runbooks.
pub fn check_content(folder: &Path) -> Result<Outcome, RunError> {
    let problem = |problems: Problems| RunError::Settings(problems.to_string());
    let objectives = folder.join("slo");
    let slos = match objectives.is_dir() {
        true => lgtm_slo::Config::read_dir(&objectives).map_err(problem)?.value.slos,
        false => Vec::new(),
    };
    let text = rule_file_text(&compile(&slos, Scale::default()));
    let generated = read_rules(&objectives.display().to_string(), &text, Format::default()).map_err(problem)?.value;
    let problems = check(&Content {
        folder,
        generated: &generated,
        exported: lgtm_probe::exported_metrics().iter().map(|name| (*name).to_owned()).collect(),
        pages: lgtm_web::PAGES,
        anchors: lgtm_web::PANELS,
    });
    let good = problems.list.iter().all(|problem| problem.severity != Severity::Error);
    if !problems.is_empty() {
        eprintln!("{problems}");
    }
    if good {
        tell(format!("{}: every alert has its runbook, every link a place, every metric a source", folder.display()));
    }
    Ok(good.into())
}
