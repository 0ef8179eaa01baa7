//! What a connection over TLS tells in metrics.

use super::chain::{Parsed, earliest_expiry, last_expiry};
use super::trust::Trust;
use crate::run::Run;
use rustls::pki_types::CertificateDer;
use rustls::{ClientConnection, ProtocolVersion, SupportedCipherSuite};
use std::sync::Arc;

/// What stands for "never" where no chain was verified: year 1, as Go has it.
const NEVER: i64 = -62_135_596_800;

/// How much is told; probers differ in it.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Detail {
    pub cipher: bool,
    pub chain_expiry: bool,
}

/// What there is to tell of a connection, taken before the connection goes into other hands.
pub(crate) struct Session {
    shown: Vec<CertificateDer<'static>>,
    version: Option<ProtocolVersion>,
    suite: Option<SupportedCipherSuite>,
    trust: Arc<Trust>,
}

impl Session {
    pub(super) fn of(connection: &ClientConnection, trust: &Arc<Trust>) -> Self {
        Self {
            shown: connection.peer_certificates().unwrap_or_default().to_vec(),
            version: connection.protocol_version(),
            suite: connection.negotiated_cipher_suite(),
            trust: Arc::clone(trust),
        }
    }
}

/// Tells of a connection's certificates and versions.
pub(crate) fn report(run: &mut Run, session: &Session, detail: Detail) {
    let parsed: Vec<Parsed> = session.shown.iter().filter_map(Parsed::new).collect();
    let seconds = |time: Option<i64>| time.unwrap_or(NEVER) as f64;
    run.sheet.set("probe_ssl_earliest_cert_expiry", seconds(earliest_expiry(&parsed)));
    if detail.chain_expiry {
        let now = run.clock.now_ms().0 / 1000;
        let known = &session.trust.authorities.certificates;
        let expiry = (!session.trust.blindly).then(|| last_expiry(&parsed, known, now)).flatten();
        run.sheet.set("probe_ssl_last_chain_expiry_timestamp_seconds", seconds(expiry));
    }
    let version = match session.version {
        Some(ProtocolVersion::TLSv1_2) => "TLS 1.2",
        Some(ProtocolVersion::TLSv1_3) => "TLS 1.3",
        _ => "unknown",
    };
    run.sheet.set_with("probe_tls_version_info", &[("version", version)], 1.0);
    if let Some(suite) = session.suite.filter(|_| detail.cipher) {
        let name = format!("{:?}", suite.suite()).replacen("TLS13_", "TLS_", 1);
        run.sheet.set_with("probe_tls_cipher_info", &[("cipher", &name)], 1.0);
    }
    if let Some((leaf, certificate)) = parsed.first().zip(session.shown.first()) {
        let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
        let fingerprint = hex(ring::digest::digest(&ring::digest::SHA256, certificate).as_ref());
        let labels = [
            ("fingerprint_sha256", fingerprint.as_str()),
            ("subject", &leaf.subject_text),
            ("issuer", &leaf.issuer_text),
            ("subjectalternative", &leaf.names.join(",")),
            ("serialnumber", &hex(&leaf.serial)),
        ];
        run.sheet.set_with("probe_ssl_last_chain_info", &labels, 1.0);
    }
}
