//! Whether a certificate stands the test.

use super::chain::Parsed;
use super::trust::Trust;
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::verify_server_name;
use rustls::crypto::{CryptoProvider, WebPkiSupportedAlgorithms, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{CertificateError, DigitallySignedStruct, Error, SignatureScheme};
use std::sync::Arc;

/// Tests certificates as the module asks for it.
pub(super) fn verifier(
    trust: &Arc<Trust>,
    provider: Arc<CryptoProvider>,
    blindly: bool,
) -> Result<Arc<dyn ServerCertVerifier>, String> {
    let algorithms = provider.signature_verification_algorithms;
    if blindly {
        return Ok(Arc::new(Verifier { inner: None, trust: Arc::clone(trust), algorithms }));
    }
    if trust.authorities.store.is_empty() {
        return Err("no certificate authority is known: install the system's, or set ca_file".to_owned());
    }
    let inner = WebPkiServerVerifier::builder_with_provider(Arc::clone(&trust.authorities.store), provider)
        .build()
        .map_err(|error| error.to_string())?;
    Ok(Arc::new(Verifier { inner: Some(inner), trust: Arc::clone(trust), algorithms }))
}

#[derive(Debug)]
struct Verifier {
    /// None where any certificate will do.
    inner: Option<Arc<WebPkiServerVerifier>>,
    trust: Arc<Trust>,
    algorithms: WebPkiSupportedAlgorithms,
}

impl Verifier {
    /// A certificate that is itself named as trusted needs no one to vouch for it: self-signed ones are often made as
    /// authorities, which the chain's rules would not let serve.
    fn is_named(&self, certificate: &CertificateDer<'_>) -> bool {
        self.trust.authorities.certificates.iter().any(|known| known.as_ref() == certificate.as_ref())
    }

    fn verify_named(certificate: &CertificateDer<'_>, name: &ServerName<'_>, now: UnixTime) -> Result<(), Error> {
        let seconds = i64::try_from(now.as_secs()).unwrap_or(i64::MAX);
        let Some(parsed) = Parsed::new(certificate) else { return Err(CertificateError::BadEncoding.into()) };
        if seconds > parsed.not_after {
            return Err(CertificateError::Expired.into());
        }
        if seconds < parsed.not_before {
            return Err(CertificateError::NotValidYet.into());
        }
        verify_server_name(&ParsedCertificate::try_from(certificate)?, name)
    }
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let Some(inner) = &self.inner else { return Ok(ServerCertVerified::assertion()) };
        match inner.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now) {
            Err(Error::InvalidCertificate(CertificateError::Other(_))) if self.is_named(end_entity) => {
                Self::verify_named(end_entity, server_name, now).map(|()| ServerCertVerified::assertion())
            }
            verdict => verdict,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, certificate, signature, &self.algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, certificate, signature, &self.algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }
}

/// Why a handshake failed, for a person.
pub(super) fn in_words(error: &Error, name: &str) -> String {
    let Error::InvalidCertificate(reason) = error else { return error.to_string() };
    match reason {
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
            format!("the certificate has expired ({reason})")
        }
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            format!("the certificate is not valid yet ({reason})")
        }
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            format!("the certificate is not for {name:?} ({reason})")
        }
        CertificateError::UnknownIssuer => {
            "the certificate is signed by an authority that is not trusted; set ca_file to trust it".to_owned()
        }
        // What webpki says first of a self-signed certificate that nobody named.
        CertificateError::Other(other) if other.to_string().contains("CaUsedAsEndEntity") => {
            "the certificate is that of an authority that is not trusted; set ca_file to trust it".to_owned()
        }
        CertificateError::BadSignature => "the certificate's signature is wrong".to_owned(),
        CertificateError::Revoked => "the certificate is revoked".to_owned(),
        reason => format!("the certificate cannot be trusted: {reason}"),
    }
}
