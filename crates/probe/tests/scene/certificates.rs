//! An authority, and certificates of it that are good or not.

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair, date_time_ymd};
use rustls::ServerConfig;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio_rustls::TlsAcceptor;

/// An authority and the file with its certificate.
pub struct Authority {
    pub file: PathBuf,
    issuer: Issuer<'static, KeyPair>,
}

impl Authority {
    pub fn new(directory: &Path) -> Self {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name.push(rcgen::DnType::CommonName, "test authority");
        params.not_after = date_time_ymd(2038, 1, 1);
        let file = directory.join("authority.pem");
        std::fs::write(&file, params.self_signed(&key).unwrap().pem()).unwrap();
        Self { file, issuer: Issuer::new(params, key) }
    }

    /// A server with a certificate for `names` that ends in `year`.
    pub fn server(&self, names: &[&str], year: i32) -> TlsAcceptor {
        let key = KeyPair::generate().unwrap();
        let certificate = params(names, year).signed_by(&key, &self.issuer).unwrap();
        acceptor(certificate.der().to_vec(), &key)
    }
}

/// A server that vouches for itself, and its certificate in PEM. As the usual tools do it, the certificate says that it
/// may be an authority.
pub fn self_signed(names: &[&str]) -> (TlsAcceptor, String) {
    let key = KeyPair::generate().unwrap();
    let mut params = params(names, 2037);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let certificate = params.self_signed(&key).unwrap();
    (acceptor(certificate.der().to_vec(), &key), certificate.pem())
}

fn params(names: &[&str], year: i32) -> CertificateParams {
    let mut params = CertificateParams::new(names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>()).unwrap();
    params.distinguished_name.push(rcgen::DnType::CommonName, "test server");
    params.distinguished_name.push(rcgen::DnType::OrganizationName, "a, b");
    params.not_before = date_time_ymd(2019, 1, 1);
    params.not_after = date_time_ymd(year, 1, 1);
    params
}

fn acceptor(certificate: Vec<u8>, key: &KeyPair) -> TlsAcceptor {
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.into()], key)
        .unwrap();
    TlsAcceptor::from(Arc::new(config))
}
