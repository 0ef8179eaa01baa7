//! One module: which prober, its timeout, and that prober's settings.

use super::describe::{self, Yaml};
use super::{DnsProbe, GrpcProbe, HttpProbe, IcmpProbe, TcpProbe, UnixProbe, WebsocketProbe};
use lgtm_settings::{Fields, Node};
use std::time::Duration;

/// A module.
#[derive(Clone, Debug)]
pub struct Module {
    /// How long a probe may take; what the scraper asks for when none is given.
    pub timeout: Option<Duration>,
    /// What it does.
    pub kind: Kind,
}

/// What a module does.
#[derive(Clone, Debug)]
pub enum Kind {
    /// Asks over HTTP.
    Http(Box<HttpProbe>),
    /// Connects over TCP, perhaps to talk line by line.
    Tcp(TcpProbe),
    /// Sends an echo request.
    Icmp(IcmpProbe),
    /// Asks a name server.
    Dns(Box<DnsProbe>),
    /// Asks for the health of a gRPC service.
    Grpc(Box<GrpcProbe>),
    /// Connects to a Unix socket, perhaps to talk line by line.
    Unix(UnixProbe),
    /// Opens a WebSocket.
    Websocket(Box<WebsocketProbe>),
}

const PROBERS: [&str; 7] = ["http", "tcp", "icmp", "dns", "grpc", "unix", "websocket"];

/// The name of a section, and what reads it.
type Section = (&'static str, fn(Node<'_>) -> Option<Kind>);

impl Module {
    pub(super) fn read(node: Node<'_>) -> Option<Self> {
        node.map(|fields| {
            let choices = PROBERS.map(|name| (name, name));
            let prober = fields.required("prober", |node| node.one_of(&choices));
            let timeout_ms = fields.or("timeout", 0, |node| node.duration_ms());
            let kind = Kind::read(fields, prober.unwrap_or_default());
            for name in PROBERS.into_iter().filter(|name| prober.is_some_and(|prober| prober != *name)) {
                if fields.has(name) {
                    fields.warn_at(name, format!("has no effect: the prober is {:?}", prober.unwrap_or_default()));
                }
            }
            let timeout = (timeout_ms > 0).then(|| Duration::from_millis(timeout_ms.unsigned_abs()));
            prober?;
            Some(Self { timeout, kind: kind? })
        })
    }

    /// The prober's name.
    pub fn prober(&self) -> &'static str {
        match self.kind {
            Kind::Http(_) => "http",
            Kind::Tcp(_) => "tcp",
            Kind::Icmp(_) => "icmp",
            Kind::Dns(_) => "dns",
            Kind::Grpc(_) => "grpc",
            Kind::Unix(_) => "unix",
            Kind::Websocket(_) => "websocket",
        }
    }

    /// The module as YAML, secrets hidden.
    pub fn describe(&self) -> String {
        let mut yaml = Yaml::default();
        yaml.text("prober", self.prober());
        if let Some(timeout) = self.timeout {
            yaml.text("timeout", &lgtm_model::format_duration_ms(i64::try_from(timeout.as_millis()).unwrap_or(0)));
        }
        let settings = match &self.kind {
            Kind::Http(probe) => probe.describe(),
            Kind::Tcp(probe) => probe.describe(),
            Kind::Icmp(probe) => probe.describe(),
            Kind::Dns(probe) => probe.describe(),
            Kind::Grpc(probe) => probe.describe(),
            Kind::Unix(probe) => probe.describe(),
            Kind::Websocket(probe) => probe.describe(),
        };
        format!("{}{}", yaml.finish(), describe::under(self.prober(), &settings))
    }
}

impl Kind {
    /// Reads every section that is there, so that problems in one without effect are told too, and keeps the prober's.
    fn read(fields: &mut Fields<'_>, prober: &str) -> Option<Self> {
        let mut kept = None;
        let mut keep = |name: &str, kind: Option<Kind>| {
            if name == prober {
                kept = kind;
            }
        };
        // An absent section is an empty one, which dns refuses: it needs a name to ask for.
        let sections: [Section; 7] = [
            ("http", |node| HttpProbe::read(node).map(|probe| Kind::Http(Box::new(probe)))),
            ("tcp", |node| TcpProbe::read(node).map(Kind::Tcp)),
            ("icmp", |node| IcmpProbe::read(node).map(Kind::Icmp)),
            ("dns", |node| DnsProbe::read(node).map(|probe| Kind::Dns(Box::new(probe)))),
            ("grpc", |node| GrpcProbe::read(node).map(|probe| Kind::Grpc(Box::new(probe)))),
            ("unix", |node| UnixProbe::read(node).map(Kind::Unix)),
            ("websocket", |node| WebsocketProbe::read(node).map(|probe| Kind::Websocket(Box::new(probe)))),
        ];
        for (name, read) in sections {
            match fields.given(name) {
                Some(node) => keep(name, read(node)),
                None if name == prober => keep(name, absent(fields, name)),
                None => {}
            }
        }
        kept
    }
}

/// A prober without a section of its own.
fn absent(fields: &Fields<'_>, prober: &str) -> Option<Kind> {
    Some(match prober {
        "http" => Kind::Http(Box::default()),
        "tcp" => Kind::Tcp(TcpProbe::default()),
        "icmp" => Kind::Icmp(IcmpProbe::default()),
        "grpc" => Kind::Grpc(Box::default()),
        "unix" => Kind::Unix(UnixProbe::default()),
        "websocket" => Kind::Websocket(Box::default()),
        _ => {
            fields.problem_at("prober", "a dns module needs a section \"dns\" with \"query_name\"");
            return None;
        }
    })
}

/// Which kind of address is preferred, and whether the other will do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IpPreference {
    /// Whether IPv6 is preferred.
    pub v6: bool,
    /// Whether the other kind is used where the preferred one is not to be had.
    pub fallback: bool,
}

impl Default for IpPreference {
    fn default() -> Self {
        Self { v6: true, fallback: true }
    }
}

impl IpPreference {
    pub(super) fn read(fields: &mut Fields<'_>) -> Self {
        Self {
            v6: fields
                .or("preferred_ip_protocol", true, |node| node.one_of(&[("ip4", false), ("ip6", true), ("", true)])),
            fallback: fields.or("ip_protocol_fallback", true, |node| node.bool()),
        }
    }

    pub(super) fn describe(self, yaml: &mut Yaml) {
        if !self.v6 {
            yaml.text("preferred_ip_protocol", "ip4");
        }
        yaml.flag("ip_protocol_fallback", self.fallback);
    }
}
