//! `lgtm.yml`: the roof's own settings, and those of the components put together. Everything has a default.

use crate::cli::ComponentOptions;
use crate::error::RunError;
use lgtm_logs::LogsSettings;
use lgtm_metrics::MetricsConfig;
use lgtm_settings::{Fields, Node, Problems, Secret, read_file};
use lgtm_slo::Scale;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Where data lies when neither a flag nor the file says.
const DATA_DEFAULT: &str = "lgtm-data";

/// What a server is told.
#[derive(Clone, Debug)]
pub struct Config {
    /// Folder for everything that is kept.
    pub data: Option<PathBuf>,
    /// Address of the web app.
    pub listen: Option<SocketAddr>,
    /// File with the token that clients must send.
    pub token_file: Option<PathBuf>,
    /// The `prometheus.yml` with the scrape jobs.
    pub prometheus: Option<PathBuf>,
    /// Folder with rules, runbooks, SLOs and the files below; the built-in content when absent.
    pub content: Option<PathBuf>,
    /// The `alertmanager.yml`; the content's when absent.
    pub alertmanager: Option<PathBuf>,
    /// The `blackbox.yml`; the content's when absent.
    pub blackbox: Option<PathBuf>,
    /// Where people reach the web app; links in alerts begin with it. The web app's own address when absent.
    pub external_url: Option<String>,
    /// How many times shorter than declared the windows of SLOs are; 1 but for demos and drills.
    pub slo_scale: Option<Scale>,
    /// Whether Pushgateway's `/api/v1/admin/wipe` answers.
    pub pushgateway_admin: bool,
    /// URL of an object store for files, such as `s3://bucket/prefix`; the data folder when absent.
    pub storage_url: Option<String>,
    /// Options of the object store, by the names that `object_store` knows (`aws_region`, …).
    pub storage_options: Vec<(String, String)>,
    /// Settings of the metrics signal.
    pub metrics: MetricsConfig,
    /// Settings of the logs signal.
    pub logs: LogsSettings,
    /// Settings of the traces signal.
    pub traces: lgtm_traces::Config,
    /// Days that log lines are kept; 0 keeps them for ever.
    pub log_retention_days: u32,
    /// Days that spans are kept; 0 keeps them for ever.
    pub trace_retention_days: u32,
}

/// How long log lines and spans are kept when the file does not say.
const RETENTION_DAYS_DEFAULT: u32 = 30;

impl Default for Config {
    fn default() -> Self {
        Self {
            data: None,
            listen: None,
            token_file: None,
            prometheus: None,
            content: None,
            alertmanager: None,
            blackbox: None,
            external_url: None,
            slo_scale: None,
            pushgateway_admin: false,
            storage_url: None,
            storage_options: Vec::new(),
            metrics: MetricsConfig::default(),
            logs: LogsSettings::default(),
            traces: lgtm_traces::Config::default(),
            log_retention_days: RETENTION_DAYS_DEFAULT,
            trace_retention_days: RETENTION_DAYS_DEFAULT,
        }
    }
}

impl Config {
    /// Reads the file that the command names, if any; flags win over the file.
    pub fn of(options: &ComponentOptions) -> Result<Self, RunError> {
        let mut config = match &options.config {
            Some(path) => Self::read(path)?,
            None => Self::default(),
        };
        config.data = options.data.clone().or(config.data);
        config.listen = options.listen.or(config.listen);
        config.token_file = options.token_file.clone().or(config.token_file);
        Ok(config)
    }

    /// The data folder; created when missing.
    pub fn data_folder(&self) -> Result<PathBuf, RunError> {
        let path = self.data.clone().unwrap_or_else(|| PathBuf::from(DATA_DEFAULT));
        std::fs::create_dir_all(&path).map_err(|source| RunError::Write { path: path.clone(), source })?;
        Ok(path)
    }

    /// The token, if clients must send one.
    pub fn token(&self) -> Result<Option<Secret>, RunError> {
        let read = |path: &PathBuf| Secret::read_file(path).map_err(|error| RunError::Settings(error.to_string()));
        self.token_file.as_ref().map(read).transpose()
    }

    /// Reads a file.
    pub fn read(path: &Path) -> Result<Self, RunError> {
        let reading = read_file(path, |root| root.map(|fields| Some(Self::from_fields(fields)))).map_err(settings)?;
        log_warnings(&reading.warnings);
        Ok(reading.value)
    }

