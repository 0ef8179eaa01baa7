//! Sockets for echoes: raw ones, which need root or CAP_NET_RAW, and where these are refused the unprivileged ones that
//! the kernel grants to the groups in `net.ipv4.ping_group_range`.

use super::packet::{Echo, without_ip_header};
use crate::config::IcmpProbe;
use socket2::{Domain, MaybeUninitSlice, MsgHdrMut, Protocol, SockRef, Socket, Type};
use std::io;
use std::mem::MaybeUninit;
use std::net::{IpAddr, SocketAddr};
use tokio::io::Interest;
use tokio::net::UdpSocket;

/// Bytes of a packet, headers included.
const PACKET_BYTES_MAX: usize = 65_536;
/// Bytes of what the kernel says beside a packet.
const CONTROL_BYTES_MAX: usize = 128;
/// `IPPROTO_IPV6` and `IPV6_HOPLIMIT` of Linux: the level and type of a hop limit beside a packet.
const HOP_LIMIT: (i32, i32) = (41, 52);

pub(super) struct EchoSocket {
    /// Whatever its protocol, tokio waits for a socket in the shape of this one.
    socket: UdpSocket,
    is_raw: bool,
    v6: bool,
}

impl EchoSocket {
    pub(super) fn open(ip: IpAddr, probe: &IcmpProbe) -> Result<Self, String> {
        let v6 = ip.is_ipv6();
        let (domain, protocol) = if v6 { (Domain::IPV6, Protocol::ICMPV6) } else { (Domain::IPV4, Protocol::ICMPV4) };
        let (socket, is_raw) = match Socket::new(domain, Type::RAW, Some(protocol)) {
            Ok(socket) => (socket, true),
            Err(refused) if probe.dont_fragment && !v6 => {
                return Err(format!("dont_fragment needs a raw socket (root or CAP_NET_RAW): {refused}"));
            }
            Err(refused) => match Socket::new(domain, Type::DGRAM, Some(protocol)) {
                Ok(socket) => (socket, false),
                Err(error) => {
                    return Err(format!(
                        "a raw socket is refused ({refused}), and an unprivileged one too ({error}); grant CAP_NET_RAW, \
                         or set net.ipv4.ping_group_range"
                    ));
                }
            },
        };
        let prepared = prepare(&socket, probe, v6);
        let socket = prepared.and_then(|()| UdpSocket::from_std(socket.into())).map_err(|error| error.to_string())?;
        Ok(Self { socket, is_raw, v6 })
    }

    pub(super) fn kind(&self) -> &'static str {
        if self.is_raw { "raw" } else { "unprivileged" }
    }

    /// Sends an echo and waits for its reply. Gives the reply's hop limit where the kernel tells it. The caller bounds
    /// the time.
    pub(super) async fn ping(&self, ip: IpAddr, echo: &Echo) -> io::Result<Option<u8>> {
        let target = SocketAddr::new(ip, 0).into();
        let request = echo.request();
        self.socket.async_io(Interest::WRITABLE, || SockRef::from(&self.socket).send_to(&request, &target)).await?;
        let mut packet = vec![MaybeUninit::new(0); PACKET_BYTES_MAX];
        loop {
            let received =
                self.socket.async_io(Interest::READABLE, || receive(&SockRef::from(&self.socket), &mut packet)).await?;
            if received.from != Some(ip) {
                continue;
            }
            let (message, hop_limit) = match self.is_raw && !self.v6 {
                true => match without_ip_header(&received.bytes) {
                    Some((message, hop_limit)) => (message, Some(hop_limit)),
                    None => continue,
                },
                false => (&received.bytes[..], received.hop_limit),
            };
            if echo.is_answered_by(message, !self.is_raw) {
                return Ok(hop_limit);
            }
        }
    }
}

