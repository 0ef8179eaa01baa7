//! Label matchers as Alertmanager means them: regular expressions match the whole value, `.` matches no line feed, and an
//! absent label counts as the empty text.
//!
//! `lgtm_model::Matcher` is the query languages' and differs in the line feed, so that Alertmanager's have a home here.

mod classic;
mod fallback;
mod utf8;

pub use fallback::{Parsed, parse_matcher, parse_matchers};

use lgtm_model::{Labels, MatchOp};
use regex::{Regex, RegexBuilder};
use std::fmt;

/// Compiled size of one regular expression, in bytes.
const REGEX_SIZE_BYTES_MAX: usize = 4 << 20;

/// One condition on one label.
#[derive(Clone, Debug)]
pub struct Matcher {
    /// The label it looks at.
    pub name: String,
    /// How it compares.
    pub op: MatchOp,
    /// What it compares with, as written.
    pub value: String,
    regex: Option<Regex>,
}

impl Matcher {
    /// Builds a matcher; fails on a regular expression that is invalid or too large.
    pub fn new(name: impl Into<String>, op: MatchOp, value: impl Into<String>) -> Result<Self, String> {
        let value = value.into();
        let regex = match op {
            MatchOp::Equal | MatchOp::NotEqual => None,
            MatchOp::Regex | MatchOp::NotRegex => Some(anchored(&value)?),
        };
        Ok(Self { name: name.into(), op, value, regex })
    }

    /// `name="value"`, which cannot fail.
    pub fn equal(name: impl Into<String>, value: impl Into<String>) -> Self {
        Self { name: name.into(), op: MatchOp::Equal, value: value.into(), regex: None }
    }

    /// Whether a value satisfies it.
    pub fn matches(&self, value: &str) -> bool {
        let equal = match &self.regex {
            Some(regex) => regex.is_match(value),
            None => value == self.value,
        };
        equal != matches!(self.op, MatchOp::NotEqual | MatchOp::NotRegex)
    }

    /// Whether labels satisfy it.
    pub fn matches_labels(&self, labels: &Labels) -> bool {
        self.matches(labels.get(&self.name).unwrap_or_default())
    }
}

/// Compiles an expression that must match a whole value.
fn anchored(pattern: &str) -> Result<Regex, String> {
    RegexBuilder::new(&format!("^(?:{pattern})$")).size_limit(REGEX_SIZE_BYTES_MAX).build().map_err(|error| {
        let text = error.to_string();
        let reason = text.lines().last().unwrap_or("invalid").trim().trim_start_matches("error: ");
        format!("invalid regular expression {pattern:?}: {reason}")
    })
}

/// Whether a pattern can be used to match whole values.
pub(crate) fn check_regex(pattern: &str) -> Result<(), String> {
    anchored(pattern).map(|_regex| ())
}

impl PartialEq for Matcher {
    fn eq(&self, other: &Self) -> bool {
        self.op == other.op && self.name == other.name && self.value == other.value
    }
}

impl Eq for Matcher {}

fn is_reserved(c: char) -> bool {
    c.is_whitespace() || "{}!=~,\\\"'`".contains(c)
}

impl fmt::Display for Matcher {
    /// As Alertmanager prints it, which is a part of group keys.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.name.chars().any(is_reserved) {
            return write!(f, "{:?}{}{:?}", self.name, self.op.as_str(), self.value);
        }
        let value = self.value.replace('\\', "\\\\").replace('\n', "\\n").replace('"', "\\\"");
        write!(f, "{}{}\"{value}\"", self.name, self.op.as_str())
    }
}

/// Several conditions of which all must hold; without any, everything matches.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Matchers(pub Vec<Matcher>);

impl Matchers {
    /// Whether labels satisfy all of them.
    pub fn match_labels(&self, labels: &Labels) -> bool {
        self.0.iter().all(|matcher| matcher.matches_labels(labels))
    }

    /// Sorts them as Alertmanager does, so that the order in which they are written does not count.
    pub fn sort(&mut self) {
        let rank = |op: MatchOp| match op {
            MatchOp::Equal => 0,
            MatchOp::NotEqual => 1,
            MatchOp::Regex => 2,
            MatchOp::NotRegex => 3,
        };
        self.0.sort_by(|a, b| (&a.name, &a.value, rank(a.op)).cmp(&(&b.name, &b.value, rank(b.op))));
    }
}

impl fmt::Display for Matchers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let texts: Vec<String> = self.0.iter().map(Matcher::to_string).collect();
        write!(f, "{{{}}}", texts.join(","))
    }
}
