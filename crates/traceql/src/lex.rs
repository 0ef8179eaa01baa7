//! Bytes to tokens, each with its place.

use crate::ParseError;
use std::ops::Range;

/// One word of a query.
#[derive(Clone, Debug, PartialEq)]
pub enum Token {
    /// `{`, `}`, `(`, `)`, `&&`, `||`, `!`, and the comparisons.
    Symbol(&'static str),
    /// `name`, `resource.service.name`, `.http.status_code`, `error`.
    Word(String),
    /// A quoted text, unescaped.
    Text(String),
    /// Digits, with a unit if there was one: `200ms`, `5`, `0.5`.
    Number(String),
}

/// Longer symbols first, so that `!=` is not read as `!`.
const SYMBOLS: [&str; 16] = ["&&", "||", "!=", "!~", "=~", "<=", ">=", "{", "}", "(", ")", "=", "<", ">", "!", "-"];

/// Splits a query into tokens.
pub fn lex(query: &str) -> Result<Vec<(Token, Range<usize>)>, ParseError> {
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(next) = query[at..].chars().next() {
        if next.is_whitespace() {
            at += next.len_utf8();
            continue;
        }
        let (token, length) = lex_one(&query[at..], next).map_err(|mut error| {
            error.span = error.span.start + at..error.span.end + at;
            error
        })?;
        tokens.push((token, at..at + length));
        at += length;
    }
    Ok(tokens)
}

fn lex_one(rest: &str, next: char) -> Result<(Token, usize), ParseError> {
    if let Some(symbol) = SYMBOLS.iter().find(|symbol| rest.starts_with(**symbol)) {
        return Ok((Token::Symbol(symbol), symbol.len()));
    }
    match next {
        '"' | '`' => lex_text(rest, next),
        '0'..='9' => {
            let length =
                rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '.' || c == 'µ')).unwrap_or(rest.len());
            Ok((Token::Number(rest[..length].to_owned()), length))
        }
        '.' | '_' | 'a'..='z' | 'A'..='Z' => {
            let ends = |c: char| !(c.is_alphanumeric() || matches!(c, '.' | '_' | '-' | '/' | ':'));
            let length = rest.find(ends).unwrap_or(rest.len());
            Ok((Token::Word(rest[..length].to_owned()), length))
        }
        '“' | '”' | '„' | '‘' | '’' => {
            Err(ParseError::new(0..next.len_utf8(), format!("{next} is a typographic quote"))
                .hint("type the straight quote \" instead"))
        }
        other => Err(ParseError::new(0..other.len_utf8(), format!("unexpected character {other:?}"))),
    }
}

fn lex_text(rest: &str, quote: char) -> Result<(Token, usize), ParseError> {
    let mut text = String::new();
    let mut chars = rest.char_indices().skip(1);
    while let Some((at, c)) = chars.next() {
        match c {
            c if c == quote => return Ok((Token::Text(text), at + 1)),
            '\\' if quote == '"' => match chars.next().map(|(_, escaped)| escaped) {
                Some('n') => text.push('\n'),
                Some('t') => text.push('\t'),
                Some(escaped @ ('"' | '\\')) => text.push(escaped),
                // Regular expressions are full of backslashes; what is no escape stays as it is written.
                Some(other) => text.extend(['\\', other]),
                None => break,
            },
            c => text.push(c),
        }
    }
    Err(ParseError::new(0..rest.len(), "this text is not closed").hint(format!("add {quote} at its end")))
}
