//! Regular expressions over bytes: what a server answers need not be text.

use lgtm_settings::Node;
use regex::bytes::{Captures, Regex};
use std::fmt;

/// A regular expression, as it was written. Not anchored.
#[derive(Clone, Debug)]
pub struct Pattern {
    text: String,
    regex: Regex,
}

impl Pattern {
    /// Compiles.
    pub fn new(text: &str) -> Result<Self, regex::Error> {
        Ok(Self { text: text.to_owned(), regex: Regex::new(text)? })
    }

    pub(super) fn read(node: Node<'_>) -> Option<Self> {
        node.parse("a regular expression", Self::new)
    }

    pub(super) fn list(node: Node<'_>) -> Option<Vec<Self>> {
        node.list(Self::read)
    }

    /// Whether it matches anywhere.
    pub fn is_match(&self, bytes: &[u8]) -> bool {
        self.regex.is_match(bytes)
    }

    /// The first match with its groups.
    pub fn captures<'b>(&self, bytes: &'b [u8]) -> Option<Captures<'b>> {
        self.regex.captures(bytes)
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}
