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

impl ParseErrors {
    /// All problems, each with its line, carets under the offending text and the hint:
    ///
    /// ```text
    /// 1:8: parse error: unexpected character inside braces: '“'
    ///   |
    /// 1 | up{job=“node”}
    ///   |        ^ type the straight ASCII quote " instead of “
    /// ```
    ///
    /// `input` is the query, as it was parsed.
    pub fn render(&self, input: &str) -> String {
        self.errors.iter().map(|error| error.render(input)).collect::<Vec<_>>().join("\n\n")
    }
}

impl ParseError {
    fn render(&self, input: &str) -> String {
        let (line, column) = self.span.line_column(input);
        let text = input.split('\n').nth(line - 1).unwrap_or_default().trim_end_matches('\r');
        let (before, rest) = text.split_at_checked((column - 1).min(text.len())).unwrap_or((text, ""));
        let marked = rest.get(..self.span.end.saturating_sub(self.span.start)).unwrap_or(rest);
        // Tabs stay tabs, so that the caret stands under its text however wide they are.
        let blank: String = before.chars().map(|character| if character == '\t' { '\t' } else { ' ' }).collect();
        let carets = "^".repeat(marked.chars().count().max(1));
        let gutter = " ".repeat(line.to_string().len());
        let hint = self.hint.as_deref().map_or_else(String::new, |hint| format!(" {hint}"));
        let message = &self.message;
        format!(
            "{line}:{column}: parse error: {message}\n{gutter} |\n{line} | {text}\n{gutter} | {blank}{carets}{hint}"
        )
    }
}

#[cfg(test)]
mod tests {
    use crate::parse;

    #[test]
    fn the_caret_stands_under_the_offending_text() {
        let query = "sum(\n\tup{job=“node”}\n)";
        let errors = parse(query).unwrap_err();
        assert_eq!(errors.to_string(), "2:9: parse error: unexpected character inside braces: '“'");
        let want = "2:9: parse error: unexpected character inside braces: '“'\n  |\n2 | \tup{job=“node”}\n  | \t       ^ type the straight ASCII quote \" instead of “";
        assert_eq!(errors.render(query), want);
    }

    #[test]
    fn wide_letters_count_as_one_column_for_the_caret() {
        let query = "label_replace(up, \"ä\", 5)";
        let rendered = parse(query).unwrap_err().render(query);
        assert_eq!(rendered.lines().nth(3).map(|line| line.chars().count()), Some(4 + query.chars().count()));
    }

    #[test]
    fn the_end_of_the_text_has_a_caret_too() {
        let rendered = parse("sum(x").unwrap_err().render("sum(x");
        assert!(rendered.ends_with("  |      ^ add the missing ) for the ( at 1:4"), "{rendered}");
    }
}
