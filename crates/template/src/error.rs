//! What can be wrong with a template, and how a person sees it: place, reason, the line itself, a caret, a hint.

use std::fmt;
use std::ops::{Deref, Range};
use std::sync::Arc;

/// A template's name and text, shared by everything that points into it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Source {
    pub name: Arc<str>,
    pub text: Arc<str>,
}

impl Source {
    pub fn new(name: &str, text: &str) -> Self {
        Self { name: name.into(), text: text.into() }
    }

    /// The text under `span`, empty where the span is none of this text.
    pub fn get(&self, span: &Range<usize>) -> &str {
        self.text.get(span.clone()).unwrap_or_default()
    }

    /// A problem at `span`.
    pub fn problem(&self, kind: ErrorKind, span: Range<usize>, message: impl Into<String>) -> TemplateError {
        let mut start = span.start.min(self.text.len());
        while !self.text.is_char_boundary(start) {
            start -= 1;
        }
        let before = &self.text[..start];
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        let source_line = self.text[line_start..].lines().next().unwrap_or_default();
        TemplateError(Box::new(Problem {
            kind,
            template: self.name.clone(),
            line: before.matches('\n').count() + 1,
            column: before[line_start..].chars().count() + 1,
            offending: self.get(&(start..span.end.max(start))).to_owned(),
            span: start..span.end.max(start),
            message: message.into(),
            hint: None,
            source_line: source_line.chars().take(300).map(|c| if c == '\t' { ' ' } else { c }).collect(),
        }))
    }
}

/// When a problem shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorKind {
    /// The text is no template, or calls a function that does not exist. Found before anything is rendered.
    Parse,
    /// The template cannot be carried out on this data.
    Render,
    /// A limit was reached; the message names it.
    Limit,
}

/// One problem at one place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// When it shows.
    pub kind: ErrorKind,
    /// The name that the text was parsed under; empty for a text without a name.
    pub template: Arc<str>,
    /// Line, from one.
    pub line: usize,
    /// Column in characters, from one.
    pub column: usize,
    /// Where in the text, in bytes.
    pub span: Range<usize>,
    /// The text that the problem is about.
    pub offending: String,
    /// What is wrong, on one line.
    pub message: String,
    /// What to write instead.
    pub hint: Option<String>,
    source_line: String,
}

/// What is wrong with a template. Prints as several lines with a caret; [`TemplateError::one_line`] is for logs,
/// labels and for messages inside other messages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TemplateError(Box<Problem>);

impl Deref for TemplateError {
    type Target = Problem;

    fn deref(&self) -> &Problem {
        &self.0
    }
}

impl TemplateError {
    pub(crate) fn with_hint(mut self, hint: impl Into<Option<String>>) -> Self {
        self.0.hint = hint.into();
        self
    }

    /// `name:1:24: unknown function "default" (write …)`, on one line.
    pub fn one_line(&self) -> String {
        let hint = self.hint.as_ref().map(|hint| format!(" ({hint})")).unwrap_or_default();
        format!("{}{}{hint}", self.place(), self.message)
    }

    fn place(&self) -> String {
        let separator = if self.template.is_empty() { "" } else { ":" };
        format!("{}{separator}{}:{}: ", self.template, self.line, self.column)
    }
}

impl fmt::Display for TemplateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.place(), self.message)?;
        if !self.source_line.is_empty() {
            let number = self.line.to_string();
            let width = self.offending.lines().next().unwrap_or_default().chars().count();
            let available = (self.source_line.chars().count() + 1).saturating_sub(self.column).max(1);
            let carets = "^".repeat(width.clamp(1, available));
            write!(f, "\n    {number} | {}", self.source_line)?;
            write!(f, "\n    {:n$} | {:c$}{carets}", "", "", n = number.len(), c = self.column.saturating_sub(1))?;
        }
        match &self.hint {
            Some(hint) => write!(f, "\n    hint: {hint}"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for TemplateError {}

/// All problems found in a text, in their order; never empty. Shown one below the other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TemplateErrors {
    /// The problems.
    pub list: Vec<TemplateError>,
}

impl TemplateErrors {
    /// All problems, each on one line, separated by `; `.
    pub fn one_line(&self) -> String {
        self.list.iter().map(TemplateError::one_line).collect::<Vec<_>>().join("; ")
    }
}

impl From<TemplateError> for TemplateErrors {
    fn from(error: TemplateError) -> Self {
        Self { list: vec![error] }
    }
}

impl fmt::Display for TemplateErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, error) in self.list.iter().enumerate() {
            let separator = if index == 0 { "" } else { "\n" };
            write!(f, "{separator}{error}")?;
        }
        Ok(())
    }
}

impl std::error::Error for TemplateErrors {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_shows_the_line_and_a_caret() {
        let source = Source::new("summary", "é\n  {{ foo }}");
        let error = source.problem(ErrorKind::Parse, 8..11, "unknown function \"foo\"").with_hint("none".to_owned());
        assert_eq!(
            error.to_string(),
            "summary:2:6: unknown function \"foo\"\n    2 |   {{ foo }}\n      |      ^^^\n    hint: none"
        );
        assert_eq!(error.one_line(), "summary:2:6: unknown function \"foo\" (none)");
        assert_eq!(error.offending, "foo");
    }
}
