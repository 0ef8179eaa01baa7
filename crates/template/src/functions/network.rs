//! `stripPort` and `stripDomain`: addresses as targets have them.

use super::{Functions, Param};
use std::net::IpAddr;

pub fn add(functions: &mut Functions) {
    functions.add(&[
        ("stripPort", &[Param::Text], |call| Ok(strip_port(&call.text(0)).into())),
        ("stripDomain", &[Param::Text], |call| Ok(strip_domain(&call.text(0)).into())),
    ]);
}

/// `host:port` or `[host]:port`, taken apart. Whatever is neither stays whole.
fn split(address: &str) -> Option<(&str, &str)> {
    let (host, port) = address.rsplit_once(':')?;
    let host = match host.strip_prefix('[') {
        Some(inner) => inner.strip_suffix(']').filter(|inner| !inner.contains([']', '[']))?,
        None => Some(host).filter(|host| !host.contains([':', '[', ']']))?,
    };
    (!port.contains(['[', ']'])).then_some((host, port))
}

fn strip_port(address: &str) -> &str {
    split(address).map_or(address, |(host, _)| host)
}

fn strip_domain(address: &str) -> String {
    let (host, port) = split(address).unwrap_or((address, ""));
    if host.parse::<IpAddr>().is_ok() {
        return address.to_owned();
    }
    let name = host.split('.').next().unwrap_or_default();
    match (port, name.contains(':')) {
        ("", _) => name.to_owned(),
        (port, true) => format!("[{name}]:{port}"),
        (port, false) => format!("{name}:{port}"),
    }
}
