//! What is wrong with a settings file, and how a person sees it: place, reason, the line itself and a caret.

use std::fmt;
use std::sync::Arc;

/// Whether a problem prevents the settings from being used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Severity {
    /// The settings cannot be used.
    Error,
    /// The settings can be used, but something in them has no effect or is not advisable.
    Warning,
}

/// Where a text lies: lines and columns count from one, columns and width in characters. Line zero is the file itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Span {
    pub line: usize,
    pub column: usize,
    pub width: usize,
}

/// One problem at one place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Error or warning.
    pub severity: Severity,
    /// The file, as the person named it.
    pub file: Arc<str>,
    /// Line, from one; zero when the file as a whole is meant.
    pub line: usize,
    /// Column in characters, from one.
    pub column: usize,
    /// What is wrong, what was expected, and what to do, on one line.
    pub message: String,
    width: usize,
    source_line: String,
}

impl Problem {
    /// A problem with a file as a whole: it cannot be read, it is too big.
    pub fn of_file(file: &str, message: impl Into<String>) -> Self {
        Self::new(Severity::Error, Arc::from(file), "", Span::default(), message.into())
    }

    pub(crate) fn new(severity: Severity, file: Arc<str>, text: &str, span: Span, message: String) -> Self {
        let line = span.line.checked_sub(1).and_then(|index| text.lines().nth(index)).unwrap_or_default();
        // Tabs would shift the caret, and a line of megabytes helps no one.
        let source_line: String = line.chars().take(200).map(|c| if c == '\t' { ' ' } else { c }).collect();
        Self { severity, file, line: span.line, column: span.column, message, width: span.width, source_line }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.file)?;
        if self.line > 0 {
            write!(f, ":{}:{}", self.line, self.column)?;
        }
        let kind = if self.severity == Severity::Warning { "warning: " } else { "" };
        write!(f, ": {kind}{}", self.message)?;
        if self.line > 0 && !self.source_line.is_empty() {
            let number = self.line.to_string();
            let available = (self.source_line.chars().count() + 1).saturating_sub(self.column).max(1);
            let carets = "^".repeat(self.width.clamp(1, available));
            write!(f, "\n    {number} | {}", self.source_line)?;
            write!(f, "\n    {:n$} | {:c$}{carets}", "", "", n = number.len(), c = self.column.saturating_sub(1))?;
        }
        Ok(())
    }
}

/// All problems found, in the order of their places within each file. Shown one below the other.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Problems {
    /// The problems.
    pub list: Vec<Problem>,
}

impl Problems {
    /// Whether there is nothing to report.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// Adds the problems of another file.
    pub fn extend(&mut self, other: Problems) {
        self.list.extend(other.list);
    }
}

impl From<Problem> for Problems {
    fn from(problem: Problem) -> Self {
        Self { list: vec![problem] }
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, problem) in self.list.iter().enumerate() {
            let separator = if index == 0 { "" } else { "\n" };
            write!(f, "{separator}{problem}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Problems {}
