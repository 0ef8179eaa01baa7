//! `blackbox.yml`: modules by name, each a prober with its settings.

mod accept_encoding;
mod cel;
mod describe;
mod dns;
mod grpc;
mod http;
mod icmp;
mod module;
mod pattern;
mod socket;
mod websocket;

pub use accept_encoding::is_acceptable;
pub use cel::{CelError, CelProgram};
pub use dns::{DnsProbe, RecordRules};
pub use grpc::GrpcProbe;
pub use http::{HeaderRule, HttpProbe};
pub use icmp::IcmpProbe;
pub use module::{IpPreference, Kind, Module};
pub use pattern::Pattern;
pub use socket::{Step, TcpProbe, UnixProbe};
pub use websocket::WebsocketProbe;

use lgtm_settings::{Node, Problems, Reading, read_file, read_text};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// The modules that are there without a file.
const BUILTIN: &str = include_str!("../../../content/blackbox.yml");

/// What bounds the work, beside the modules.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Taken off the scraper's timeout, so that the answer is there before it gives up. Half a second.
    pub timeout_offset: Duration,
    /// Recent probes that are remembered, and again as many failed ones. One hundred.
    pub history_max: usize,
    /// Probes at one time; further ones wait within their own timeout. Five hundred.
    pub concurrent_max: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { timeout_offset: Duration::from_millis(500), history_max: 100, concurrent_max: 500 }
    }
}

/// Everything about probing.
#[derive(Clone, Debug, Default)]
pub struct Config {
    /// The modules by name.
    pub modules: BTreeMap<String, Arc<Module>>,
    /// The bounds; a file does not speak of them.
    pub limits: Limits,
}

impl Config {
    /// Reads a `blackbox.yml`. Relative paths in it are relative to its directory.
    pub fn read_file(path: &Path) -> Result<Reading<Self>, Problems> {
        read_file(path, Self::read)
    }

    /// Reads the text of a `blackbox.yml`; `name` stands for the file in problems.
    pub fn read_text(name: &str, text: &str) -> Result<Reading<Self>, Problems> {
        read_text(name, text, Self::read)
    }

    /// The modules that a new installation begins with.
    pub fn builtin() -> Result<Self, Problems> {
        Self::read_text("content/blackbox.yml", BUILTIN).map(|reading| reading.value)
    }

    fn read(root: Node<'_>) -> Option<Self> {
        root.map(|fields| {
            let modules = fields.or_default("modules", |node| node.entries(|_, node| Module::read(node).map(Arc::new)));
            Some(Self { modules: modules.into_iter().collect(), limits: Limits::default() })
        })
    }

    /// The modules as YAML, secrets hidden.
    pub fn describe(&self) -> String {
        let modules = self.modules.iter().map(|(name, module)| describe::under(name, &module.describe()));
        describe::under("modules", &modules.collect::<String>())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_built_in_loads_without_a_warning() {
        let reading = Config::read_text("content/blackbox.yml", BUILTIN).unwrap();
        assert_eq!(reading.warnings.to_string(), "");
        for name in ["http_2xx", "http_post_2xx", "tcp_connect", "icmp", "ssh_banner", "grpc", "dns_udp"] {
            assert!(reading.value.modules.contains_key(name), "{name}");
        }
    }

    #[test]
    fn all_problems_come_with_their_places() {
        let text = "modules:\n  a:\n    prober: htp\n  b:\n    prober: icmp\n    timeout: soon\n    icmp: {ttl: 256}\n";
        let problems = Config::read_text("b.yml", text).unwrap_err().to_string();
        assert!(problems.contains("b.yml:3:13: expected one of"), "{problems}");
        assert!(problems.contains("did you mean \"http\"?"), "{problems}");
        assert!(problems.contains("b.yml:6:14: expected a duration"), "{problems}");
        assert!(problems.contains("b.yml:7:17: expected a whole number from 0 to 255"), "{problems}");
    }
}
