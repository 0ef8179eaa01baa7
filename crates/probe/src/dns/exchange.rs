//! Bytes to the name server and back: UDP, TCP, or TLS over TCP.

use super::DURATION;
use crate::config::DnsProbe;
use crate::dial::{BoxedStream, connect};
use crate::run::Run;
use crate::tls::{Setup, expected_name};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::UdpSocket;

/// Bytes of an answer.
const ANSWER_BYTES_MAX: usize = 65_535;

pub(super) async fn exchange(
    run: &mut Run,
    probe: &DnsProbe,
    server: SocketAddr,
    host: &str,
    id: u16,
    question: &[u8],
) -> Result<Vec<u8>, String> {
    let start = run.now();
    if probe.tcp {
        let stream = open(run, probe, server, host).await;
        run.sheet.add_phase(DURATION, "connect", run.since(start));
        let mut stream = stream?;
        let start = run.now();
        let answer = over_tcp(run, &mut stream, question).await;
        run.sheet.add_phase(DURATION, "request", run.since(start));
        return answer
            .and_then(|answer| if is_for(&answer, id) { Ok(answer) } else { Err("it is another's".to_owned()) });
    }
    let any: IpAddr = if server.is_ipv4() { Ipv4Addr::UNSPECIFIED.into() } else { Ipv6Addr::UNSPECIFIED.into() };
    let bound = async {
        let socket = UdpSocket::bind(SocketAddr::new(probe.source_ip.unwrap_or(any), 0)).await?;
        socket.connect(server).await?;
        std::io::Result::Ok(socket)
    };
    let socket = run.deadline.within(bound).await?;
    run.sheet.add_phase(DURATION, "connect", run.since(start));
    let start = run.now();
    let answer = over_udp(run, &socket, id, question).await;
    run.sheet.add_phase(DURATION, "request", run.since(start));
    answer
}

async fn open(run: &Run, probe: &DnsProbe, server: SocketAddr, host: &str) -> Result<BoxedStream, String> {
    let stream = connect(run, server, probe.source_ip).await?;
    if !probe.over_tls {
        return Ok(Box::new(stream));
    }
    let secured =
        Setup::new(&probe.tls, &run.roots, &[])?.handshake(run, stream, expected_name(&probe.tls, host)).await?;
    Ok(Box::new(secured.stream))
}

async fn over_tcp(run: &Run, stream: &mut BoxedStream, question: &[u8]) -> Result<Vec<u8>, String> {
    let length = u16::try_from(question.len()).map_err(|_| "the question is too long".to_owned())?;
    let talk = async {
        stream.write_all(&[&length.to_be_bytes(), question].concat()).await?;
        stream.flush().await?;
        let length = stream.read_u16().await?;
        let mut answer = vec![0; usize::from(length)];
        stream.read_exact(&mut answer).await?;
        std::io::Result::Ok(answer)
    };
    run.deadline.within(talk).await
}

/// Datagrams that answer another question are passed over: they may be forged, or late.
async fn over_udp(run: &Run, socket: &UdpSocket, id: u16, question: &[u8]) -> Result<Vec<u8>, String> {
    let talk = async {
        socket.send(question).await?;
        let mut buffer = vec![0; ANSWER_BYTES_MAX];
        loop {
            let count = socket.recv(&mut buffer).await?;
            if is_for(&buffer[..count], id) {
                buffer.truncate(count);
                return std::io::Result::Ok(buffer);
            }
        }
    };
    run.deadline.within(talk).await
}

fn is_for(answer: &[u8], id: u16) -> bool {
    answer.starts_with(&id.to_be_bytes())
}
