//! Which targets of a scraper are this process's own probes, so that they need no hop over HTTP.

use crate::dial::host_and_port;
use std::net::{IpAddr, SocketAddr};

/// The name under which probes can be scraped wherever they listen; resolved by nobody else.
pub const LOCAL_NAME: &str = "blackbox.lgtm.internal";

/// The path of probes.
const PATH: &str = "/probe";

/// Whether a scrape target is this process's own probing: the reserved name with any port, or the address that it listens
/// on, with the path of probes.
pub fn claims(address: &str, path: &str, listener: Option<SocketAddr>) -> bool {
    if path != PATH {
        return false;
    }
    let (host, port) = host_and_port(address).map_or((address, None), |(host, port)| (host, Some(port)));
    if host.eq_ignore_ascii_case(LOCAL_NAME) {
        return true;
    }
    let Some((listener, port)) = listener.zip(port) else { return false };
    let ip = match host {
        "localhost" => listener.ip().is_loopback() || listener.ip().is_unspecified(),
        host => host
            .parse()
            .is_ok_and(|ip: IpAddr| ip == listener.ip() || (listener.ip().is_unspecified() && ip.is_loopback())),
    };
    ip && port == listener.port()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_own_address_and_name_are_claimed() {
        let listener = "127.0.0.1:9115".parse().ok();
        for address in ["blackbox.lgtm.internal", "blackbox.lgtm.internal:9115", "127.0.0.1:9115", "localhost:9115"] {
            assert!(claims(address, "/probe", listener), "{address}");
            assert!(!claims(address, "/metrics", listener), "{address}");
        }
        for address in ["127.0.0.1:9116", "10.0.0.1:9115", "127.0.0.1", "blackbox.lgtm.internal.evil:9115"] {
            assert!(!claims(address, "/probe", listener), "{address}");
        }
        assert!(!claims("127.0.0.1:9115", "/probe", None));
        assert!(claims("blackbox.lgtm.internal:1", "/probe", None));
        assert!(claims("127.0.0.1:9115", "/probe", "0.0.0.0:9115".parse().ok()));
    }
}
