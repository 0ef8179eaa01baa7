//! Quoted texts: `"..."` and `'...'` with Go's escapes on one line, and `` `...` `` without escapes.

use super::{Lexer, Token, TokenKind};
use crate::ast::Span;
use crate::error::ParseError;
use crate::quote::quote_char;

impl Lexer<'_> {
    pub(super) fn string(&mut self, start: usize, quote: char) -> Result<Token, ParseError> {
        self.at = start + 1;
        let raw = quote == '`';
        loop {
            let Some(character) = self.peek() else { return Err(self.unterminated(start, quote)) };
            if character == '\n' && !raw {
                return Err(self.unterminated(start, quote));
            }
            self.at += character.len_utf8();
            match character {
                _ if character == quote => break,
                // Requests with bytes that are no UTF-8 arrive with this in their place; upstream refuses them, too.
                char::REPLACEMENT_CHARACTER => {
                    return Err(ParseError::new(Span::new(self.at - 3, self.at), "invalid UTF-8 rune"));
                }
                '\\' if !raw => self.escape(start, quote)?,
                _ => {}
            }
        }
        Ok(Token { kind: TokenKind::String, span: Span::new(start, self.at) })
    }

    fn unterminated(&self, start: usize, quote: char) -> ParseError {
        let kind = if quote == '`' { "raw" } else { "quoted" };
        ParseError::new(Span::new(start, self.at), format!("unterminated {kind} string"))
            .with_hint(format!("add the closing {quote}"))
    }

    fn escape(&mut self, start: usize, quote: char) -> Result<(), ParseError> {
        let error = |at: usize, message: String| Err(ParseError::new(Span::new(start, at), message));
        let Some(kind) = self.peek() else { return error(self.at, "escape sequence not terminated".to_owned()) };
        let (digits, base, max) = match kind {
            'a' | 'b' | 'f' | 'n' | 'r' | 't' | 'v' | '\\' => (0, 0, 0),
            _ if kind == quote => (0, 0, 0),
            '0'..='7' => (3, 8, 255),
            'x' => (2, 16, 255),
            'u' => (4, 16, u32::from(char::MAX)),
            'U' => (8, 16, u32::from(char::MAX)),
            _ => {
                let at = self.at + kind.len_utf8();
                return error(at, format!("unknown escape sequence {}", name(kind))).map_err(|error: ParseError| {
                    error.with_hint("write \\\\ for a backslash, or use backticks: `\\d+`")
                });
            }
        };
        if base != 8 {
            self.at += 1;
        }
        let mut value = 0_u32;
        for _ in 0..digits {
            let Some(character) = self.peek() else {
                return error(self.at, "escape sequence not terminated".to_owned());
            };
            let Some(digit) = character.to_digit(base) else {
                let message = format!("illegal character {} in escape sequence", name(character));
                return error(self.at + character.len_utf8(), message);
            };
            self.at += 1;
            value = value.wrapping_mul(base).wrapping_add(digit);
        }
        if value > max || (0xd800..0xe000).contains(&value) {
            return error(self.at, "escape sequence is an invalid Unicode code point".to_owned());
        }
        Ok(())
    }
}

/// A character as Go's `%#U` shows it.
fn name(character: char) -> String {
    format!("U+{:04X} {}", u32::from(character), quote_char(character))
}

#[cfg(test)]
mod tests {
    use crate::lex::tokenise;

    #[test]
    fn strings_are_closed_and_their_escapes_are_known() {
        for text in [r#""a\"b""#, r"'\''", r"`\`", r#""\x41\101\u00e4""#, "`a\nb`"] {
            assert_eq!(tokenise(text).1, None, "{text}");
        }
        for (text, message) in [
            ("\"a", "unterminated quoted string"),
            ("'a\n'", "unterminated quoted string"),
            ("`a", "unterminated raw string"),
            (r#""\c""#, "unknown escape sequence U+0063 'c'"),
            (r#""\x.""#, "illegal character U+002E '.' in escape sequence"),
            (r#""\ud800""#, "escape sequence is an invalid Unicode code point"),
            (r#""\"#, "escape sequence not terminated"),
        ] {
            assert_eq!(tokenise(text).1.unwrap().message, message, "{text}");
        }
    }
}
