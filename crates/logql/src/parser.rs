//! Recursive descent over the tokens, one file a level of the language: [`metric`] for numbers, [`log`] for selectors
//! and pipelines, [`label_filter`] for conditions on labels. The checks that need no more than one node are made where
//! the node is built (see `check`); the first problem ends the reading.

mod label_filter;
mod log;
mod metric;
mod stage;

use crate::ast::{Expr, Span};
use crate::check;
use crate::error::{ParseError, Problem};
use crate::lexer::{self, Token};
use lgtm_model::Matcher;

/// Deepest nesting of parentheses and functions: bounds the stack.
const DEPTH_MAX: usize = 64;

/// Parses a whole query.
///
/// # Errors
/// The first place at which the text is no LogQL, or breaks one of its rules.
pub fn parse(query: &str) -> Result<Expr, ParseError> {
    let read = || {
        let mut parser = Parser::new(query)?;
        let expr = parser.expression()?;
        parser.expect_end()?;
        check::expr(&expr)?;
        Ok(expr)
    };
    read().map_err(|problem: Problem| problem.in_query(query))
}

/// Parses a stream selector alone, as `match[]` of the series and label endpoints takes it.
///
/// # Errors
/// As [`parse`]; anything after the closing brace is an error as well.
pub fn parse_selector(query: &str) -> Result<Vec<Matcher>, ParseError> {
    let read = || {
        let mut parser = Parser::new(query)?;
        let (matchers, _) = parser.selector()?;
        parser.expect_end()?;
        Ok(matchers)
    };
    read().map_err(|problem: Problem| problem.in_query(query))
}

struct Parser {
    tokens: Vec<(Token, Span)>,
    at: usize,
    depth: usize,
}

impl Parser {
    fn new(query: &str) -> Result<Self, Problem> {
        Ok(Self { tokens: lexer::tokens(query)?, at: 0, depth: 0 })
    }

    fn peek(&self) -> &Token {
        self.peek_at(0)
    }

    fn peek_at(&self, ahead: usize) -> &Token {
        self.tokens.get(self.at + ahead).map_or(&Token::End, |(token, _)| token)
    }

    /// The place of the next token.
    fn span(&self) -> Span {
        self.tokens.get(self.at).or(self.tokens.last()).map(|(_, span)| *span).unwrap_or_default()
    }

    /// The place of the token read last.
    fn last_span(&self) -> Span {
        self.at.checked_sub(1).and_then(|at| self.tokens.get(at)).map(|(_, span)| *span).unwrap_or_default()
    }

    fn advance(&mut self) -> Token {
        let token = self.peek().clone();
        self.at = (self.at + 1).min(self.tokens.len());
        token
    }

    fn is_symbol(&self, symbol: &str) -> bool {
        matches!(self.peek(), Token::Symbol(found) if *found == symbol)
    }

    fn is_word(&self, word: &str) -> bool {
        matches!(self.peek(), Token::Ident(found) if found == word)
    }

    fn take_symbol(&mut self, symbol: &str) -> bool {
        let found = self.is_symbol(symbol);
        if found {
            self.advance();
        }
        found
    }

    fn take_word(&mut self, word: &str) -> bool {
        let found = self.is_word(word);
        if found {
            self.advance();
        }
        found
    }

    fn unexpected(&self, expected: &str) -> Problem {
        let tail = if expected.is_empty() { String::new() } else { format!(", expecting {expected}") };
        Problem::new(self.span(), format!("syntax error: unexpected {}{tail}", self.peek().describe()))
    }

    fn expect_symbol(&mut self, symbol: &'static str) -> Result<Span, Problem> {
        if !self.is_symbol(symbol) {
            return Err(self.unexpected(&format!("{symbol:?}")));
        }
        self.advance();
        Ok(self.last_span())
    }

    fn expect_end(&self) -> Result<(), Problem> {
        if matches!(self.peek(), Token::End) { Ok(()) } else { Err(self.unexpected("")) }
    }

    fn text(&mut self) -> Result<String, Problem> {
        match self.peek() {
            Token::Text(_) => {}
            Token::Ident(word) => {
                let hint = format!("put it in quotes: \"{word}\"");
                return Err(self.unexpected("a string").hint(hint));
            }
            _ => return Err(self.unexpected("a string")),
        }
        match self.advance() {
            Token::Text(text) => Ok(text),
            _ => Ok(String::new()),
        }
    }

    fn name(&mut self) -> Result<String, Problem> {
        if !matches!(self.peek(), Token::Ident(_)) {
            return Err(self.unexpected("a label name"));
        }
        match self.advance() {
            Token::Ident(name) => Ok(name),
            _ => Ok(String::new()),
        }
    }

    /// `(a, b)`, possibly empty.
    fn names(&mut self) -> Result<Vec<String>, Problem> {
        self.expect_symbol("(")?;
        let mut names = Vec::new();
        while !self.take_symbol(")") {
            if !names.is_empty() {
                self.expect_symbol(",")?;
            }
            names.push(self.name()?);
        }
        Ok(names)
    }

    fn deeper<T>(&mut self, read: impl FnOnce(&mut Self) -> Result<T, Problem>) -> Result<T, Problem> {
        if self.depth >= DEPTH_MAX {
            return Err(Problem::new(self.span(), format!("nested more than {DEPTH_MAX} levels deep")));
        }
        self.depth += 1;
        let result = read(self);
        self.depth -= 1;
        result
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_wrong_token_is_pointed_at() {
        let error = parse("{app=x}").unwrap_err();
        assert_eq!(
            error.to_string(),
            "parse error at line 1, col 6: syntax error: unexpected identifier \"x\", expecting a string\n  {app=x}\n       ^\n  hint: put it in quotes: \"x\""
        );
        assert_eq!(parse("{app=\"x\"").unwrap_err().position(), (1, 9));
        assert_eq!(parse("{app=\u{201c}x\u{201d}}").unwrap_err().position(), (1, 6));
    }

    #[test]
    fn deep_nesting_is_refused_rather_than_overflowing() {
        let query = format!("{}1{}", "(".repeat(100_000), ")".repeat(100_000));
        assert!(parse(&query).is_err());
        let query = format!("{}{{a=\"b\"}}", "(".repeat(10_000));
        assert!(parse(&query).unwrap_err().message.contains("levels deep"));
    }

    #[test]
    fn selectors_alone() {
        assert_eq!(parse_selector(r#"{a="b", c!~"d.*"}"#).unwrap().len(), 2);
        assert!(parse_selector(r#"{a="b"} |= "x""#).is_err());
        assert!(parse_selector("{}").is_ok());
    }
}
