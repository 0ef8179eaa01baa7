//! The grouping key: the labels in a push's path.

use base64::Engine;
use base64::alphabet::URL_SAFE;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use lgtm_wire::exposition::{EscapingScheme, unescape_name};
use std::collections::BTreeMap;
use thiserror::Error;

/// What stands behind a label's name when its value is written in base64.
const BASE64_SUFFIX: &str = "@base64";

/// URL-safe, without padding; trailing bits that no encoder writes are passed over, as Go passes over them.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &URL_SAFE,
    GeneralPurposeConfig::new()
        .with_decode_allow_trailing_bits(true)
        .with_encode_padding(false)
        .with_decode_padding_mode(DecodePaddingMode::RequireNone),
);

/// The labels that name a group, `job` always among them. Values may be empty, which is not the same as absent.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Grouping(pub BTreeMap<String, String>);

/// A path that names no group.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum GroupingError {
    /// No job at all.
    #[error("job name is required")]
    NoJob,
    /// A label without a value.
    #[error(
        "odd number of components in label string {0:?}; a value that contains a slash or is empty must be written in base64: /NAME@base64/VALUE, with = for the empty value"
    )]
    Odd(String),
    /// A name that no label may have.
    #[error("improper label name {0:?}")]
    Name(String),
    /// What is said to be base64 is not.
    #[error("invalid base64 encoding for label {name}={value:?}: {reason}")]
    Base64 {
        /// The label.
        name: String,
        /// What was written.
        value: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A percent sign without two hexadecimal digits, or bytes that are no UTF-8.
    #[error("invalid percent-encoding in the path {0:?}")]
    Percent(String),
}

impl Grouping {
    /// Reads what stands behind `/metrics/`: `job/NAME/LABEL/VALUE…`, percent-encoded.
    pub fn from_path(path: &str, utf8_names: bool) -> Result<Self, GroupingError> {
        let decoded = percent_decode(path).ok_or_else(|| GroupingError::Percent(path.to_owned()))?;
        let (first, rest) = decoded.split_once('/').unwrap_or((&decoded, ""));
        let (job, labels) = match rest.find('/') {
            Some(slash) => rest.split_at(slash),
            None => (rest, ""),
        };
        let job = if first.ends_with(BASE64_SUFFIX) { decode_base64("job", job)? } else { job.to_owned() };
        let mut grouping = Self(split_labels(labels, utf8_names)?);
        if job.is_empty() {
            return Err(GroupingError::NoJob);
        }
        grouping.0.insert("job".to_owned(), job);
        Ok(grouping)
    }

    /// The path behind `/metrics/` that names this group, whatever its values contain.
    pub fn to_path(&self) -> String {
        let encoded = |value: &str| if value.is_empty() { "=".to_owned() } else { BASE64.encode(value) };
        let mut path = format!("job{BASE64_SUFFIX}/{}", encoded(self.0.get("job").map_or("", String::as_str)));
        for (name, value) in self.0.iter().filter(|(name, _)| *name != "job") {
            path.push_str(&format!("/{name}{BASE64_SUFFIX}/{}", encoded(value)));
        }
        path
    }

    /// Whether metrics of the two groups can never have the same labels, since both set one of them differently.
    pub(super) fn excludes(&self, other: &Self) -> bool {
        self.0.iter().any(|(name, value)| other.0.get(name).is_some_and(|theirs| theirs != value))
    }
}

/// Reads `/NAME/VALUE/NAME@base64/VALUE…`.
pub(super) fn split_labels(labels: &str, utf8_names: bool) -> Result<BTreeMap<String, String>, GroupingError> {
    let mut result = BTreeMap::new();
    if labels.len() <= 1 {
        return Ok(result);
    }
    let components: Vec<&str> = labels[1..].split('/').collect();
    if !components.len().is_multiple_of(2) {
        return Err(GroupingError::Odd(labels.to_owned()));
    }
    for pair in components.chunks_exact(2) {
        let (written, value) = (pair[0], pair[1]);
        let trimmed = written.strip_suffix(BASE64_SUFFIX).unwrap_or(written);
        let name = if utf8_names { unescape_name(trimmed, EscapingScheme::Values) } else { trimmed.to_owned() };
        if !is_label_name(&name, utf8_names) || trimmed.starts_with("__") {
            return Err(GroupingError::Name(trimmed.to_owned()));
        }
        if value.is_empty() {
            return Err(GroupingError::Odd(labels.to_owned()));
        }
        let value = if trimmed == written { value.to_owned() } else { decode_base64(trimmed, value)? };
        result.insert(name, value);
    }
    Ok(result)
}

/// Whether a label may be called so.
pub(super) fn is_label_name(name: &str, utf8_names: bool) -> bool {
    let legacy = || {
        name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
            && !name.starts_with(|first: char| first.is_ascii_digit())
    };
    !name.is_empty() && (utf8_names || legacy())
}

fn decode_base64(name: &str, value: &str) -> Result<String, GroupingError> {
    let wrong = |reason: String| GroupingError::Base64 { name: name.to_owned(), value: value.to_owned(), reason };
    let bytes = BASE64.decode(value.trim_end_matches('=')).map_err(|error| wrong(error.to_string()))?;
    String::from_utf8(bytes).map_err(|_| wrong("the decoded bytes are no UTF-8".to_owned()))
}

fn percent_decode(path: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(path.len());
    let mut rest = path.as_bytes();
    while let [first, tail @ ..] = rest {
        rest = tail;
        if *first != b'%' {
            bytes.push(*first);
            continue;
        }
        let (digits, tail) = rest.split_at_checked(2)?;
        let digits = std::str::from_utf8(digits).ok().filter(|digits| !digits.starts_with('+'))?;
        bytes.push(u8::from_str_radix(digits, 16).ok()?);
        rest = tail;
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn paths_name_groups() {
        for (path, want) in [
            ("job/a", r#"{"job": "a"}"#),
            ("job/a/", r#"{"job": "a"}"#),
            ("job@base64/YS9i/instance@base64/=", r#"{"instance": "", "job": "a/b"}"#),
            ("job/a%20b/x/%C3%A4", r#"{"job": "a b", "x": "ä"}"#),
            ("job/a/job/b", r#"{"job": "a"}"#),
        ] {
            assert_eq!(format!("{:?}", Grouping::from_path(path, false).unwrap().0), want, "{path}");
        }
        for path in
            ["job", "job/", "job@base64/=", "job/a/x", "job/a/x//", "job/a//x", "job/a/__x/y", "job/%4", "job/%ff"]
        {
            assert!(Grouping::from_path(path, false).is_err(), "{path}");
        }
        assert_eq!(Grouping::from_path("job/a/U__x_2e_y/1", true).unwrap().0["x.y"], "1");
    }

    proptest! {
        #[test]
        fn every_group_has_a_path(job in "\\PC{1,12}", labels in prop::collection::btree_map("[a-z_]{1,3}x", "\\PC{0,12}", 0..4)) {
            let mut grouping = Grouping(labels.into_iter().filter(|(name, _)| !name.starts_with("__")).collect());
            grouping.0.insert("job".to_owned(), job);
            prop_assert_eq!(Grouping::from_path(&grouping.to_path(), false), Ok(grouping));
        }
    }
}
