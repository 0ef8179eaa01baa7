//! Label matchers: `name="value"`, `!=`, `=~`, `!~`, shared by the three query languages.

use regex::{Regex, RegexBuilder};
use std::fmt;
use thiserror::Error;

/// Compiled size of one regular expression, in bytes; beyond it the expression is refused rather than compiled.
const REGEX_SIZE_BYTES_MAX: usize = 4 << 20;

/// How a matcher compares.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MatchOp {
    /// `=`
    Equal,
    /// `!=`
    NotEqual,
    /// `=~`
    Regex,
    /// `!~`
    NotRegex,
}

impl MatchOp {
    /// The operator as it is written.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Equal => "=",
            Self::NotEqual => "!=",
            Self::Regex => "=~",
            Self::NotRegex => "!~",
        }
    }
}

/// A matcher that cannot be built.
#[derive(Debug, Error)]
#[error("invalid regular expression {pattern:?}: {reason}")]
pub struct MatcherError {
    /// What was written.
    pub pattern: String,
    /// What is wrong with it, on one line.
    pub reason: String,
}

/// One condition on one label. Regular expressions match the whole value, and `.` matches a line feed, as upstream's.
#[derive(Clone, Debug)]
pub struct Matcher {
    name: String,
    op: MatchOp,
    value: String,
    regex: Option<Regex>,
}

impl Matcher {
    /// Builds a matcher; fails on an invalid or oversized regular expression.
    pub fn new(name: impl Into<String>, op: MatchOp, value: impl Into<String>) -> Result<Self, MatcherError> {
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

    /// The label it looks at.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// How it compares.
    pub fn op(&self) -> MatchOp {
        self.op
    }

    /// What it compares with, as written.
    pub fn value(&self) -> &str {
        &self.value
    }

    /// Whether a value satisfies it. An absent label counts as the empty text.
    pub fn matches(&self, value: &str) -> bool {
        let equal = match &self.regex {
            Some(regex) => regex.is_match(value),
            None => value == self.value,
        };
        equal != matches!(self.op, MatchOp::NotEqual | MatchOp::NotRegex)
    }

    /// Whether series without the label satisfy it; such a matcher alone selects everything.
    pub fn matches_empty(&self) -> bool {
        self.matches("")
    }
}

/// Compiles an expression that must match a whole value, its `.` a line feed too.
pub(crate) fn anchored(pattern: &str) -> Result<Regex, MatcherError> {
    RegexBuilder::new(&format!("^(?s:{pattern})$")).size_limit(REGEX_SIZE_BYTES_MAX).build().map_err(|error| {
        MatcherError {
            pattern: pattern.to_owned(),
            reason: error
                .to_string()
                .lines()
                .last()
                .unwrap_or("invalid")
                .trim()
                .trim_start_matches("error: ")
                .to_owned(),
        }
    })
}

impl PartialEq for Matcher {
    fn eq(&self, other: &Self) -> bool {
        self.op == other.op && self.name == other.name && self.value == other.value
    }
}

impl Eq for Matcher {}

impl fmt::Display for Matcher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}{:?}", self.name, self.op.as_str(), self.value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regular_expressions_match_whole_values() {
        let matcher = Matcher::new("code", MatchOp::Regex, "5..|4").unwrap();
        assert!(matcher.matches("500") && matcher.matches("4"));
        assert!(!matcher.matches("1500") && !matcher.matches("404"));
        assert!(Matcher::new("a", MatchOp::Regex, "a.b").unwrap().matches("a\nb"));
    }

    #[test]
    fn an_invalid_expression_says_what_is_wrong() {
        let error = Matcher::new("a", MatchOp::Regex, "a(b").unwrap_err();
        assert_eq!(error.to_string(), r#"invalid regular expression "a(b": unclosed group"#);
    }

    #[test]
    fn absent_labels_count_as_empty() {
        assert!(Matcher::new("a", MatchOp::NotEqual, "x").unwrap().matches_empty());
        assert!(!Matcher::new("a", MatchOp::Regex, ".+").unwrap().matches_empty());
    }
}
