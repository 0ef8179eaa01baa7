//! Binding a port, with an error that says which setting moves it.

use crate::ListenAddress;
use std::net::SocketAddr;
use thiserror::Error;
use tokio::net::TcpListener;

/// A port that could not be opened.
#[derive(Debug, Error)]
pub enum ListenError {
    /// Another program has it.
    #[error("port {} is in use, so that {what} cannot listen on {address}; stop the other program or choose another address with {setting}", address.port())]
    InUse {
        /// What was to be served.
        what: &'static str,
        /// Where.
        address: SocketAddr,
        /// The setting or flag that moves it.
        setting: String,
    },
    /// Anything else.
    #[error("{what} cannot listen on {address} (set by {setting}): {reason}")]
    Other {
        /// What was to be served.
        what: &'static str,
        /// Where.
        address: SocketAddr,
        /// The setting or flag that moves it.
        setting: String,
        /// What the operating system says.
        reason: String,
    },
}

pub(crate) async fn bind(listen: &ListenAddress, what: &'static str) -> Result<(TcpListener, SocketAddr), ListenError> {
    let (address, setting) = (listen.address, listen.setting.clone());
    let bound = async {
        let listener = TcpListener::bind(address).await?;
        let address = listener.local_addr()?;
        Ok::<_, std::io::Error>((listener, address))
    };
    bound.await.map_err(|error| match error.kind() {
        std::io::ErrorKind::AddrInUse => ListenError::InUse { what, address, setting },
        _ => ListenError::Other { what, address, setting, reason: error.to_string() },
    })
}
