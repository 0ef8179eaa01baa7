//! Whom to trust: the system's authorities, or the ones that a module names instead.

use lgtm_client::Tls;
use lgtm_settings::SecretSource;
use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use std::sync::{Arc, OnceLock};

/// Bytes of a file with certificates.
const FILE_BYTES_MAX: u64 = 8 << 20;

/// The system's authorities, read when they are needed first.
#[derive(Debug, Default)]
pub(crate) struct SystemRoots {
    read: OnceLock<Authorities>,
}

/// Authorities as certificates, and as the verifier wants them.
#[derive(Clone, Debug)]
pub(crate) struct Authorities {
    pub certificates: Arc<Vec<CertificateDer<'static>>>,
    pub store: Arc<RootCertStore>,
}

impl Authorities {
    fn new(certificates: Vec<CertificateDer<'static>>) -> Self {
        let mut store = RootCertStore::empty();
        store.add_parsable_certificates(certificates.iter().cloned());
        Self { certificates: Arc::new(certificates), store: Arc::new(store) }
    }
}

impl SystemRoots {
    fn get(&self) -> &Authorities {
        self.read.get_or_init(|| {
            let found = rustls_native_certs::load_native_certs();
            for error in &found.errors {
                tracing::debug!(%error, "some of the system's certificates cannot be read");
            }
            Authorities::new(found.certs)
        })
    }
}

/// Whom one module trusts.
#[derive(Clone, Debug)]
pub(crate) struct Trust {
    pub authorities: Authorities,
    /// Whether anyone is trusted, so that nothing was verified.
    pub blindly: bool,
}

impl Trust {
    pub(super) fn new(tls: &Tls, roots: &SystemRoots) -> Result<Self, String> {
        let authorities = match &tls.ca {
            Some(source) => Authorities::new(certificates(source)?),
            None => roots.get().clone(),
        };
        Ok(Self { authorities, blindly: tls.insecure_skip_verify })
    }
}

/// Certificates are no secrets, and often readable by all.
pub(super) fn certificates(source: &SecretSource) -> Result<Vec<CertificateDer<'static>>, String> {
    let text = match source {
        SecretSource::Inline(secret) => secret.expose().to_owned(),
        SecretSource::File(path) => {
            let unreadable = |error: std::io::Error| format!("certificate file {path:?} cannot be read: {error}");
            if std::fs::metadata(path).map_err(unreadable)?.len() > FILE_BYTES_MAX {
                return Err(format!("certificate file {path:?} is larger than {FILE_BYTES_MAX} bytes"));
            }
            std::fs::read_to_string(path).map_err(unreadable)?
        }
    };
    let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(text.as_bytes()).collect();
    let found = found.map_err(|error| format!("a certificate cannot be read: {error}"))?;
    if found.is_empty() {
        return Err("no certificate is found where one was expected".to_owned());
    }
    Ok(found)
}
