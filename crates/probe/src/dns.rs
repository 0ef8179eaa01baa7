//! The DNS probe: one question, and a judgement on the answer's code and records.

mod exchange;
mod judge;
pub(crate) mod names;
mod record;

use crate::config::DnsProbe;
use crate::dial::host_and_port;
use crate::resolve::resolve;
use crate::run::Run;
use hickory_proto::op::{Message, MessageType, OpCode, Query};
use hickory_proto::rr::{DNSClass, Name, RData, RecordType};
use std::net::SocketAddr;

const DURATION: &str = "probe_dns_duration_seconds";
/// The type of SOA records.
const SOA: u16 = 6;

pub(crate) async fn probe(run: &mut Run, probe: &DnsProbe) -> bool {
    for phase in ["resolve", "connect", "request"] {
        run.sheet.add_phase(DURATION, phase, 0.0);
    }
    for name in
        ["probe_dns_answer_rrs", "probe_dns_authority_rrs", "probe_dns_additional_rrs", "probe_dns_query_succeeded"]
    {
        run.sheet.set(name, 0.0);
    }
    let target = run.target.clone();
    let default_port = if probe.over_tls { 853 } else { 53 };
    let bare = target.trim_start_matches('[').trim_end_matches(']');
    let (host, port) = host_and_port(&target).unwrap_or((bare, default_port));
    let (ip, seconds) = resolve(run, probe.ip, host).await;
    let ip = match ip {
        Ok(ip) => ip,
        Err(error) => {
            run.log.fail("cannot resolve the name server's own name", &[("error", &error)]);
            return false;
        }
    };
    run.sheet.add_phase(DURATION, "resolve", seconds);
    let answer = match ask(run, probe, SocketAddr::new(ip, port), host).await {
        Ok(answer) => answer,
        Err(error) => {
            run.log.fail("the name server gives no answer", &[("error", &error)]);
            return false;
        }
    };
    tell(run, probe, &answer);
    judge::judge(run, probe, &answer)
}

async fn ask(run: &mut Run, probe: &DnsProbe, server: SocketAddr, host: &str) -> Result<Message, String> {
    let question = question(run, probe)?;
    run.log.note("Asking the name server", &[("server", &server), ("name", &probe.name)]);
    let id = question.metadata.id;
    let bytes = question.to_vec().map_err(|error| format!("the question cannot be written: {error}"))?;
    let answer = exchange::exchange(run, probe, server, host, id, &bytes).await?;
    Message::from_vec(&answer).map_err(|error| format!("the answer cannot be read: {error}"))
}

fn question(run: &Run, probe: &DnsProbe) -> Result<Message, String> {
    let mut id = [0; 2];
    run.random.fill(&mut id);
    let mut name = Name::from_str_relaxed(&probe.name).map_err(|error| format!("{:?}: {error}", probe.name))?;
    name.set_fqdn(true);
    let mut query = Query::new();
    query.set_name(name);
    query.set_query_type(RecordType::from(probe.record_type));
    query.set_query_class(DNSClass::from(probe.class));
    let mut message = Message::new(u16::from_be_bytes(id), MessageType::Query, OpCode::Query);
    message.metadata.recursion_desired = probe.recursion;
    message.add_query(query);
    Ok(message)
}

fn tell(run: &mut Run, probe: &DnsProbe, answer: &Message) {
    let further = usize::from(answer.edns.is_some()) + usize::from(answer.signature.is_some());
    for (name, count) in [
        ("probe_dns_answer_rrs", answer.answers.len()),
        ("probe_dns_authority_rrs", answer.authorities.len()),
        ("probe_dns_additional_rrs", answer.additionals.len() + further),
        ("probe_dns_query_succeeded", 1),
    ] {
        run.sheet.set(name, count as f64);
    }
    if probe.record_type == SOA {
        run.sheet.set("probe_dns_serial", 0.0);
        for record in &answer.answers {
            if let RData::SOA(soa) = &record.data {
                run.sheet.set("probe_dns_serial", f64::from(soa.serial));
            }
        }
    }
}
