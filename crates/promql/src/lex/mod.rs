//! The lexer: text to tokens with byte spans. Written by hand, as PromQL's words depend on where they stand:
//!
//! - in braces every word is a label name and operators are matchers;
//! - in brackets only durations, arithmetic and `step()`, `range()`, `min_of()`, `max_of()` occur;
//! - elsewhere words are keywords, aggregations, operators or names, in that order.
//!
//! The lexer stops at the first thing it cannot read. Its error waits behind an [`TokenKind::Error`] token, since the
//! parser may object to an earlier token, and only the first problem is worth reporting.

mod hint;
mod number;
mod string;
mod token;

pub use token::{Keyword, Token, TokenKind, describe};

use crate::ast::{AggregateOp, BinaryOp, Span};
use crate::error::ParseError;
use crate::quote::quote_char;

/// All tokens of a text. The last one is [`TokenKind::End`], or [`TokenKind::Error`] with the error beside it.
pub fn tokenise(input: &str) -> (Vec<Token>, Option<ParseError>) {
    let mut lexer = Lexer::new(input);
    let mut tokens = Vec::new();
    loop {
        match lexer.next_token() {
            Ok(token) => {
                tokens.push(token);
                if token.kind == TokenKind::End {
                    return (tokens, None);
                }
            }
            Err(error) => {
                tokens.push(Token { kind: TokenKind::Error, span: error.span });
                return (tokens, Some(error));
            }
        }
    }
}

type Lexed = Result<Token, ParseError>;

/// Where the lexer stands.
pub(crate) struct Lexer<'a> {
    input: &'a str,
    at: usize,
    /// The open parentheses, by their place.
    parens: Vec<usize>,
    in_braces: bool,
    in_brackets: bool,
    /// Whether the open bracket has seen a number, which changes upstream's messages.
    after_number: bool,
    /// Whether the open bracket has seen anything that may be a duration.
    after_duration: bool,
    got_colon: bool,
}

impl<'a> Lexer<'a> {
    pub(crate) fn new(input: &'a str) -> Self {
        Self {
            input,
            at: 0,
            parens: Vec::new(),
            in_braces: false,
            in_brackets: false,
            after_number: false,
            after_duration: false,
            got_colon: false,
        }
    }

    /// A lexer inside braces that were opened before.
    pub(crate) fn inside_braces(input: &'a str, at: usize) -> Self {
        Self { at, in_braces: true, ..Self::new(input) }
    }

    /// The first byte that has not been read.
    pub(crate) fn position(&self) -> usize {
        self.at
    }

    pub(crate) fn next_token(&mut self) -> Lexed {
        self.skip_blanks();
        let start = self.at;
        let Some(character) = self.peek() else { return self.end(start) };
        if self.in_braces {
            self.brace_token(start, character)
        } else if self.in_brackets {
            self.bracket_token(start, character)
        } else {
            self.plain_token(start, character)
        }
    }

    fn skip_blanks(&mut self) {
        while let Some(character) = self.peek() {
            let comment = character == '#' && (!self.in_brackets || self.after_number);
            if comment {
                self.take_while(|character| !matches!(character, '\n' | '\r'));
            } else if matches!(character, ' ' | '\t' | '\n' | '\r') {
                self.at += 1;
            } else {
                return;
            }
        }
    }

    fn end(&self, start: usize) -> Lexed {
        let here = Span::new(start, start);
        if self.in_braces {
            return Err(ParseError::new(here, "unexpected end of input inside braces").with_hint("add the missing }"));
        }
        if self.in_brackets && !self.after_number {
            return Err(
                ParseError::new(here, "unexpected end of input in duration expression").with_hint("add the missing ]")
            );
        }
        if let Some(open) = self.parens.last() {
            let (line, column) = Span::new(*open, *open).line_column(self.input);
            return Err(ParseError::new(here, "unclosed left parenthesis")
                .with_hint(format!("add the missing ) for the ( at {line}:{column}")));
        }
        if self.in_brackets {
            return Err(ParseError::new(here, "unclosed left bracket").with_hint("add the missing ]"));
        }
        Ok(Token { kind: TokenKind::End, span: here })
    }

    fn plain_token(&mut self, start: usize, character: char) -> Lexed {
        match character {
            '0'..='9' => self.number_or_duration(start),
            '.' if self.peek_at(1).is_some_and(|next| next.is_ascii_digit()) => self.number_or_duration(start),
            '"' | '\'' | '`' => self.string(start, character),
            '{' => {
                self.in_braces = true;
                self.symbol(start, "{", TokenKind::LeftBrace)
            }
            '[' => {
                self.in_brackets = true;
                (self.after_number, self.after_duration, self.got_colon) = (false, false, false);
                self.symbol(start, "[", TokenKind::LeftBracket)
            }
            _ if is_alpha(character) || character == ':' => Ok(self.word(start)),
            _ => self.symbol_token(start, character),
        }
    }

