//! Connecting.

use crate::run::Run;
use std::net::{IpAddr, SocketAddr};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpSocket, TcpStream};

/// Whatever bytes go through, with or without TLS.
pub(crate) trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}
impl<S: AsyncRead + AsyncWrite + Unpin + Send> Stream for S {}

/// A stream of some kind.
pub(crate) type BoxedStream = Box<dyn Stream>;

/// Connects to one address, perhaps from a certain one.
pub(crate) async fn connect(run: &Run, address: SocketAddr, source: Option<IpAddr>) -> Result<TcpStream, String> {
    let work = async {
        let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
        if let Some(source) = source {
            socket.bind(SocketAddr::new(source, 0))?;
        }
        let stream = socket.connect(address).await?;
        stream.set_nodelay(true)?;
        std::io::Result::Ok(stream)
    };
    run.deadline.within(work).await.map_err(|error| format!("cannot connect to {address}: {error}"))
}

/// Splits `host:port`, with brackets around an IPv6 address.
pub(crate) fn host_and_port(target: &str) -> Option<(&str, u16)> {
    let (host, port) = target.rsplit_once(':')?;
    let host = match host.strip_prefix('[') {
        Some(inner) => inner.strip_suffix(']')?,
        None if host.contains(':') => return None,
        None => host,
    };
    Some((host, port.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_are_split_at_the_last_colon() {
        assert_eq!(host_and_port("a:1"), Some(("a", 1)));
        assert_eq!(host_and_port("[::1]:25"), Some(("::1", 25)));
        for target in ["a", "::1", "a:b", "[::1]", "a:70000", ""] {
            assert_eq!(host_and_port(target), None, "{target}");
        }
    }
}