    fn from_fields(fields: &mut Fields<'_>) -> Self {
        let mut config = Self {
            data: fields.optional("data", |node| node.path()),
            listen: fields.optional("listen", |node| node.parse_as("an address and port such as 127.0.0.1:3000")),
            token_file: fields.optional("token_file", |node| node.path()),
            prometheus: fields.optional("prometheus", |node| node.path()),
            content: fields.optional("content", |node| node.path()),
            alertmanager: fields.optional("alertmanager", |node| node.path()),
            blackbox: fields.optional("blackbox", |node| node.path()),
            external_url: fields.optional("external_url", url),
            slo_scale: fields.optional("slo", slo_scale).flatten(),
            pushgateway_admin: fields.or("pushgateway", false, pushgateway_admin),
            ..Self::default()
        };
        if let Some((url, options)) = fields.optional("storage", storage) {
            (config.storage_url, config.storage_options) = (Some(url), options);
        }
        config.metrics = fields.or("metrics", config.metrics, metrics);
        if let Some((signal, days)) = fields.optional("logs", logs) {
            (config.logs, config.log_retention_days) = (signal, days);
        }
        if let Some((signal, days)) = fields.optional("traces", traces) {
            (config.traces, config.trace_retention_days) = (signal, days);
        }
        config
    }
}

fn storage(node: Node<'_>) -> Option<(String, Vec<(String, String)>)> {
    node.map(|fields| {
        let url = fields.required("url", |node| node.non_empty_string());
        let mut options = fields.or_default("options", |node| node.entries(|_, value| value.string()));
        let secrets = fields.or_default("secret_files", |node| node.entries(secret_option));
        options.extend(secrets);
        Some((url?, options))
    })
}

fn secret_option(_name: &str, node: Node<'_>) -> Option<String> {
    match Secret::read_file(&node.path()?) {
        Ok(secret) => Some(secret.expose().to_owned()),
        Err(error) => {
            node.problem(error.to_string());
            None
        }
    }
}

fn url(node: Node<'_>) -> Option<String> {
    let text = node.non_empty_string()?;
    if text.starts_with("http://") || text.starts_with("https://") {
        return Some(text.trim_end_matches('/').to_owned());
    }
    node.problem("expected a URL such as https://lgtm.example.org");
    None
}

fn slo_scale(node: Node<'_>) -> Option<Option<Scale>> {
    node.map(|fields| Some(fields.optional("scale", Scale::read)))
}

fn pushgateway_admin(node: Node<'_>) -> Option<bool> {
    node.map(|fields| Some(fields.or("admin_api", false, |node| node.bool())))
}

fn metrics(node: Node<'_>) -> Option<MetricsConfig> {
    node.map(|fields| {
        let mut config = MetricsConfig::default();
        config.flush_interval_ms = fields.or("flush_interval", config.flush_interval_ms, duration_ms);
        config.series_max = fields.or("series_max", config.series_max, count);
        config.retention_days = fields.or("retention_days", config.retention_days, days);
        Some(config)
    })
}

fn logs(node: Node<'_>) -> Option<(LogsSettings, u32)> {
    node.map(|fields| {
        let mut config = LogsSettings::default();
        config.flush_interval_ms = fields.or("flush_interval", config.flush_interval_ms, duration_ms);
        config.memory_bytes_max = fields.or("memory_bytes_max", config.memory_bytes_max, count);
        config.line_bytes_max = fields.or("line_bytes_max", config.line_bytes_max, count);
        Some((config, fields.or("retention_days", RETENTION_DAYS_DEFAULT, days)))
    })
}

fn traces(node: Node<'_>) -> Option<(lgtm_traces::Config, u32)> {
    node.map(|fields| {
        let mut config = lgtm_traces::Config::default();
        config.flush_interval =
            fields.or("flush_interval", config.flush_interval, |node| duration_ms(node).map(Duration::from_millis));
        config.recent_bytes_max = fields.or("recent_bytes_max", config.recent_bytes_max, count);
        Some((config, fields.or("retention_days", RETENTION_DAYS_DEFAULT, days)))
    })
}

fn days(node: Node<'_>) -> Option<u32> {
    node.integer(0..=36_500).and_then(|days| u32::try_from(days).ok())
}

fn duration_ms(node: Node<'_>) -> Option<u64> {
    match u64::try_from(node.duration_ms()?) {
        Ok(duration_ms) if duration_ms > 0 => Some(duration_ms),
        _ => {
            node.problem("expected a duration above zero");
            None
        }
    }
}

fn count(node: Node<'_>) -> Option<usize> {
    node.integer(1..=i64::MAX).and_then(|count| usize::try_from(count).ok())
}

fn settings(problems: Problems) -> RunError {
    RunError::Settings(problems.to_string())
}

/// Tells warnings in the log, a line each.
pub fn log_warnings(warnings: &Problems) {
    for warning in warnings.to_string().lines() {
        tracing::warn!("{warning}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_new_install_is_given_is_valid_and_says_the_defaults() {
        let content = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../content");
        let given = Config::read(&content.join("lgtm.yml")).unwrap();
        assert_eq!(format!("{given:?}"), format!("{:?}", Config::default()));
    }
}