    fn symbol_token(&mut self, start: usize, character: char) -> Lexed {
        use BinaryOp::{Equal, Greater, GreaterOrEqual, Less, LessOrEqual, NotEqual, TrimLower, TrimUpper};
        let next = self.peek_at(1);
        let (text, kind) = match (character, next) {
            ('=', Some('=')) => ("==", TokenKind::Operator(Equal)),
            ('=' | '!', Some('~')) => return Err(self.regex_outside_braces(start, character)),
            ('=', _) => ("=", TokenKind::Assign),
            ('!', Some('=')) => ("!=", TokenKind::Operator(NotEqual)),
            ('!', _) => return Err(self.after_bang(start, next, "")),
            ('<', Some('=')) => ("<=", TokenKind::Operator(LessOrEqual)),
            ('<', Some('/')) => ("</", TokenKind::Operator(TrimUpper)),
            ('<', _) => ("<", TokenKind::Operator(Less)),
            ('>', Some('=')) => (">=", TokenKind::Operator(GreaterOrEqual)),
            ('>', Some('/')) => (">/", TokenKind::Operator(TrimLower)),
            ('>', _) => (">", TokenKind::Operator(Greater)),
            ('@', _) => ("@", TokenKind::At),
            _ => return self.shared_symbol(start, character, "unexpected character"),
        };
        self.symbol(start, text, kind)
    }

    /// What occurs both in brackets and elsewhere.
    fn shared_symbol(&mut self, start: usize, character: char, complaint: &str) -> Lexed {
        let kind = match character {
            ',' => TokenKind::Comma,
            '+' => TokenKind::Operator(BinaryOp::Add),
            '-' => TokenKind::Operator(BinaryOp::Sub),
            '*' => TokenKind::Operator(BinaryOp::Mul),
            '/' => TokenKind::Operator(BinaryOp::Div),
            '%' => TokenKind::Operator(BinaryOp::Mod),
            '^' => TokenKind::Operator(BinaryOp::Pow),
            '(' => {
                self.parens.push(start);
                TokenKind::LeftParen
            }
            ')' => {
                if self.parens.pop().is_none() {
                    // Upstream points behind the parenthesis.
                    let after = Span::new(start + 1, start + 1);
                    return Err(ParseError::new(after, "unexpected right parenthesis ')'")
                        .with_hint("remove this ) or add the ( it closes"));
                }
                TokenKind::RightParen
            }
            _ => return Err(self.unexpected_character(start, character, complaint)),
        };
        self.at = start + 1;
        Ok(Token { kind, span: Span::new(start, self.at) })
    }

    fn word(&mut self, start: usize) -> Token {
        self.take_while(|character| is_alphanumeric(character) || character == ':');
        let mut kind = token::classify(&self.input[start..self.at]);
        if matches!(kind, TokenKind::Keyword(keyword) if keyword.is_fill()) {
            // Only in front of a parenthesis, so that metrics of these names keep working.
            let rest = self.input[self.at..].trim_start_matches([' ', '\t', '\n', '\r']);
            if !rest.starts_with('(') {
                kind = TokenKind::Identifier;
            }
        }
        Token { kind, span: Span::new(start, self.at) }
    }

    fn brace_token(&mut self, start: usize, character: char) -> Lexed {
        match character {
            '"' | '\'' | '`' => self.string(start, character),
            ',' => self.symbol(start, ",", TokenKind::Comma),
            '}' => {
                self.in_braces = false;
                self.symbol(start, "}", TokenKind::RightBrace)
            }
            '=' if self.peek_at(1) == Some('~') => self.symbol(start, "=~", TokenKind::RegexMatch),
            '=' => self.symbol(start, "=", TokenKind::Assign),
            '!' => match self.peek_at(1) {
                Some('~') => self.symbol(start, "!~", TokenKind::RegexNoMatch),
                Some('=') => self.symbol(start, "!=", TokenKind::Operator(BinaryOp::NotEqual)),
                next => Err(self.after_bang(start, next, " inside braces")),
            },
            '{' => Err(ParseError::new(Span::new(start, start + 1), "unexpected left brace '{'")),
            _ if is_alpha(character) => {
                self.take_while(is_alphanumeric);
                Ok(Token { kind: TokenKind::Identifier, span: Span::new(start, self.at) })
            }
            _ => Err(self.unexpected_character(start, character, "unexpected character inside braces")),
        }
    }

