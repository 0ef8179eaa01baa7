//! What is wrong with a query, where, and how to mend it.

use std::ops::Range;
use thiserror::Error;

/// A query that cannot be read.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("{}", self.one_line())]
pub struct ParseError {
    /// Which bytes of the query are meant.
    pub span: Range<usize>,
    /// What is wrong.
    pub message: String,
    /// How to mend it, if we can guess.
    pub hint: Option<String>,
}

impl ParseError {
    pub(crate) fn new(span: Range<usize>, message: impl Into<String>) -> Self {
        Self { span, message: message.into(), hint: None }
    }

    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    fn one_line(&self) -> String {
        let hint = self.hint.as_ref().map(|hint| format!("; {hint}")).unwrap_or_default();
        format!("parse error at byte {}: {}{hint}", self.span.start + 1, self.message)
    }

    /// The query with a caret under what is meant, for terminals and error bodies.
    pub fn render(&self, query: &str) -> String {
        let start = query.floor_char_boundary(self.span.start.min(query.len()));
        let end = query.floor_char_boundary(self.span.end.clamp(start, query.len()));
        let line_start = query[..start].rfind('\n').map_or(0, |at| at + 1);
        let line_end = query[start..].find('\n').map_or(query.len(), |at| start + at);
        let indent = query[line_start..start].chars().count();
        let width = query[start..end.min(line_end)].chars().count().max(1);
        let line = &query[line_start..line_end];
        format!("{line}\n{}{} {}", " ".repeat(indent), "^".repeat(width), self.one_line())
    }
}