fn prepare(socket: &Socket, probe: &IcmpProbe, v6: bool) -> io::Result<()> {
    socket.set_nonblocking(true)?;
    if let Some(source) = probe.source_ip {
        socket.bind(&SocketAddr::new(source, 0).into())?;
    }
    let ttl = u32::from(probe.ttl);
    if v6 {
        socket.set_recv_hoplimit_v6(true)?;
        if ttl > 0 {
            socket.set_unicast_hops_v6(ttl)?;
        }
    } else {
        if ttl > 0 {
            socket.set_ttl_v4(ttl)?;
        }
        if probe.dont_fragment {
            dont_fragment(socket)?;
        }
    }
    Ok(())
}

struct Received {
    bytes: Vec<u8>,
    from: Option<IpAddr>,
    hop_limit: Option<u8>,
}

fn receive(socket: &Socket, packet: &mut [MaybeUninit<u8>]) -> io::Result<Received> {
    let mut control = [MaybeUninit::new(0); CONTROL_BYTES_MAX];
    let mut buffers = [MaybeUninitSlice::new(packet)];
    let mut from = SocketAddr::from(([0, 0, 0, 0], 0)).into();
    let mut header = MsgHdrMut::new().with_addr(&mut from).with_buffers(&mut buffers).with_control(&mut control);
    let count = socket.recvmsg(&mut header, 0)?;
    let control_length = header.control_len();
    Ok(Received {
        bytes: initialised(&packet[..count]),
        from: from.as_socket().map(|address| address.ip()),
        hop_limit: hop_limit(&initialised(&control[..control_length.min(CONTROL_BYTES_MAX)])),
    })
}

fn initialised(bytes: &[MaybeUninit<u8>]) -> Vec<u8> {
    // SAFETY: every buffer of this file begins as zeros, so that each of its bytes is initialised.
    bytes.iter().map(|byte| unsafe { byte.assume_init() }).collect()
}

/// The hop limit among what the kernel says beside a packet: entries of length (a word), level and type (4 bytes each)
/// and data, each padded to a word.
fn hop_limit(control: &[u8]) -> Option<u8> {
    const WORD: usize = size_of::<usize>();
    let mut rest = control;
    loop {
        let (length, after) = rest.split_first_chunk::<WORD>()?;
        let (level, after) = after.split_first_chunk::<4>()?;
        let (kind, after) = after.split_first_chunk::<4>()?;
        if (i32::from_ne_bytes(*level), i32::from_ne_bytes(*kind)) == HOP_LIMIT {
            let (value, _) = after.split_first_chunk::<4>()?;
            return u8::try_from(i32::from_ne_bytes(*value)).ok();
        }
        let length = usize::from_ne_bytes(*length).max(WORD).checked_next_multiple_of(WORD)?;
        rest = rest.get(length..)?;
    }
}

/// Routers must not split the packet, and this machine sends it even if it knows that one would have to.
#[cfg(target_os = "linux")]
fn dont_fragment(socket: &Socket) -> io::Result<()> {
    use rustix::net::sockopt::{Ipv4PathMtuDiscovery, set_ip_mtu_discover};
    set_ip_mtu_discover(socket, Ipv4PathMtuDiscovery::PROBE).map_err(io::Error::from)
}

#[cfg(not(target_os = "linux"))]
fn dont_fragment(_: &Socket) -> io::Result<()> {
    Err(io::Error::new(io::ErrorKind::Unsupported, "dont_fragment is only supported on Linux"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hop_limit_is_found_among_other_entries() {
        let entry = |level: i32, kind: i32, value: i32| {
            let mut bytes = (size_of::<usize>() + 12).to_ne_bytes().to_vec();
            bytes.extend(level.to_ne_bytes());
            bytes.extend(kind.to_ne_bytes());
            bytes.extend(value.to_ne_bytes());
            bytes.resize(bytes.len().next_multiple_of(size_of::<usize>()), 0);
            bytes
        };
        assert_eq!(hop_limit(&[entry(1, 2, 3), entry(41, 52, 57)].concat()), Some(57));
        assert_eq!(hop_limit(&entry(1, 2, 3)), None);
        assert_eq!(hop_limit(&[0; 64]), None, "lengths of zero end all the same");
        assert_eq!(hop_limit(&entry(41, 52, 57)[..18]), None);
    }
}
