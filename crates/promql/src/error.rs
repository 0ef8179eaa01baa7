//! What is wrong with a query: every problem with its place, in upstream's words, with a hint where one helps.

use crate::ast::Span;
use std::fmt;

/// One problem.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseError {
    /// The offending bytes.
    pub span: Span,
    /// What is wrong, as upstream says it.
    pub message: String,
    /// What to write instead.
    pub hint: Option<String>,
}

impl ParseError {
    /// A problem without a hint.
    pub fn new(span: Span, message: impl Into<String>) -> Self {
        Self { span, message: message.into(), hint: None }
    }

    /// The same problem with a hint.
    pub fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

/// All problems of a query, at least one, in the order they were found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseErrors {
    /// The text that was parsed.
    pub input: String,
    /// The problems.
    pub errors: Vec<ParseError>,
}

/// The first problem as upstream's API prints it: `1:5: parse error: unexpected end of input`.
impl fmt::Display for ParseErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(first) = self.errors.first() else { return f.write_str("parse error") };
        let (line, column) = first.span.line_column(&self.input);
        write!(f, "{line}:{column}: parse error: {}", first.message)
    }
}

impl std::error::Error for ParseErrors {}
