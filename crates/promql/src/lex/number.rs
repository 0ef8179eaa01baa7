//! Numbers and durations: where they end, and whether they are well formed.
//!
//! A number is decimal with an optional fraction and exponent, or hexadecimal; underscores may stand between digits.
//! What starts as a number and goes on with a unit is a duration. Whether units are in order is the parser's business.

use super::{Lexer, Token, TokenKind, is_alphanumeric};
use crate::ast::Span;
use crate::error::ParseError;
use crate::quote::quote;

impl Lexer<'_> {
    pub(super) fn number_or_duration(&mut self, start: usize) -> Result<Token, ParseError> {
        if self.scan_number() {
            return Ok(Token { kind: TokenKind::Number, span: Span::new(start, self.at) });
        }
        if self.scan_units() {
            return Ok(Token { kind: TokenKind::Duration, span: Span::new(start, self.at) });
        }
        let read = &self.input[start..self.at];
        let error =
            ParseError::new(Span::new(start, self.at), format!("bad number or duration syntax: {}", quote(read)));
        Err(error.with_hint("a number is written 1.5 or 1e9, a duration 30s, 5m or 1h30m"))
    }

    fn accept(&mut self, set: &str) -> bool {
        match self.peek() {
            Some(character) if set.contains(character) => {
                self.at += character.len_utf8();
                true
            }
            _ => false,
        }
    }

    fn next_is(&self, set: &str) -> bool {
        self.peek().is_some_and(|character| set.contains(character))
    }

    /// Reads as much of a number as there is; false if it is malformed or a letter follows.
    fn scan_number(&mut self) -> bool {
        let start = self.at;
        let hexadecimal = self.accept("0") && self.accept("xX");
        if hexadecimal {
            self.accept("_");
        }
        let digits = if hexadecimal { "0123456789abcdefABCDEF" } else { "0123456789" };
        let (mut dotted, mut exponent) = (self.accept("."), false);
        while self.next_is(digits) || self.next_is("._eE") {
            if self.next_is(digits) {
                self.take_while(|character| digits.contains(character));
            } else if self.accept(".") {
                if dotted || hexadecimal || self.accept("_.") {
                    return false;
                }
                dotted = true;
            } else if self.accept("eE") {
                if exponent {
                    return false;
                }
                exponent = true;
                self.accept("+-");
                if self.accept("._eE") || self.peek().is_none() {
                    return false;
                }
            } else if self.accept("_") && (self.accept("._eE") || self.peek().is_none()) {
                return false;
            }
        }
        self.at > start && !self.peek().is_some_and(is_alphanumeric)
    }

    /// Reads units and further numbers behind the first number. On failure includes the character that is wrong.
    fn scan_units(&mut self) -> bool {
        if !self.accept("smhdwy") {
            return false;
        }
        self.accept("s");
        while self.accept("0123456789") {
            self.take_while(|character| character.is_ascii_digit());
            if !self.accept("smhdw") {
                return false;
            }
            self.accept("s");
        }
        if self.peek().is_some_and(is_alphanumeric) {
            self.at += 1;
            return false;
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lex::tokenise;

    #[test]
    fn numbers_and_durations_end_where_they_should() {
        for text in ["1", ".5", "5.", "1e3", "1e-3", "0x1F", "0X_1f", "1_000.5", "0755"] {
            let (tokens, error) = tokenise(text);
            assert_eq!((tokens[0].kind, error), (TokenKind::Number, None), "{text}");
        }
        for text in ["5m", "1h30m", "5ms", "1y2w3d", "5m1h"] {
            assert_eq!(tokenise(text).0[0].kind, TokenKind::Duration, "{text}");
        }
    }

    #[test]
    fn malformed_numbers_are_shown_as_far_as_they_were_read() {
        for (text, shown) in [("2.5.", "2.5."), ("100..4", "100.."), ("0deadbeef", "0de"), ("5mm", "5mm"), ("1_", "1_")]
        {
            let error = tokenise(text).1.unwrap();
            assert_eq!(error.message, format!("bad number or duration syntax: \"{shown}\""));
        }
    }
}
