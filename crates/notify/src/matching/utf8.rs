//! The newer syntax of matchers: names and values are UTF-8, quoted when they hold reserved characters.

use super::{Matcher, is_reserved};
use lgtm_model::MatchOp;

#[derive(Clone, Debug, PartialEq)]
enum Token {
    Open,
    Close,
    Comma,
    Op(MatchOp),
    Text(String),
}

/// Reads `{a="b", c!~d}`, the braces optional, a last comma allowed.
pub(super) fn parse(input: &str) -> Result<Vec<Matcher>, String> {
    let tokens = tokens(input)?;
    let mut rest = tokens.iter().peekable();
    let braces = rest.next_if_eq(&&Token::Open).is_some();
    let mut matchers = Vec::new();
    while let Some(token) = rest.peek() {
        if **token == Token::Close {
            break;
        }
        let Some(Token::Text(name)) = rest.next() else { return Err("expected label name".to_owned()) };
        let Some(Token::Op(op)) = rest.next() else {
            return Err("expected an operator such as '=', '!=', '=~' or '!~'".to_owned());
        };
        let Some(Token::Text(value)) = rest.next() else { return Err("expected label value".to_owned()) };
        matchers.push(Matcher::new(name, *op, value)?);
        match rest.peek() {
            Some(Token::Comma) => drop(rest.next()),
            Some(Token::Close) | None => {}
            Some(_) => return Err("expected a comma or close brace".to_owned()),
        }
    }
    let closed = rest.next_if_eq(&&Token::Close).is_some();
    match (braces, closed) {
        (true, false) => return Err("expected close brace".to_owned()),
        (false, true) => return Err("expected opening brace".to_owned()),
        _ => {}
    }
    match rest.next() {
        Some(_) => Err("expected end of input".to_owned()),
        None => Ok(matchers),
    }
}

fn tokens(input: &str) -> Result<Vec<Token>, String> {
    let mut tokens = Vec::new();
    let mut rest = input;
    while let Some(c) = rest.chars().next() {
        let (token, length) = match c {
            '{' => (Token::Open, 1),
            '}' => (Token::Close, 1),
            ',' => (Token::Comma, 1),
            '=' if rest.starts_with("=~") => (Token::Op(MatchOp::Regex), 2),
            '=' => (Token::Op(MatchOp::Equal), 1),
            '!' if rest.starts_with("!=") => (Token::Op(MatchOp::NotEqual), 2),
            '!' if rest.starts_with("!~") => (Token::Op(MatchOp::NotRegex), 2),
            '!' => return Err("'!' is followed by '=' or '~'".to_owned()),
            '"' => {
                let length = quoted_length(rest)?;
                (Token::Text(unquote(&rest[1..length - 1])?), length)
            }
            c if c.is_whitespace() => {
                rest = &rest[c.len_utf8()..];
                continue;
            }
            c if !is_reserved(c) => {
                let length = rest.find(is_reserved).unwrap_or(rest.len());
                (Token::Text(rest[..length].to_owned()), length)
            }
            c => return Err(format!("{c}: invalid input")),
        };
        tokens.push(token);
        rest = &rest[length..];
    }
    Ok(tokens)
}

/// Bytes up to and with the closing quote.
fn quoted_length(text: &str) -> Result<usize, String> {
    let mut escaped = false;
    for (index, c) in text.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return Ok(index + 1),
            _ => {}
        }
    }
    Err(format!("{text}: missing end \""))
}

/// Go's escapes in a double-quoted string; the result must be UTF-8.
fn unquote(text: &str) -> Result<String, String> {
    let invalid = || format!("{text:?}: invalid input");
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.chars();
    while let Some(c) = rest.next() {
        if c == '\n' {
            return Err(invalid());
        }
        if c != '\\' {
            bytes.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
            continue;
        }
        let number = |rest: &mut std::str::Chars<'_>, first: &str, digits: usize, radix: u32| {
            let code: String = first.chars().chain(rest.by_ref().take(digits)).collect();
            match code.len() == digits + first.len() {
                true => u32::from_str_radix(&code, radix).map_err(|_| invalid()),
                false => Err(invalid()),
            }
        };
        match rest.next().ok_or_else(invalid)? {
            'a' => bytes.push(7),
            'b' => bytes.push(8),
            'f' => bytes.push(12),
            'n' => bytes.push(b'\n'),
            'r' => bytes.push(b'\r'),
            't' => bytes.push(b'\t'),
            'v' => bytes.push(11),
            '\\' => bytes.push(b'\\'),
            '"' => bytes.push(b'"'),
            'x' => bytes.push(number(&mut rest, "", 2, 16)? as u8),
            digit @ '0'..='7' => {
                let code = number(&mut rest, &digit.to_string(), 2, 8)?;
                bytes.push(u8::try_from(code).map_err(|_| invalid())?);
            }
            kind @ ('u' | 'U') => {
                let code = number(&mut rest, "", if kind == 'u' { 4 } else { 8 }, 16)?;
                let c = char::from_u32(code).ok_or_else(invalid)?;
                bytes.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
            }
            _ => return Err(invalid()),
        }
    }
    String::from_utf8(bytes).map_err(|_| invalid())
}
