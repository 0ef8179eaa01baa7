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
    /// Checks settings, rules and content without starting anything
    #[command(subcommand, after_help = "Example:\n  lgtm check prometheus /etc/lgtm/prometheus.yml")]
    Check(CheckCommand),
    /// Runs tests of rules
    #[command(subcommand, after_help = "Example:\n  lgtm test rules content/rules/tests/*.yml")]
    Test(TestCommand),
    /// What fires now
    #[command(after_help = "Example:\n  lgtm alerts severity=critical")]
    Alerts(AlertsOptions),
    /// Silences: add one (after a look at what it mutes), list them, end them
    #[command(
        subcommand,
        after_help = "Example:\n  lgtm silence add DiskFull instance=db1 --duration 2h --comment \"disk ordered\""
    )]
    Silence(SilenceCommand),
    /// Where alerts would go
    #[command(
        subcommand,
        after_help = "Example:\n  lgtm route test /etc/lgtm/alertmanager.yml severity=critical service=shop"
    )]
    Route(RouteCommand),
    /// What rules would have done
    #[command(subcommand, after_help = "Example:\n  lgtm rules backtest new-rules.yml --since 7d")]
    Rules(RulesCommand),
    /// Objectives: how they stand, whether deployments may go on
    #[command(subcommand, after_help = "Example:\n  lgtm slo gate --url http://10.0.0.5:3000 || exit 1")]
    Slo(SloCommand),
    /// One probe from here, told in words
    #[command(after_help = "Example:\n  lgtm probe https://example.org/ --module http_2xx")]
    Probe(ProbeOptions),
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
    /// A Prometheus configuration with its rule files
    Prometheus {
        /// The file
        file: PathBuf,
    },
    /// Our own settings, and the files that they name
    Config {
        /// The file
        file: PathBuf,
    },
    /// Rule files
    Rules {
        /// The files; `*` stands for any
        #[arg(required = true)]
        files: Vec<PathBuf>,
    },
    /// An Alertmanager configuration with its templates
    Alerts {
        /// The file
        file: PathBuf,
    },
    /// Probe modules
    Blackbox {
        /// The file
        file: PathBuf,
    },
    /// Objectives
    Slo {
        /// The files
        #[arg(required = true)]
        files: Vec<PathBuf>,
    },
    /// A content folder: every alert has its runbook, every runbook its answers, every link a place, every metric a source
    Content {
        /// The folder
        folder: PathBuf,
    },
}

/// What can be tested.
#[derive(Clone, Debug, Subcommand)]
pub enum TestCommand {
    /// Unit tests of rules, in promtool's format
    Rules {
        /// The files with tests
        #[arg(required = true)]
        files: Vec<PathBuf>,
    },
}

/// Which server is asked.
#[derive(Args, Clone, Debug)]
pub struct ServerOptions {
    /// Address of the web app
    #[arg(long, value_name = "URL", default_value = "http://127.0.0.1:3000")]
    pub url: String,
    /// File (mode 0600) with the token that the server asks for
    #[arg(long, value_name = "FILE")]
    pub token_file: Option<PathBuf>,
}

/// Options of `alerts`.
#[derive(Args, Clone, Debug)]
pub struct AlertsOptions {
    /// Matchers that the alerts must satisfy, such as severity=critical
    pub filters: Vec<String>,
    /// Silenced and inhibited ones too
    #[arg(long)]
    pub all: bool,
    /// As JSON
    #[arg(long)]
    pub json: bool,
    #[command(flatten)]
    pub server: ServerOptions,
}

/// What can be done with silences.
#[derive(Clone, Debug, Subcommand)]
pub enum SilenceCommand {
    /// Adds one, and says what it mutes
    Add(SilenceAdd),
    /// Lists them
    Query {
        /// Expired ones too
        #[arg(long)]
        all: bool,
        /// As JSON
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        server: ServerOptions,
    },
    /// Ends them
    Expire {
        /// Their ids
        #[arg(required = true)]
        ids: Vec<String>,
        #[command(flatten)]
        server: ServerOptions,
    },
}

/// Options of `silence add`.
#[derive(Args, Clone, Debug)]
pub struct SilenceAdd {
    /// Which alerts: name=value, name!=value, name=~regex, name!~regex, or an alert's name alone
    pub matchers: Vec<String>,
    /// All labels of the alert with this fingerprint
    #[arg(long, value_name = "FINGERPRINT")]
    pub from_alert: Option<String>,
    /// How long
    #[arg(long, short, value_name = "DURATION", default_value = "1h")]
    pub duration: String,
    /// Why
    #[arg(long, short, value_name = "TEXT", default_value = "no comment given")]
    pub comment: String,
    /// Who
    #[arg(long, short, value_name = "NAME", default_value = "lgtm")]
    pub author: String,
    /// Only say what it would mute now
    #[arg(long)]
    pub preview: bool,
    #[command(flatten)]
    pub server: ServerOptions,
}

/// What can be asked of routes.
#[derive(Clone, Debug, Subcommand)]
pub enum RouteCommand {
    /// The tree
    Show {
        /// The `alertmanager.yml`
        file: PathBuf,
    },
    /// The receivers of an alert with these labels
    Test {
        /// The `alertmanager.yml`
        file: PathBuf,
        /// Labels, such as severity=critical
        labels: Vec<String>,
        /// Fail unless these are the receivers, with commas between them
        #[arg(long = "verify.receivers", value_name = "NAMES")]
        verify_receivers: Option<String>,
    },
}

/// What can be done with rules.
#[derive(Clone, Debug, Subcommand)]
pub enum RulesCommand {
    /// When each rule of a file would have fired on the history of a running server
    Backtest(BacktestOptions),
}

/// Options of `rules backtest`.
#[derive(Args, Clone, Debug)]
pub struct BacktestOptions {
    /// The rule file
    pub file: PathBuf,
    /// How far back
    #[arg(long, value_name = "DURATION", default_value = "1d")]
    pub since: String,
    /// As JSON
    #[arg(long)]
    pub json: bool,
    #[command(flatten)]
    pub server: ServerOptions,
}

/// What can be asked of objectives.
#[derive(Clone, Debug, Subcommand)]
pub enum SloCommand {
    /// How they stand
    Status {
        #[command(flatten)]
        server: ServerOptions,
    },
    /// Exits with 1 while an error budget pauses deployments
    Gate {
        /// Only the objectives of these services
        #[arg(long = "service", value_name = "NAME")]
        services: Vec<String>,
        #[command(flatten)]
        server: ServerOptions,
    },
    /// The rules that they are compiled to, as a rule file
    Rules {
        /// The files
        #[arg(required = true)]
        files: Vec<PathBuf>,
        /// How many times shorter than declared windows are
        #[arg(long, default_value_t = 1)]
        scale: u32,
    },
}

/// Options of `probe`.
#[derive(Args, Clone, Debug)]
pub struct ProbeOptions {
    /// What to probe, as the module wants it: a URL, a host and port, a name
    pub target: String,
    /// The module
    #[arg(long, short, value_name = "NAME", default_value = "http_2xx")]
    pub module: String,
    /// File with modules; the built-in ones without it
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
}

impl Arguments {
    /// The wanted format of log lines.
    pub fn log_format(&self) -> LogFormat {
        match &self.command {
            Command::Server(options) | Command::Demo(options) => options.log_format,
            Command::Agent(options) => options.log_format,
            Command::FakeService(options) => options.log_format,
            _ => LogFormat::Text,
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
