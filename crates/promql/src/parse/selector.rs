//! `name{label="value", ...}` and `{"name", label="value"}`.

use super::{Parsed, Parser};
use crate::ast::{BinaryOp, Span, VectorEdges, VectorSelector};
use crate::error::ParseError;
use crate::lex::{TokenKind, is_metric_name};
use crate::quote::unquote;
use lgtm_model::{METRIC_NAME, MatchOp, Matcher};

impl Parser<'_> {
    pub(super) fn vector_selector(&mut self) -> Parsed<VectorSelector> {
        let start = self.token().span.start;
        let mut name = None;
        if is_metric_name(self.peek()) {
            let span = self.advance().span;
            name = Some(self.text(span).to_owned());
        } else if self.peek() != TokenKind::LeftBrace {
            return self.unexpected("", "");
        }
        let mut matchers = if self.peek() == TokenKind::LeftBrace { self.matchers()? } else { Vec::new() };
        if let Some(name) = &name {
            matchers.push(Matcher::equal(METRIC_NAME, name));
        }
        let span = Span::new(start, self.last_end());
        Ok(VectorSelector { name, matchers, offset: None, at: None, edges: VectorEdges::Samples, span })
    }

    fn matchers(&mut self) -> Parsed<Vec<Matcher>> {
        self.advance();
        let mut matchers = Vec::new();
        if self.eat(TokenKind::RightBrace).is_some() {
            return Ok(matchers);
        }
        loop {
            matchers.extend(self.matcher()?);
            if self.eat(TokenKind::Comma).is_none() {
                self.expect(TokenKind::RightBrace, "label matching", "\",\" or \"}\"")?;
                return Ok(matchers);
            }
            if self.eat(TokenKind::RightBrace).is_some() {
                return Ok(matchers);
            }
        }
    }

    /// One matcher; none if it cannot be built, which is noted.
    fn matcher(&mut self) -> Parsed<Option<Matcher>> {
        let kind = self.peek();
        let span = self.token().span;
        let label = match kind {
            TokenKind::Identifier => self.text(span).to_owned(),
            TokenKind::String => unquote(self.text(span)),
            _ => return self.unexpected("label matching", "identifier or \"}\""),
        };
        self.advance();
        let op = match self.peek() {
            TokenKind::Assign => MatchOp::Equal,
            TokenKind::Operator(BinaryOp::NotEqual) => MatchOp::NotEqual,
            TokenKind::RegexMatch => MatchOp::Regex,
            TokenKind::RegexNoMatch => MatchOp::NotRegex,
            _ if kind == TokenKind::String => return Ok(Some(Matcher::equal(METRIC_NAME, label))),
            _ => return self.unexpected("label matching", "label matching operator"),
        };
        self.advance();
        let value = self.expect(TokenKind::String, "label matching", "string")?.span;
        match Matcher::new(label, op, unquote(self.text(value))) {
            Ok(matcher) => Ok(Some(matcher)),
            Err(error) => {
                self.note(ParseError::new(span.to(value), error.to_string()));
                Ok(None)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::{Expr, parse};

    #[test]
    fn names_may_stand_in_braces_in_quotes() {
        let Expr::Vector(selector) = parse(r#"{"my metric", "a.b"="c",}"#).unwrap() else { panic!() };
        assert_eq!(selector.name, None);
        assert_eq!((selector.matchers[0].name(), selector.matchers[0].value()), ("__name__", "my metric"));
        assert_eq!(selector.matchers[1].name(), "a.b");
    }

    #[test]
    fn forgotten_quotes_are_recognised() {
        let error = parse("up{job=node}").unwrap_err().errors.remove(0);
        assert_eq!(error.message, "unexpected identifier \"node\" in label matching, expected string");
        assert_eq!(error.hint.as_deref(), Some("put the value in quotes: \"node\""));
    }
}
