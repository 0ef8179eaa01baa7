//! From a host's name to the one address that is probed.

use crate::config::IpPreference;
use crate::run::Run;
use std::net::IpAddr;

/// The address to probe, by preference, and the seconds that it took to find. Notes which kind it is and a hash of it.
///
/// The system's resolver is asked, so that a probe sees what every other program on the machine sees.
pub(crate) async fn resolve(run: &mut Run, preference: IpPreference, host: &str) -> (Result<IpAddr, String>, f64) {
    for name in ["probe_ip_protocol", "probe_ip_addr_hash"] {
        run.sheet.set(name, 0.0);
    }
    let start = run.now();
    run.log.note(
        "Resolving the target's name",
        &[("host", &host), ("prefer", &if preference.v6 { "ip6" } else { "ip4" })],
    );
    let found = match lookup(run, host).await {
        Ok(addresses) => choose(preference, &addresses).ok_or_else(|| missing(preference, host, addresses.is_empty())),
        Err(error) => Err(format!("the name {host:?} cannot be resolved: {error}")),
    };
    let seconds = run.since(start);
    run.sheet.set("probe_dns_lookup_time_seconds", seconds);
    if let Ok(ip) = &found {
        run.log.note("Resolved the target's name", &[("ip", ip)]);
        run.sheet.set("probe_ip_protocol", if ip.is_ipv4() { 4.0 } else { 6.0 });
        run.sheet.set("probe_ip_addr_hash", f64::from(hash(*ip)));
    }
    (found, seconds)
}

/// All addresses of a host, in the system's order.
pub(crate) async fn lookup(run: &Run, host: &str) -> Result<Vec<IpAddr>, String> {
    if let Ok(ip) = host.parse::<IpAddr>() {
        return Ok(vec![ip]);
    }
    if host.is_empty() {
        return Err("it is empty".to_owned());
    }
    let found = run.deadline.within(tokio::net::lookup_host((host, 0))).await?;
    Ok(found.map(|address| address.ip().to_canonical()).collect())
}

fn choose(preference: IpPreference, addresses: &[IpAddr]) -> Option<IpAddr> {
    let preferred = addresses.iter().find(|ip| ip.is_ipv6() == preference.v6);
    preferred.or_else(|| addresses.first().filter(|_| preference.fallback)).copied()
}

fn missing(preference: IpPreference, host: &str, none: bool) -> String {
    let kind = if preference.v6 { "IPv6" } else { "IPv4" };
    match none {
        true => format!("the name {host:?} has no address"),
        false => format!("{host:?} has no {kind} address, and ip_protocol_fallback is off"),
    }
}

/// FNV-1a over the address's bytes.
fn hash(ip: IpAddr) -> u32 {
    let fold = |bytes: &[u8]| {
        bytes.iter().fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(*byte)).wrapping_mul(0x0100_0193))
    };
    match ip {
        IpAddr::V4(ip) => fold(&ip.octets()),
        IpAddr::V6(ip) => fold(&ip.octets()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_preferred_kind_wins_and_the_other_stands_in_only_if_it_may() {
        let (v4, v6): (IpAddr, IpAddr) = ("127.0.0.1".parse().unwrap(), "::1".parse().unwrap());
        let prefer = |v6, fallback| IpPreference { v6, fallback };
        assert_eq!(choose(prefer(true, true), &[v4, v6]), Some(v6));
        assert_eq!(choose(prefer(false, true), &[v6, v4]), Some(v4));
        assert_eq!(choose(prefer(true, true), &[v4]), Some(v4));
        assert_eq!(choose(prefer(true, false), &[v4]), None);
        assert_eq!(choose(prefer(false, false), &[v6]), None);
    }

    #[test]
    fn hashes_are_fnv_1a() {
        assert_eq!(hash("127.0.0.1".parse().unwrap()), 0xdaaf_40ed);
    }
}
