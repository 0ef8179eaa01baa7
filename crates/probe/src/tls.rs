//! TLS towards a target: whom to trust, the handshake, and what a certificate says about itself.
//!
//! A certificate that does not stand the test ends the handshake with the reason in words. Under
//! `insecure_skip_verify` any certificate will do, and what it says is reported all the same.

mod chain;
mod name;
mod report;
mod trust;
mod verify;

pub(crate) use report::{Detail, Session, report};
pub(crate) use trust::SystemRoots;

use trust::Trust;

use crate::dial::Stream;
use crate::run::Run;
use lgtm_client::{Tls, TlsVersion};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{PrivateKeyDer, ServerName};
use rustls::version::{TLS12, TLS13};
use rustls::{ClientConfig, SupportedProtocolVersion};
use std::sync::Arc;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

/// How a module speaks TLS, ready for a handshake.
pub(crate) struct Setup {
    config: Arc<ClientConfig>,
    trust: Arc<Trust>,
}

/// A connection after the handshake.
pub(crate) struct Secured<S> {
    pub stream: TlsStream<S>,
    pub session: Session,
    /// Whether HTTP/2 was agreed on.
    pub speaks_http2: bool,
}

/// The name that a certificate must be for: the module's, or the target's.
pub(crate) fn expected_name<'a>(tls: &'a Tls, target: &'a str) -> &'a str {
    if tls.server_name.is_empty() { target } else { &tls.server_name }
}

impl Setup {
    /// Reads certificates and keys, anew for every probe, so that they can be rotated.
    pub(crate) fn new(tls: &Tls, roots: &SystemRoots, protocols: &[&str]) -> Result<Self, String> {
        let trust = Arc::new(Trust::new(tls, roots)?);
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let versions = versions(tls);
        if versions.is_empty() {
            return Err("the module asks for TLS 1.1 or older, which is no longer spoken".to_owned());
        }
        let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
            .with_protocol_versions(&versions)
            .map_err(|error| error.to_string())?
            .dangerous()
            .with_custom_certificate_verifier(verify::verifier(&trust, provider, tls.insecure_skip_verify)?);
        let mut config = match &tls.identity {
            None => builder.with_no_client_auth(),
            Some((certificate, key)) => {
                let certificates = trust::certificates(certificate)?;
                let key = key.load().map_err(|error| error.to_string())?;
                let key = PrivateKeyDer::from_pem_slice(key.expose().as_bytes())
                    .map_err(|error| format!("the key cannot be used: {error}"))?;
                builder.with_client_auth_cert(certificates, key).map_err(|error| error.to_string())?
            }
        };
        config.alpn_protocols = protocols.iter().map(|protocol| protocol.as_bytes().to_vec()).collect();
        Ok(Self { config: Arc::new(config), trust })
    }

    /// Begins TLS on a connection. `name` is what the certificate must be for.
    pub(crate) async fn handshake<S: Stream>(&self, run: &Run, stream: S, name: &str) -> Result<Secured<S>, String> {
        let server = ServerName::try_from(name.to_owned())
            .map_err(|_| format!("{name:?} is no name that a certificate could be for; set server_name"))?;
        let connector = TlsConnector::from(Arc::clone(&self.config));
        match run.deadline.cap(connector.connect(server, stream)).await? {
            Ok(stream) => {
                let session = Session::of(stream.get_ref().1, &self.trust);
                Ok(Secured { speaks_http2: stream.get_ref().1.alpn_protocol() == Some(b"h2"), session, stream })
            }
            Err(error) => {
                let cause = error.get_ref().and_then(|cause| cause.downcast_ref::<rustls::Error>());
                let reason = cause.map_or_else(|| error.to_string(), |cause| verify::in_words(cause, name));
                Err(format!("the TLS handshake failed: {reason}"))
            }
        }
    }
}

fn versions(tls: &Tls) -> Vec<&'static SupportedProtocolVersion> {
    let fits = |version: TlsVersion| {
        tls.min_version.is_none_or(|min| min <= version) && tls.max_version.is_none_or(|max| version <= max)
    };
    let all = [(TlsVersion::V12, &TLS12), (TlsVersion::V13, &TLS13)];
    all.into_iter().filter(|(version, _)| fits(*version)).map(|(_, version)| version).collect()
}
