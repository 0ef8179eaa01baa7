//! Text → tokens.
//!
//! 1. Outside of actions everything up to `{{` is text. `{{-` followed by space trims the text before it, `-}}` after
//!    space the text behind it; comments leave nothing.
//! 2. Inside, spaces and line ends separate words. They are no tokens, but each token remembers whether one lay before
//!    it, because `.a.b` and `.a .b` differ.
//! 3. A word must end at a space or one of `. , | : ( ) }`, as in Go, so that `$x+2` is refused instead of misread.

use super::quote::{character, quoted};
use super::token::{Keyword, Kind, Token};
use crate::error::{ErrorKind, Source, TemplateError};
use std::ops::Range;

pub struct Lexer<'a> {
    source: &'a Source,
    text: &'a str,
    at: usize,
    tokens: Vec<Token>,
    spaced: bool,
    parens: Vec<usize>,
}

/// Splits a text into tokens.
pub fn lex(source: &Source) -> Result<Vec<Token>, TemplateError> {
    let text: &str = &source.text;
    let mut lexer = Lexer { source, text, at: 0, tokens: Vec::new(), spaced: false, parens: Vec::new() };
    let mut trim_start = false;
    while lexer.at < text.len() {
        trim_start = lexer.text_and_action(trim_start)?;
    }
    Ok(lexer.tokens)
}

/// Space that a trim marker needs on its inner side, and that separates words.
fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\r' | '\n')
}

fn is_word(c: char) -> bool {
    c == '_' || c.is_alphanumeric()
}

