//! When chains of certificates end.

use rustls::pki_types::CertificateDer;
use x509_parser::prelude::{FromDer, GeneralName, X509Certificate};

/// Certificates of a chain; longer ones are cut.
const CHAIN_LENGTH_MAX: usize = 10;

/// What matters about a certificate.
#[derive(Clone, Debug)]
pub(super) struct Parsed {
    pub subject: Vec<u8>,
    pub issuer: Vec<u8>,
    pub not_before: i64,
    pub not_after: i64,
    pub names: Vec<String>,
    pub serial: Vec<u8>,
    pub subject_text: String,
    pub issuer_text: String,
}

impl Parsed {
    pub(super) fn new(certificate: &CertificateDer<'_>) -> Option<Self> {
        let (_, parsed) = X509Certificate::from_der(certificate).ok()?;
        let alternatives = parsed.subject_alternative_name().ok().flatten();
        let names = alternatives.map(|extension| {
            let names = extension.value.general_names.iter();
            names.filter_map(|name| match name {
                GeneralName::DNSName(name) => Some((*name).to_owned()),
                _ => None,
            })
        });
        let serial = parsed.raw_serial();
        Some(Self {
            subject: parsed.subject().as_raw().to_vec(),
            issuer: parsed.issuer().as_raw().to_vec(),
            not_before: parsed.validity().not_before.timestamp(),
            not_after: parsed.validity().not_after.timestamp(),
            names: names.map(Iterator::collect).unwrap_or_default(),
            serial: serial.iter().copied().skip_while(|byte| *byte == 0).collect(),
            subject_text: super::name::text(parsed.subject()),
            issuer_text: super::name::text(parsed.issuer()),
        })
    }
}

/// When the first of the shown certificates ends.
pub(super) fn earliest_expiry(shown: &[Parsed]) -> Option<i64> {
    shown.iter().map(|certificate| certificate.not_after).min()
}

/// When the last of the chains to a trusted authority ends, each ending with its first certificate.
///
/// The verifier has proved that there is one, but does not tell which; chains are followed by the names of their issuers,
/// among certificates that are valid at `now`. `None` when nothing was proved.
pub(super) fn last_expiry(shown: &[Parsed], trusted: &[CertificateDer<'_>], now: i64) -> Option<i64> {
    let leaf = shown.first()?;
    let trusted: Vec<Parsed> = trusted.iter().filter_map(Parsed::new).collect();
    longest(leaf, shown, &trusted, now, leaf.not_after, CHAIN_LENGTH_MAX)
}

fn longest(at: &Parsed, shown: &[Parsed], trusted: &[Parsed], now: i64, so_far: i64, steps_left: usize) -> Option<i64> {
    let is_valid = |certificate: &&Parsed| (certificate.not_before..=certificate.not_after).contains(&now);
    let is_itself = trusted.iter().any(|known| known.subject == at.subject && known.serial == at.serial);
    let mut best = is_itself.then_some(so_far);
    for root in trusted.iter().filter(|root| root.subject == at.issuer).filter(is_valid) {
        best = best.max(Some(so_far.min(root.not_after)));
    }
    if steps_left == 0 {
        return best;
    }
    let issuers = shown.iter().skip(1).filter(|next| next.subject == at.issuer && next.serial != at.serial);
    for next in issuers.filter(is_valid) {
        best = best.max(longest(next, shown, trusted, now, so_far.min(next.not_after), steps_left - 1));
    }
    best
}

#[cfg(test)]
mod tests {
    use super::*;

    fn certificate(subject: &str, issuer: &str, serial: u8, not_after: i64) -> Parsed {
        Parsed {
            subject: subject.into(),
            issuer: issuer.into(),
            not_before: 0,
            not_after,
            names: Vec::new(),
            serial: vec![serial],
            subject_text: String::new(),
            issuer_text: String::new(),
        }
    }

    #[test]
    fn the_chain_that_lives_longest_counts_and_each_ends_with_its_first_certificate() {
        let shown = [
            certificate("leaf", "middle", 1, 100),
            certificate("middle", "root", 2, 50),
            certificate("middle", "other", 3, 90),
        ];
        let trusted = [certificate("root", "root", 4, 1_000), certificate("other", "other", 5, 80)];
        assert_eq!(longest(&shown[0], &shown, &trusted, 10, shown[0].not_after, 10), Some(80));
        assert_eq!(longest(&shown[0], &shown, &trusted[..1], 10, shown[0].not_after, 10), Some(50));
        assert_eq!(longest(&shown[0], &shown, &trusted[..1], 60, shown[0].not_after, 10), None, "the middle has ended");
        assert_eq!(earliest_expiry(&shown), Some(50));
    }

    #[test]
    fn a_ring_of_issuers_ends() {
        let shown = [certificate("a", "b", 1, 9), certificate("b", "c", 2, 9), certificate("c", "b", 3, 9)];
        assert_eq!(longest(&shown[0], &shown, &[], 1, 9, CHAIN_LENGTH_MAX), None);
    }
}
