//! Moving through the tokens, and complaining.

use super::{Abort, HEIGHT_MAX, NESTING_MAX, Parsed, Parser, hint};
use crate::ast::Span;
use crate::error::ParseError;
use crate::lex::{Token, TokenKind, describe};

impl<'a> Parser<'a> {
    pub(super) fn token(&self) -> Token {
        // The last token is End or Error, and nobody moves past it.
        self.tokens[self.at.min(self.tokens.len() - 1)]
    }

    pub(super) fn peek(&self) -> TokenKind {
        self.token().kind
    }

    pub(super) fn peek_second(&self) -> TokenKind {
        self.tokens.get(self.at + 1).map_or(TokenKind::End, |token| token.kind)
    }

    pub(super) fn advance(&mut self) -> Token {
        let token = self.token();
        if self.at + 1 < self.tokens.len() {
            self.at += 1;
        }
        token
    }

    /// Moves on if the next token is of this kind.
    pub(super) fn eat(&mut self, kind: TokenKind) -> Option<Token> {
        (self.peek() == kind).then(|| self.advance())
    }

    pub(super) fn expect(&mut self, kind: TokenKind, context: &str, expected: &str) -> Parsed<Token> {
        match self.eat(kind) {
            Some(token) => Ok(token),
            None => self.unexpected(context, expected),
        }
    }

    pub(super) fn expect_end(&mut self) -> Parsed<()> {
        self.expect(TokenKind::End, "", "").map(|_| ())
    }

    pub(super) fn text(&self, span: Span) -> &'a str {
        &self.input[span.start..span.end]
    }

    /// The end of the token read last.
    pub(super) fn last_end(&self) -> usize {
        self.at.checked_sub(1).map_or(0, |index| self.tokens[index].span.end)
    }

    pub(super) fn note(&mut self, error: ParseError) {
        self.errors.push(error);
    }

    pub(super) fn refuse<T>(&mut self, error: ParseError) -> Parsed<T> {
        self.errors.push(error);
        Err(Abort)
    }

    /// Complains about the next token: `unexpected identifier "x" in label matching, expected string`.
    pub(super) fn unexpected<T>(&mut self, context: &str, expected: &str) -> Parsed<T> {
        let token = self.token();
        if token.kind == TokenKind::Error
            && let Some(error) = self.lex_error.take()
        {
            return self.refuse(error);
        }
        let mut message = format!("unexpected {}", describe(token.kind, self.text(token.span)));
        let context = if context.is_empty() && self.aggregations > 0 { "aggregation" } else { context };
        if !context.is_empty() {
            message.push_str(" in ");
            message.push_str(context);
        }
        if !expected.is_empty() {
            message.push_str(", expected ");
            message.push_str(expected);
        }
        let mut error = ParseError::new(token.span, message);
        error.hint = hint::for_unexpected(self, token, context);
        self.refuse(error)
    }

    /// Counts a level of recursion while `read` runs.
    pub(super) fn nested<T>(&mut self, read: impl FnOnce(&mut Self) -> Parsed<T>) -> Parsed<T> {
        self.nesting += 1;
        let result = if self.nesting > NESTING_MAX { self.too_deep() } else { read(self) };
        self.nesting -= 1;
        result
    }

    /// Notes that the expression just built stands on others, the highest of which has the given height.
    pub(super) fn grow(&mut self, below: usize) -> Parsed<()> {
        self.height = below + 1;
        if self.height > HEIGHT_MAX { self.too_deep() } else { Ok(()) }
    }

    fn too_deep<T>(&mut self) -> Parsed<T> {
        let message =
            format!("expression nested too deeply: more than {NESTING_MAX} levels, or {HEIGHT_MAX} chained operators");
        let span = self.token().span;
        self.refuse(ParseError::new(span, message).with_hint("split it with recording rules"))
    }
}
