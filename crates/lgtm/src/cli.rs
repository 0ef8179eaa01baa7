//! The command line: one definition feeds parser, help and completion.

use clap::{Args, Parser, Subcommand, ValueEnum};
use std::net::SocketAddr;
use std::path::PathBuf;

/// Logs, graphs, traces, metrics: one program that tells whether your system is healthy, since when, and why not.
#[derive(Debug, Parser)]
#[command(name = "lgtm", version, about, max_term_width = 110)]
pub struct Arguments {
    /// What to do
    #[command(subcommand)]
    pub command: Command,
}

/// What the program can do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// The monitoring server: scrapes, receives, stores and answers
    #[command(after_help = "Example:\n  lgtm server --config /etc/lgtm/lgtm.yml --data /var/lib/lgtm")]
    Server(ComponentOptions),
    /// The application server's side: OTLP in, a queue on disk, OTLP out; host metrics
    #[command(after_help = "Example:\n  lgtm agent --server http://10.0.0.5:4318 --data /var/lib/lgtm/agent")]
    Agent(AgentOptions),
    /// A live system on this machine: server, agent and a shop under load
    #[command(after_help = "Example:\n  lgtm demo --data /tmp/lgtm-demo")]
    Demo(ComponentOptions),
    /// The shop alone: five services with OpenTelemetry and faults to switch on
    #[command(after_help = "Example:\n  lgtm fake-service --otlp http://127.0.0.1:4317 &\n  \
                      curl -X POST 'http://127.0.0.1:8080/faults/error-burst?endpoint=/api/checkout&duration=2m'")]
    FakeService(ShopOptions),
    /// Checks settings without starting anything
    #[command(subcommand, after_help = "Example:\n  lgtm check prometheus /etc/lgtm/prometheus.yml")]
    Check(CheckCommand),
}

/// How log lines look.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// For people
    #[default]
    Text,
    /// One JSON object a line
    Json,
}

/// Options of `server` and `demo`.
#[derive(Args, Clone, Debug)]
pub struct ComponentOptions {
    /// Settings file (lgtm.yml); everything has a default
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Folder for everything that is kept
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// Address of the web app; with it, every other listener takes a free port
    #[arg(long, value_name = "ADDR:PORT")]
    pub listen: Option<SocketAddr>,
    /// File (mode 0600) with the token that clients must send; needed when listening beyond loopback
    #[arg(long, value_name = "FILE")]
    pub token_file: Option<PathBuf>,
    /// How the program's own log lines look
    #[arg(long, value_enum, default_value_t)]
    pub log_format: LogFormat,
}

/// Options of `agent`.
#[derive(Args, Clone, Debug)]
pub struct AgentOptions {
    /// OTLP over HTTP of the server
    #[arg(long, value_name = "URL", default_value = "http://127.0.0.1:4318")]
    pub server: String,
    /// Folder of the queue
    #[arg(long, value_name = "DIR", default_value = "lgtm-agent-data")]
    pub data: PathBuf,
    /// Where applications send OTLP over gRPC; with it, OTLP over HTTP takes a free port
    #[arg(long, value_name = "ADDR:PORT")]
    pub listen: Option<SocketAddr>,
    /// How the program's own log lines look
    #[arg(long, value_enum, default_value_t)]
    pub log_format: LogFormat,
}

/// Options of `fake-service`.
#[derive(Args, Clone, Debug)]
pub struct ShopOptions {
    /// Where the gateway listens
    #[arg(long, value_name = "ADDR:PORT", default_value = "127.0.0.1:8080")]
    pub listen: SocketAddr,
    /// OTLP over gRPC of the agent or the server
    #[arg(long, value_name = "URL", default_value = "http://127.0.0.1:4317")]
    pub otlp: String,
    /// Requests a second of the built-in load; 0 turns it off
    #[arg(long, value_name = "N", default_value_t = 5.0)]
    pub rate: f64,
    /// End when standard input ends: for whoever starts the shop and must not be outlived by it
    #[arg(long, hide = true)]
    pub until_stdin_ends: bool,
    /// How the program's own log lines look
    #[arg(long, value_enum, default_value_t)]
    pub log_format: LogFormat,
}

/// What can be checked.
#[derive(Clone, Debug, Subcommand)]
pub enum CheckCommand {
    /// A Prometheus configuration
    Prometheus {
        /// The file
        file: PathBuf,
    },
    /// Our own settings
    Config {
        /// The file
        file: PathBuf,
    },
}

impl Arguments {
    /// The wanted format of log lines.
    pub fn log_format(&self) -> LogFormat {
        match &self.command {
            Command::Server(options) | Command::Demo(options) => options.log_format,
            Command::Agent(options) => options.log_format,
            Command::FakeService(options) => options.log_format,
            Command::Check(_) => LogFormat::Text,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_sound_and_every_command_shows_an_example() {
        let mut command = Arguments::command();
        command.build();
        command.clone().debug_assert();
        for sub in command.get_subcommands().filter(|sub| sub.get_name() != "help") {
            let help = sub.get_after_help().map(ToString::to_string).unwrap_or_default();
            assert!(help.contains("Example:"), "{} has no example", sub.get_name());
        }
    }
}