impl Lexer<'_> {
    fn rest(&self) -> &str {
        &self.text[self.at..]
    }

    fn problem(&self, span: Range<usize>, message: impl Into<String>) -> TemplateError {
        self.source.problem(ErrorKind::Parse, span, message)
    }

    fn push(&mut self, kind: Kind, start: usize) {
        let spaced = std::mem::take(&mut self.spaced);
        self.tokens.push(Token { kind, span: start..self.at, spaced });
    }

    /// Reads the text up to the next action and that action; says whether the text behind it is trimmed.
    fn text_and_action(&mut self, trim_start: bool) -> Result<bool, TemplateError> {
        let start = self.at;
        let open = self.rest().find("{{").map_or(self.text.len(), |offset| start + offset);
        let after = &self.text[(open + 2).min(self.text.len())..];
        let trim_end = after.strip_prefix('-').is_some_and(|inner| inner.starts_with(is_space));
        let mut text = &self.text[start..open];
        if trim_start {
            text = text.trim_start_matches(is_space);
        }
        if trim_end {
            text = text.trim_end_matches(is_space);
        }
        if !text.is_empty() {
            self.at = open;
            self.spaced = false;
            self.push(Kind::Text(text.into()), start);
        }
        self.at = open;
        if open == self.text.len() {
            return Ok(false);
        }
        // The marker counts with the space that makes it one.
        let inner = open + if trim_end { 4 } else { 2 };
        if self.text[inner..].starts_with("/*") {
            return self.comment(open, inner);
        }
        self.at = open + if trim_end { 3 } else { 2 };
        self.push(Kind::Open, open);
        self.action(open)
    }

    fn comment(&mut self, open: usize, start: usize) -> Result<bool, TemplateError> {
        let Some(length) = self.text[start..].find("*/") else {
            return Err(self.problem(open..start + 2, "unclosed comment").with_hint(hint("close it with */}}")));
        };
        let after = start + length + 2;
        for (end, trims) in [("}}", false), (" -}}", true), ("\t-}}", true), ("\n-}}", true), ("\r-}}", true)] {
            if self.text[after..].starts_with(end) {
                self.at = after + end.len();
                return Ok(trims);
            }
        }
        let message = "comment ends before closing delimiter";
        Err(self.problem(open..after, message).with_hint(hint("*/ must stand directly before }} or before \" -}}\"")))
    }

    fn action(&mut self, open: usize) -> Result<bool, TemplateError> {
        self.parens.clear();
        self.spaced = false;
        loop {
            let rest = self.rest();
            let trims = rest.starts_with(is_space) && rest[1..].starts_with("-}}");
            if trims || rest.starts_with("}}") {
                if let Some(paren) = self.parens.last() {
                    return Err(self.problem(*paren..*paren + 1, "unclosed left paren"));
                }
                let start = self.at + if trims { 1 } else { 0 };
                self.at = start + if trims { 3 } else { 2 };
                self.push(Kind::Close, start);
                return Ok(trims);
            }
            let Some(first) = rest.chars().next() else {
                let end = self.text.len();
                return Err(self.problem(open..end, "unclosed action").with_hint(hint("close it with }}")));
            };
            if is_space(first) {
                self.spaced = true;
                self.at += 1;
            } else {
                self.token(first)?;
            }
        }
    }

    fn token(&mut self, first: char) -> Result<(), TemplateError> {
        let start = self.at;
        let second = self.text[start..].chars().nth(1).unwrap_or(' ');
        match first {
            ':' if second == '=' => self.symbol(Kind::Declare, 2),
            ':' => return Err(self.problem(start..start + 1, "expected :=")),
            '=' => self.symbol(Kind::Assign, 1),
            '|' => self.symbol(Kind::Pipe, 1),
            ',' => self.symbol(Kind::Comma, 1),
            '(' => {
                self.parens.push(start);
                self.symbol(Kind::OpenParen, 1);
            }
            ')' => {
                if self.parens.pop().is_none() {
                    return Err(self.problem(start..start + 1, "unexpected right paren"));
                }
                self.symbol(Kind::CloseParen, 1);
            }
            '"' | '`' => {
                let (text, length) = quoted(self.rest()).map_err(|error| self.quote_problem(error))?;
                self.at += length;
                self.push(Kind::String(text.into()), start);
            }
            '\'' => {
                let (code, length) = character(self.rest()).map_err(|error| self.quote_problem(error))?;
                self.at += length;
                self.push(Kind::Int(code), start);
            }
            '$' => self.name(Kind::Variable, 1)?,
            '.' if is_word(second) && !second.is_ascii_digit() => self.name(Kind::Field, 1)?,
            '.' if !second.is_ascii_digit() => self.name(Kind::Dot, 1)?,
            '+' | '-' | '.' | '0'..='9' => self.number()?,
            _ if is_word(first) => self.name(Kind::Identifier, 0)?,
            _ => return Err(self.unrecognised(first)),
        }
        Ok(())
    }

    fn symbol(&mut self, kind: Kind, length: usize) {
        let start = self.at;
        self.at += length;
        self.push(kind, start);
    }

    /// A word behind a sign of `sign` bytes, which must end where a word may end.
    fn name(&mut self, kind: Kind, sign: usize) -> Result<(), TemplateError> {
        let start = self.at;
        let word = &self.text[start + sign..];
        // A dot that stands alone takes no letters.
        let length = if kind == Kind::Dot { 0 } else { word.find(|c| !is_word(c)).unwrap_or(word.len()) };
        self.at = start + sign + length;
        let next = self.rest().chars().next();
        if next.is_some_and(|c| !is_space(c) && !matches!(c, '.' | ',' | '|' | ':' | '(' | ')' | '}')) {
            return Err(self.unrecognised(next.unwrap_or_default()));
        }
        let word = &self.text[start..self.at];
        let kind = match (kind, word) {
            (Kind::Identifier, "true" | "false") => Kind::Bool(word == "true"),
            (Kind::Identifier, "nil") => Kind::Nil,
            (Kind::Identifier, _) => Keyword::of(word).map_or(Kind::Identifier, Kind::Keyword),
            (kind, _) => kind,
        };
        self.push(kind, start);
        Ok(())
    }

    fn number(&mut self) -> Result<(), TemplateError> {
        let start = self.at;
        let rest = self.rest();
        let digits = rest.strip_prefix(['+', '-']).unwrap_or(rest);
        let hex = digits.starts_with("0x") || digits.starts_with("0X");
        // A sign belongs to the number at its beginning and behind an exponent.
        let mut previous = ' ';
        let length = rest
            .char_indices()
            .find(|(index, c)| {
                let exponent = matches!(previous, 'p' | 'P') || (!hex && matches!(previous, 'e' | 'E'));
                let sign = matches!(c, '+' | '-') && (*index == 0 || exponent);
                previous = *c;
                !(sign || is_word(*c) || *c == '.')
            })
            .map_or(rest.len(), |(index, _)| index);
        let kind = super::number::parse(&rest[..length]).map_err(|(message, hint)| {
            let end = start + length.max(1);
            self.problem(start..end, message).with_hint(hint)
        })?;
        self.at += length;
        self.push(kind, start);
        Ok(())
    }

    fn quote_problem(&self, (message, length): (&'static str, usize)) -> TemplateError {
        let mut end = (self.at + length.max(1)).min(self.text.len());
        while !self.text.is_char_boundary(end) {
            end += 1;
        }
        self.problem(self.at..end, message)
    }

    fn unrecognised(&self, c: char) -> TemplateError {
        let code = u32::from(c);
        let message = format!("unrecognized character in action: U+{code:04X} {c:?}");
        let hint = match c {
            '“' | '”' | '„' | '«' | '»' | '″' => {
                Some("curly quotes are no quotes here; type straight quotes: \"…\"")
            }
            '‘' | '’' | '‚' | '′' => Some("curly quotes are no quotes here; type straight quotes: \"…\""),
            '\u{a0}' | '\u{2007}' | '\u{202f}' => Some("this is a no-break space; type an ordinary space"),
            '\u{200b}'..='\u{200f}' | '\u{feff}' => Some("this is an invisible character; delete it"),
            '+' | '*' | '/' | '%' | '-' => Some("templates have no arithmetic; do it in the expression of the rule"),
            '>' | '<' | '!' | '&' | '=' => Some("compare with functions: eq, ne, lt, le, gt, ge, and, or, not"),
            '[' | ']' => Some("write {{ index .Labels \"name\" }}"),
            _ => None,
        };
        self.problem(self.at..self.at + c.len_utf8(), message).with_hint(hint.map(str::to_owned))
    }
}

