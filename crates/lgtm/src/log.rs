//! The program's own log lines: to standard error, so that standard output carries only what scripts may rely on.

use crate::cli::LogFormat;
use tracing_subscriber::EnvFilter;

/// Without `RUST_LOG`: our own lines, and warnings of the libraries.
const FILTER_DEFAULT: &str = "warn,lgtm=info,lgtm_access=info,lgtm_agent=info,lgtm_api=info,lgtm_drill=info,\
                              lgtm_flow=info,lgtm_host=info,lgtm_logs=info,lgtm_metrics=info,lgtm_receive=info,\
                              lgtm_scrape=info,lgtm_store=info,lgtm_traces=info,lgtm_web=info";

/// Starts logging. Called once.
pub fn start(format: LogFormat) {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(FILTER_DEFAULT));
    let lines = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    match format {
        LogFormat::Text => lines.with_ansi(false).init(),
        LogFormat::Json => lines.json().init(),
    }
}
