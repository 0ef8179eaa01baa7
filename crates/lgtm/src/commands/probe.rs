//! `lgtm probe TARGET`: one probe from here, told in words.

use super::Outcome;
use crate::cli::ProbeOptions;
use crate::error::RunError;
use crate::provision::built_in;
use crate::tell::tell;
use lgtm_probe::{Config, ProbeRequest, Prober};
use lgtm_runtime::{Random, SystemClock};

/// Makes the probe.
pub async fn run(options: ProbeOptions) -> Result<Outcome, RunError> {
    let settings = |problems: lgtm_settings::Problems| RunError::Settings(problems.to_string());
    let config = match &options.config {
        Some(path) => Config::read_file(path).map_err(settings)?.value,
        None => {
            let text = built_in("blackbox.yml").unwrap_or_default();
            Config::read_text("blackbox.yml", &text).map_err(settings)?.value
        }
    };
    let prober = Prober::new(SystemClock::shared(), Random::from_entropy());
    let request = ProbeRequest::new(&options.target, &options.module);
    let outcome = prober.probe(&config, &request).await.map_err(|error| RunError::Command(error.to_string()))?;
    tell(outcome.in_words());
    Ok(outcome.success.into())
}
