//! The short name of a label set: the number by which Alertmanager's API and its tools know an alert.

use lgtm_model::Labels;

const OFFSET: u64 = 14_695_981_039_346_656_037;
const PRIME: u64 = 1_099_511_628_211;

/// FNV-1a over names and values, each followed by a byte that occurs in no UTF-8, as `LabelSet.Fingerprint` of
/// Prometheus counts it.
pub fn fingerprint(labels: &Labels) -> u64 {
    let mut hash = OFFSET;
    let mut add = |text: &str| {
        for byte in text.bytes().chain([0xff]) {
            hash = (hash ^ u64::from(byte)).wrapping_mul(PRIME);
        }
    };
    for (name, value) in labels {
        add(name);
        add(value);
    }
    hash
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_labels_have_the_fingerprint_that_upstream_gives_them() {
        assert_eq!(fingerprint(&Labels::empty()), 0xcbf2_9ce4_8422_2325);
        let one = fingerprint(&Labels::from_pairs([("a", "b")]));
        assert_ne!(one, fingerprint(&Labels::from_pairs([("ab", "")])));
    }
}
