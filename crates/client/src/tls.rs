//! TLS towards a server: whom to trust, what to show, which versions.

use crate::config::either;
use lgtm_settings::{Node, SecretSource};
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme, SupportedProtocolVersion};
use std::sync::Arc;

/// A version of TLS, as far as there is a difference here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum TlsVersion {
    /// TLS 1.0, which is never spoken.
    V10,
    /// TLS 1.1, which is never spoken.
    V11,
    /// TLS 1.2.
    V12,
    /// TLS 1.3.
    V13,
}

const VERSIONS: [(&str, TlsVersion); 4] =
    [("TLS10", TlsVersion::V10), ("TLS11", TlsVersion::V11), ("TLS12", TlsVersion::V12), ("TLS13", TlsVersion::V13)];

/// TLS towards a server.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tls {
    /// A certificate authority to trust besides the system's.
    pub ca: Option<SecretSource>,
    /// The certificate to show, with its key.
    pub identity: Option<(SecretSource, SecretSource)>,
    /// The name that the server's certificate must carry, in place of the URL's host.
    pub server_name: String,
    /// Whether any certificate will do.
    pub insecure_skip_verify: bool,
    /// The oldest version that is spoken.
    pub min_version: Option<TlsVersion>,
    /// The newest version that is spoken.
    pub max_version: Option<TlsVersion>,
}

impl Tls {
    /// Reads a `tls_config`.
    pub fn read(node: Node<'_>) -> Option<Self> {
        node.map(|fields| {
            let ca = either(fields, "ca", "ca_file");
            let (cert, key) = (either(fields, "cert", "cert_file"), either(fields, "key", "key_file"));
            if cert.is_some() != key.is_some() {
                fields.node().problem("cert (or cert_file) and key (or key_file) must be configured together");
            }
            let min_version = fields.optional("min_version", |node| node.one_of(&VERSIONS));
            let max_version = fields.optional("max_version", |node| node.one_of(&VERSIONS));
            if let (Some(min), Some(max)) = (min_version, max_version)
                && min > max
            {
                let problem = "tls_config.max_version must be greater than or equal to tls_config.min_version";
                fields.problem_at("max_version", problem);
            }
            if max_version.is_some_and(|max| max < TlsVersion::V12) {
                fields.warn_at("max_version", "TLS 1.1 and older is not spoken: TLS 1.2 is the newest that will be");
            }
            Some(Self {
                ca,
                identity: cert.zip(key),
                server_name: fields.or_default("server_name", |node| node.string()),
                insecure_skip_verify: fields.or("insecure_skip_verify", false, |node| node.bool()),
                min_version,
                max_version,
            })
        })
    }

    /// What a connection is set up with. Reads certificates and keys; `protocols` are offered in this order (ALPN).
    pub fn client_config(&self, protocols: &[&str]) -> Result<ClientConfig, String> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
            .with_protocol_versions(&self.versions())
            .map_err(|error| error.to_string())?;
        let builder = match (self.insecure_skip_verify, self.server_name.as_str()) {
            (true, _) => {
                let schemes = provider.signature_verification_algorithms.supported_schemes();
                builder.dangerous().with_custom_certificate_verifier(Arc::new(AnyCertificate(schemes)))
            }
            (false, "") => builder.with_root_certificates(self.roots()?),
            (false, name) => {
                let name = ServerName::try_from(name.to_owned())
                    .map_err(|_| format!("server_name {name:?} is no name of a server"))?;
                let inner = WebPkiServerVerifier::builder_with_provider(Arc::new(self.roots()?), provider)
                    .build()
                    .map_err(|error| error.to_string())?;
                builder.dangerous().with_custom_certificate_verifier(Arc::new(NamedServer { name, inner }))
            }
        };
        let mut config = match &self.identity {
            None => builder.with_no_client_auth(),
            Some((certificate, key)) => {
                let chain = certificates(&public(certificate)?)?;
                let key = key.load().map_err(|error| error.to_string())?;
                let key = PrivateKeyDer::from_pem_slice(key.expose().as_bytes())
                    .map_err(|error| format!("the private key cannot be read: {error}"))?;
                builder.with_client_auth_cert(chain, key).map_err(|error| error.to_string())?
            }
        };
        config.alpn_protocols = protocols.iter().map(|protocol| protocol.as_bytes().to_vec()).collect();
        Ok(config)
    }

    fn versions(&self) -> Vec<&'static SupportedProtocolVersion> {
        let known = [(TlsVersion::V13, &rustls::version::TLS13), (TlsVersion::V12, &rustls::version::TLS12)];
        let max = self.max_version.unwrap_or(TlsVersion::V13).max(TlsVersion::V12);
        let min = self.min_version.unwrap_or(TlsVersion::V12);
        known.into_iter().filter(|(version, _)| (min..=max).contains(version)).map(|(_, known)| known).collect()
    }

    /// The system's authorities and our own. A machine without any is no reason to fail: the first request will tell.
    fn roots(&self) -> Result<RootCertStore, String> {
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        if let Some(ca) = &self.ca {
            for certificate in certificates(&public(ca)?)? {
                roots
                    .add(certificate)
                    .map_err(|error| format!("the authority's certificate cannot be used: {error}"))?;
            }
        }
        Ok(roots)
    }
}

/// Certificates are no secrets and often readable by all; only keys must be kept.
fn public(source: &SecretSource) -> Result<String, String> {
    match source {
        SecretSource::File(path) => {
            std::fs::read_to_string(path).map_err(|error| format!("certificate {path:?} cannot be read: {error}"))
        }
        SecretSource::Inline(secret) => Ok(secret.expose().to_owned()),
    }
}

fn certificates(pem: &str) -> Result<Vec<CertificateDer<'static>>, String> {
    let read: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem.as_bytes()).collect();
    match read {
        Ok(certificates) if certificates.is_empty() => Err("no certificate in PEM form was found".to_owned()),
        Ok(certificates) => Ok(certificates),
        Err(error) => Err(format!("the certificate cannot be read: {error}")),
    }
}

/// Takes any certificate (`insecure_skip_verify`).
#[derive(Debug)]
struct AnyCertificate(Vec<SignatureScheme>);

impl ServerCertVerifier for AnyCertificate {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn verify_tls13_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.clone()
    }
}

/// Asks for a certificate of this name, whatever host the URL names.
#[derive(Debug)]
struct NamedServer {
    name: ServerName<'static>,
    inner: Arc<WebPkiServerVerifier>,
}

impl ServerCertVerifier for NamedServer {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        self.inner.verify_server_cert(end_entity, intermediates, &self.name, ocsp_response, now)
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.inner.verify_tls12_signature(message, cert, dss)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.inner.verify_tls13_signature(message, cert, dss)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.inner.supported_verify_schemes()
    }
}