fn hint(text: &str) -> String {
    text.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<String> {
        let source = Source::new("t", text);
        match lex(&source) {
            Ok(tokens) => tokens
                .into_iter()
                .map(|token| match token.kind {
                    Kind::Text(text) => format!("text {text:?}"),
                    _ => source.get(&token.span).to_owned(),
                })
                .collect(),
            Err(error) => vec![error.one_line()],
        }
    }

    #[test]
    fn trim_markers_need_space_on_their_inner_side() {
        assert_eq!(words("a {{- 3 -}} b"), ["text \"a\"", "{{-", "3", "-}}", "text \"b\""]);
        assert_eq!(words("a {{-3}} b"), ["text \"a \"", "{{", "-3", "}}", "text \" b\""]);
        assert_eq!(words("a {{- /* c */ -}} b"), ["text \"a\"", "text \"b\""]);
        assert_eq!(words("a {{/* c */}} b"), ["text \"a \"", "text \" b\""]);
    }

    #[test]
    fn words_end_where_go_lets_them_end() {
        assert_eq!(words("{{$x.y (.z)|f}}"), ["{{", "$x", ".y", "(", ".z", ")", "|", "f", "}}"]);
        assert!(words("{{$x+2}}")[0].contains("no arithmetic"));
        assert!(words("{{ .a['b'] }}")[0].contains("index"));
        assert!(words("{{ “a” }}")[0].contains("straight quotes"));
        assert!(words("{{\u{a0}1 }}")[0].contains("U+00A0"));
        assert!(words("{{ (1 }}")[0].contains("unclosed left paren"));
        assert!(words("{{ 1) }}")[0].contains("unexpected right paren"));
        assert!(words("{{ ")[0].contains("unclosed action"));
        assert!(words("{{/* x }}")[0].contains("unclosed comment"));
        assert!(words("{{/* x */ }}")[0].contains("comment ends"));
    }
}
