//! The `icmp` section.

use super::IpPreference;
use super::describe::Yaml;
use super::socket::source_ip;
use lgtm_settings::Node;
use std::net::IpAddr;

/// Bytes of a payload: what fits into a packet beside the headers.
const PAYLOAD_BYTES_MAX: i64 = 65_507;

/// What an ICMP probe sends.
#[derive(Clone, Debug)]
pub struct IcmpProbe {
    /// Which address is taken.
    pub ip: IpPreference,
    /// The address that it comes from.
    pub source_ip: Option<IpAddr>,
    /// Bytes of the payload; a short text when zero.
    pub payload_size: usize,
    /// Whether routers must not split the packet (IPv4).
    pub dont_fragment: bool,
    /// How many routers it may pass; the system's default when zero.
    pub ttl: u8,
}

impl Default for IcmpProbe {
    fn default() -> Self {
        Self { ip: IpPreference::default(), source_ip: None, payload_size: 0, dont_fragment: false, ttl: 64 }
    }
}

impl IcmpProbe {
    pub(super) fn read(node: Node<'_>) -> Option<Self> {
        node.map(|fields| {
            let payload_size = fields.or("payload_size", 0, |node| node.integer(0..=PAYLOAD_BYTES_MAX));
            let ttl = fields.or("ttl", 64, |node| node.integer(0..=255));
            Some(Self {
                ip: IpPreference::read(fields),
                source_ip: source_ip(fields),
                payload_size: usize::try_from(payload_size).unwrap_or_default(),
                dont_fragment: fields.or("dont_fragment", false, |node| node.bool()),
                ttl: u8::try_from(ttl).unwrap_or_default(),
            })
        })
    }

    pub(super) fn describe(&self) -> String {
        let mut yaml = Yaml::default();
        self.ip.describe(&mut yaml);
        yaml.text("source_ip_address", &self.source_ip.map(|ip| ip.to_string()).unwrap_or_default());
        if self.payload_size > 0 {
            yaml.plain("payload_size", self.payload_size);
        }
        yaml.flag("dont_fragment", self.dont_fragment);
        yaml.plain("ttl", self.ttl);
        yaml.finish()
    }
}
