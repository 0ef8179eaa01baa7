//! Binding listeners, so that what goes wrong names the port and the flag that moves it.

use lgtm_settings::Secret;
use std::net::SocketAddr;
use thiserror::Error;
use tokio::net::TcpListener;

/// One listener that a component wants.
#[derive(Clone, Debug)]
pub struct Listen {
    /// What answers there, for messages: `the web app`, `OTLP over gRPC`.
    pub what: &'static str,
    /// Where.
    pub address: SocketAddr,
    /// The flag or setting that moves it: `--listen`.
    pub flag: &'static str,
}

/// Why a listener cannot be had.
#[derive(Debug, Error)]
pub enum ListenError {
    /// The address can be reached from outside, and no one would be asked who they are.
    #[error(
        "{what} would listen on {address}, which is not loopback, without authentication; \
         name a file with a token by --token-file, or listen on 127.0.0.1 ({flag})"
    )]
    Open {
        /// What answers there.
        what: &'static str,
        /// Where.
        address: SocketAddr,
        /// What moves it.
        flag: &'static str,
    },
    /// Someone else listens there.
    #[error("port {} is in use on {}: {what} cannot listen there; choose another port with {flag}", address.port(), address.ip())]
    InUse {
        /// What answers there.
        what: &'static str,
        /// Where.
        address: SocketAddr,
        /// What moves it.
        flag: &'static str,
    },
    /// Anything else that the system said.
    #[error("{what} cannot listen on {address} ({flag}): {source}")]
    System {
        /// What answers there.
        what: &'static str,
        /// Where.
        address: SocketAddr,
        /// What moves it.
        flag: &'static str,
        /// What the system said.
        source: std::io::Error,
    },
}

/// Refuses an address that can be reached from outside when there is no token.
pub fn check(listen: &Listen, token: Option<&Secret>) -> Result<(), ListenError> {
    if listen.address.ip().is_loopback() || token.is_some() {
        return Ok(());
    }
    Err(ListenError::Open { what: listen.what, address: listen.address, flag: listen.flag })
}

/// Checks the address and binds it. Port 0 takes a free one.
pub async fn bind(listen: &Listen, token: Option<&Secret>) -> Result<TcpListener, ListenError> {
    check(listen, token)?;
    let Listen { what, address, flag } = *listen;
    TcpListener::bind(address).await.map_err(|source| match source.kind() {
        std::io::ErrorKind::AddrInUse => ListenError::InUse { what, address, flag },
        _ => ListenError::System { what, address, flag, source },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listen(address: &str) -> Listen {
        Listen { what: "the web app", address: address.parse().unwrap(), flag: "--listen" }
    }

    #[test]
    fn only_loopback_is_open_without_a_token() {
        assert!(check(&listen("127.0.0.1:3000"), None).is_ok());
        assert!(check(&listen("[::1]:3000"), None).is_ok());
        let error = check(&listen("0.0.0.0:3000"), None).unwrap_err().to_string();
        assert!(error.contains("--token-file") && error.contains("0.0.0.0:3000"), "{error}");
        assert!(check(&listen("0.0.0.0:3000"), Some(&Secret::new("x"))).is_ok());
    }

    #[tokio::test]
    async fn a_port_in_use_is_named_with_its_flag() {
        let first = bind(&listen("127.0.0.1:0"), None).await.unwrap();
        let taken = first.local_addr().unwrap();
        let error = bind(&listen(&taken.to_string()), None).await.unwrap_err().to_string();
        assert!(error.contains(&format!("port {}", taken.port())) && error.contains("--listen"), "{error}");
    }
}
