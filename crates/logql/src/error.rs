//! What can be wrong with a query, with its place in the text.

use crate::ast::Span;
use std::fmt;
use thiserror::Error;

/// A query that cannot be understood or answered. Prints as Loki does (`parse error at line 1, col 5: …`), followed by
/// the line itself, carets under the offending text, and a hint where there is one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseError {
    /// What is wrong, on one line.
    pub message: String,
    /// Where in the query, in bytes.
    pub span: Span,
    /// What to write instead.
    pub hint: Option<String>,
    /// The query as it was written.
    pub query: String,
}

/// A message, its place and a hint, before the query's text is attached.
#[derive(Clone, Debug)]
pub(crate) struct Problem {
    pub message: String,
    pub span: Span,
    pub hint: Option<String>,
}

impl Problem {
    pub(crate) fn new(span: Span, message: impl Into<String>) -> Self {
        Self { message: message.into(), span, hint: None }
    }

    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    pub(crate) fn in_query(self, query: &str) -> ParseError {
        ParseError { message: self.message, span: self.span, hint: self.hint, query: query.to_owned() }
    }
}

impl ParseError {
    /// Line and column (both from 1, columns in characters) of the first offending character.
    pub fn position(&self) -> (usize, usize) {
        let before = &self.query[..self.start()];
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
        (line, column)
    }

    /// The span's start, moved back to a character boundary inside the text.
    fn start(&self) -> usize {
        let mut start = self.span.start.min(self.query.len());
        while !self.query.is_char_boundary(start) {
            start -= 1;
        }
        start
    }
}

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (line, column) = self.position();
        write!(f, "parse error at line {line}, col {column}: {}", self.message)?;
        let text = self.query.split('\n').nth(line - 1).unwrap_or_default().replace('\t', " ");
        let width = self
            .query
            .get(self.start()..self.span.end)
            .map_or(1, |offending| offending.split('\n').next().unwrap_or_default().chars().count().max(1));
        write!(f, "\n  {text}\n  {}{}", " ".repeat(column - 1), "^".repeat(width))?;
        match &self.hint {
            Some(hint) => write!(f, "\n  hint: {hint}"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for ParseError {}

/// Why a query gave no answer, sorted by what the caller must do.
#[derive(Clone, Debug, Error)]
pub enum QueryError {
    /// The query itself is wrong or not supported (HTTP 400).
    #[error(transparent)]
    Parse(#[from] ParseError),
    /// A limit was reached; the text names it (HTTP 400).
    #[error("{0}")]
    Limit(String),
    /// The store failed (HTTP 500).
    #[error("{0}")]
    Storage(String),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn carets_stand_under_the_offending_text() {
        let error = Problem::new(Span { start: 10, end: 13 }, "unexpected \"bad\"")
            .hint("remove it")
            .in_query("{a=\"b\"}\n  bad x");
        assert_eq!(
            error.to_string(),
            "parse error at line 2, col 3: unexpected \"bad\"\n    bad x\n    ^^^\n  hint: remove it"
        );
    }

    #[test]
    fn a_span_at_the_end_of_the_text_is_fine() {
        let error = Problem::new(Span { start: 2, end: 2 }, "unexpected end").in_query("{é");
        assert_eq!(error.position(), (1, 2));
        assert!(error.to_string().contains('^'));
    }
}
