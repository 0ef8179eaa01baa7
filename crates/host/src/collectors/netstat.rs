//! Protocol statistics, from `/proc/net/netstat`, `snmp` and `snmp6`.

use super::Context;
use crate::read::{self, CollectError};
use crate::sheet::Sheet;

pub(super) fn collect(context: &Context<'_>, sheet: &mut Sheet) -> Result<(), CollectError> {
    let directory = context.roots.proc.join("net");
    for file in ["netstat", "snmp"] {
        let path = directory.join(file);
        let text = read::text(&path)?;
        let mut lines = text.lines();
        // Names and numbers come in pairs of lines.
        while let (Some(names), Some(numbers)) = (lines.next(), lines.next()) {
            let mut names = names.split_ascii_whitespace();
            let Some(protocol) = names.next().and_then(|protocol| protocol.strip_suffix(':')) else { continue };
            for (name, number) in names.zip(numbers.split_ascii_whitespace().skip(1)) {
                add(sheet, protocol, name, read::parse(&path, number)?);
            }
        }
    }
    let path = directory.join("snmp6");
    // A kernel without IPv6 has no such file.
    for line in read::text(&path).unwrap_or_default().lines() {
        let mut columns = line.split_ascii_whitespace();
        let (Some(name), Some(number)) = (columns.next(), columns.next()) else { continue };
        let Some(six) = name.find('6') else { continue };
        let (protocol, name) = name.split_at(six + 1);
        add(sheet, protocol, name, read::parse(&path, number)?);
    }
    Ok(())
}

fn add(sheet: &mut Sheet, protocol: &str, name: &str, value: f64) {
    if is_kept(protocol, name) {
        let help = format!("Statistic {protocol}{name}.");
        sheet.untyped(&format!("node_netstat_{protocol}_{name}"), &help, value);
    }
}

/// node-exporter's default selection.
fn is_kept(protocol: &str, name: &str) -> bool {
    const TCP: [&str; 7] = ["ActiveOpens", "InSegs", "OutSegs", "OutRsts", "PassiveOpens", "RetransSegs", "CurrEstab"];
    const UDP: [&str; 5] = ["InDatagrams", "OutDatagrams", "NoPorts", "RcvbufErrors", "SndbufErrors"];
    const TCP_EXT: [&str; 4] = ["TCPSynRetrans", "TCPTimeouts", "TCPOFOQueue", "TCPRcvQDrop"];
    if matches!(name, "InErrors" | "InErrs") {
        return true;
    }
    match protocol {
        "Ip" => name == "Forwarding",
        "Ip6" | "IpExt" => matches!(name, "InOctets" | "OutOctets"),
        "Icmp" | "Icmp6" => matches!(name, "InMsgs" | "OutMsgs"),
        "TcpExt" => name.starts_with("Listen") || name.starts_with("Syncookies") || TCP_EXT.contains(&name),
        "Tcp" => TCP.contains(&name),
        "Udp" | "Udp6" => UDP.contains(&name),
        _ => false,
    }
}