    fn bracket_token(&mut self, start: usize, character: char) -> Lexed {
        match character {
            '0'..='9' => {
                (self.after_number, self.after_duration) = (true, true);
                self.number_or_duration(start)
            }
            '.' if self.peek_at(1).is_some_and(|next| next.is_ascii_digit()) => {
                (self.after_number, self.after_duration) = (true, true);
                self.number_or_duration(start)
            }
            ']' => {
                self.in_brackets = false;
                self.symbol(start, "]", TokenKind::RightBracket)
            }
            '[' => Err(ParseError::new(Span::new(start, start + 1), "unexpected left bracket '['")),
            ':' if !self.after_duration => Err(ParseError::new(
                Span::new(start, start + 1),
                "unexpected colon before duration in duration expression",
            )),
            ':' if self.got_colon => {
                Err(ParseError::new(Span::new(start, start + 1), "unexpected repeated colon in duration expression"))
            }
            ':' => {
                self.got_colon = true;
                self.symbol(start, ":", TokenKind::Colon)
            }
            _ if is_alpha(character) => self.duration_word(start, character),
            _ if self.after_number => self.shared_symbol(start, character, "unexpected character"),
            _ => self.shared_symbol(start, character, "unexpected character in duration expression"),
        }
    }

    fn duration_word(&mut self, start: usize, character: char) -> Lexed {
        self.take_while(is_alpha);
        let span = Span::new(start, self.at);
        match token::classify(&self.input[start..self.at]) {
            kind @ TokenKind::Keyword(keyword) if keyword.is_duration_function() => {
                self.after_duration = true;
                Ok(Token { kind, span })
            }
            _ => Err(self.bad_duration_word(span, character)),
        }
    }

    fn symbol(&mut self, start: usize, text: &str, kind: TokenKind) -> Lexed {
        self.at = start + text.len();
        Ok(Token { kind, span: Span::new(start, self.at) })
    }

    fn unexpected_character(&self, start: usize, character: char, complaint: &str) -> ParseError {
        let span = Span::new(start, start + character.len_utf8());
        let error = ParseError::new(span, format!("{complaint}: {}", quote_char(character)));
        match hint::for_character(character) {
            Some(hint) => error.with_hint(hint),
            None => error,
        }
    }

    fn peek(&self) -> Option<char> {
        self.input[self.at..].chars().next()
    }

    fn peek_at(&self, characters: usize) -> Option<char> {
        self.input[self.at..].chars().nth(characters)
    }

    fn take_while(&mut self, accept: impl Fn(char) -> bool) {
        let rest = &self.input[self.at..];
        self.at += rest.find(|character| !accept(character)).unwrap_or(rest.len());
    }
}

/// A letter or an underscore. Upstream knows only the ASCII ones; other names must be quoted.
pub(crate) fn is_alpha(character: char) -> bool {
    character.is_ascii_alphabetic() || character == '_'
}

pub(crate) fn is_alphanumeric(character: char) -> bool {
    is_alpha(character) || character.is_ascii_digit()
}

/// Whether a token of this kind can be a metric's name in front of braces or alone.
pub(crate) fn is_metric_name(kind: TokenKind) -> bool {
    match kind {
        TokenKind::Identifier | TokenKind::MetricIdentifier | TokenKind::Aggregate(_) => true,
        TokenKind::Operator(op) => op.is_set(),
        TokenKind::Keyword(keyword) => keyword.is_metric_name(),
        _ => false,
    }
}

/// Whether a token of this kind can be a grouping label without quotes.
pub(crate) fn is_label_name(kind: TokenKind) -> bool {
    match kind {
        TokenKind::Identifier | TokenKind::MetricIdentifier => true,
        TokenKind::Aggregate(op) => AggregateOp::ALL.contains(&op),
        TokenKind::Operator(op) => op.is_set() || op == BinaryOp::Atan2,
        TokenKind::Keyword(keyword) => keyword.is_label_name(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(input: &str) -> Vec<TokenKind> {
        tokenise(input).0.into_iter().map(|token| token.kind).collect()
    }

    #[test]
    fn words_depend_on_their_place() {
        use TokenKind::{Assign, End, Identifier, LeftBrace, RightBrace, String};
        assert_eq!(kinds("sum")[0], TokenKind::Aggregate(AggregateOp::Sum));
        assert_eq!(kinds("{sum='x'}"), [LeftBrace, Identifier, Assign, String, RightBrace, End]);
        assert_eq!(kinds("fill + fill (1)")[0], Identifier);
        assert_eq!(kinds("fill + fill (1)")[2], TokenKind::Keyword(Keyword::Fill));
    }

    #[test]
    fn comments_and_blanks_are_skipped() {
        assert_eq!(kinds("a # b\n + c").len(), 4);
        assert_eq!(kinds("# only"), [TokenKind::End]);
    }

    #[test]
    fn what_stays_open_is_named_with_its_place() {
        let error = tokenise("sum(\n  rate(x").1.unwrap();
        assert_eq!(error.message, "unclosed left parenthesis");
        assert_eq!(error.hint.as_deref(), Some("add the missing ) for the ( at 2:7"));
    }
}
