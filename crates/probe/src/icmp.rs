//! The ICMP probe: an echo request, and the wait for the very same bytes to come back.

mod packet;
mod socket;

use crate::config::IcmpProbe;
use crate::resolve::resolve;
use crate::run::Run;
use packet::Echo;
use socket::EchoSocket;
use std::net::IpAddr;

const DURATION: &str = "probe_icmp_duration_seconds";
const PAYLOAD: &[u8] = b"lgtm blackbox probe";

pub(crate) async fn probe(run: &mut Run, probe: &IcmpProbe) -> bool {
    for phase in ["resolve", "setup", "rtt"] {
        run.sheet.add_phase(DURATION, phase, 0.0);
    }
    let target = run.target.clone();
    let (ip, seconds) = resolve(run, probe.ip, &target).await;
    let ip = match ip {
        Ok(ip) => ip,
        Err(error) => {
            run.log.fail("cannot resolve the target", &[("error", &error)]);
            return false;
        }
    };
    run.sheet.add_phase(DURATION, "resolve", seconds);
    let setup = run.now();
    let echo = echo(run, probe, ip);
    let socket = match EchoSocket::open(ip, probe) {
        Ok(socket) => socket,
        Err(error) => {
            run.log.fail("no socket for ICMP can be had", &[("error", &error)]);
            return false;
        }
    };
    run.log.note("Sending an echo request", &[("kind", &socket.kind()), ("sequence", &echo.sequence)]);
    run.sheet.add_phase(DURATION, "setup", run.since(setup));
    let start = run.now();
    let outcome = run.deadline.within(socket.ping(ip, &echo)).await;
    match outcome {
        Ok(hop_limit) => {
            run.sheet.add_phase(DURATION, "rtt", run.since(start));
            if let Some(hop_limit) = hop_limit {
                run.sheet.set("probe_icmp_reply_hop_limit", f64::from(hop_limit));
            }
            run.log.note("Received the reply", &[]);
            true
        }
        Err(error) => {
            run.log.fail("no echo reply", &[("error", &error)]);
            false
        }
    }
}

/// Identifier and sequence by chance, so that probes of one machine are told apart.
fn echo(run: &Run, probe: &IcmpProbe, ip: IpAddr) -> Echo {
    let mut chance = [0; 4];
    run.random.fill(&mut chance);
    let mut payload = PAYLOAD.to_vec();
    if probe.payload_size > 0 {
        payload.resize(probe.payload_size, 0);
    }
    Echo {
        v6: ip.is_ipv6(),
        identifier: u16::from_be_bytes([chance[0], chance[1]]),
        sequence: u16::from_be_bytes([chance[2], chance[3]]),
        payload,
    }
}
