//! Text to tokens, each with its place. Names that are keywords somewhere are plain identifiers here: only the parser
//! knows whether `rate` begins a function or names a label.

use crate::ast::Span;
use crate::error::Problem;
use crate::unit;

/// Longest query, in bytes.
pub(crate) const QUERY_BYTES_MAX: usize = 128 << 10;

/// One token.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Token {
    Ident(String),
    Text(String),
    Number(f64),
    Duration(i64),
    Bytes(f64),
    /// `[5m]`
    Range(i64),
    /// `--strict`
    Flag(String),
    /// Punctuation and operators, as written.
    Symbol(&'static str),
    End,
}

impl Token {
    /// How an error message calls it.
    pub(crate) fn describe(&self) -> String {
        match self {
            Self::Ident(name) => format!("identifier {name:?}"),
            Self::Text(text) => format!("string {text:?}"),
            Self::Number(number) => format!("number {number}"),
            Self::Duration(_) => "duration".to_owned(),
            Self::Bytes(_) => "size".to_owned(),
            Self::Range(_) => "range".to_owned(),
            Self::Flag(flag) => format!("flag {flag:?}"),
            Self::Symbol(symbol) => format!("{symbol:?}"),
            Self::End => "end of the query".to_owned(),
        }
    }
}

/// Longest first, so that `|=` is not read as `|` and `=`.
const SYMBOLS: [&str; 28] = [
    "|=", "|~", "|>", "!=", "!~", "!>", "=~", "==", ">=", "<=", "{", "}", "(", ")", ",", "|", "=", ">", "<", "+", "-",
    "*", "/", "%", "^", ".", "]", ":",
];

/// Splits a query into tokens; the last one is [`Token::End`].
pub(crate) fn tokens(query: &str) -> Result<Vec<(Token, Span)>, Problem> {
    if query.len() > QUERY_BYTES_MAX {
        let message = format!("the query is {} bytes long, the limit is {QUERY_BYTES_MAX}", query.len());
        return Err(Problem::new(Span::default(), message));
    }
    let mut lexer = Lexer { query, at: 0 };
    let mut tokens = Vec::new();
    loop {
        lexer.skip_blanks();
        let start = lexer.at;
        let token = lexer.next()?;
        let end_reached = token == Token::End;
        tokens.push((token, Span { start, end: lexer.at }));
        if end_reached {
            return Ok(tokens);
        }
    }
}

struct Lexer<'a> {
    query: &'a str,
    at: usize,
}

impl Lexer<'_> {
    fn rest(&self) -> &str {
        &self.query[self.at..]
    }

    fn skip_blanks(&mut self) {
        loop {
            let blanks: usize = self.rest().chars().take_while(|c| c.is_whitespace()).map(char::len_utf8).sum();
            self.at += blanks;
            if !self.rest().starts_with('#') {
                return;
            }
            self.at += self.rest().find('\n').unwrap_or(self.rest().len());
        }
    }

    fn here(&self, length: usize) -> Span {
        Span { start: self.at, end: self.at + length }
    }

    fn next(&mut self) -> Result<Token, Problem> {
        let Some(first) = self.rest().chars().next() else { return Ok(Token::End) };
        match first {
            '"' => self.quoted(),
            '`' => self.raw(),
            '[' => self.range(),
            '0'..='9' => self.number(),
            '.' if self.rest()[1..].starts_with(|c: char| c.is_ascii_digit()) => self.number(),
            '-' if self.rest()[1..].starts_with('-') && self.rest()[2..].starts_with(|c: char| c.is_alphabetic()) => {
                let length = self.rest().bytes().take_while(|b| b.is_ascii_alphanumeric() || b"-_".contains(b)).count();
                Ok(Token::Flag(self.take(length)))
            }
            c if c == '_' || c.is_ascii_alphabetic() => {
                let length = self.rest().bytes().take_while(|b| b.is_ascii_alphanumeric() || *b == b'_').count();
                Ok(Token::Ident(self.take(length)))
            }
            _ => self.symbol(first),
        }
    }

    fn take(&mut self, length: usize) -> String {
        let text = self.rest()[..length].to_owned();
        self.at += length;
        text
    }

    fn symbol(&mut self, first: char) -> Result<Token, Problem> {
        if let Some(symbol) = SYMBOLS.iter().find(|symbol| self.rest().starts_with(**symbol)) {
            self.at += symbol.len();
            return Ok(Token::Symbol(symbol));
        }
        let span = self.here(first.len_utf8());
        let problem = Problem::new(span, format!("unexpected character {first:?}"));
        Err(match first {
            '\u{201c}' | '\u{201d}' | '\u{201e}' | '\u{201f}' | '\u{ab}' | '\u{bb}' => {
                Problem::new(span, format!("typographic quote {first} instead of a straight one"))
                    .hint("type \" instead; documents and chats often replace it")
            }
            '\u{2018}' | '\u{2019}' | '\'' => Problem::new(span, format!("quote {first} does not begin a string"))
                .hint("write strings between \" or ` quotes"),
            '\u{2013}' | '\u{2014}' => problem.hint("type - (hyphen-minus) instead of the dash"),
            _ => problem,
        })
    }

    fn raw(&mut self) -> Result<Token, Problem> {
        let Some(length) = self.rest()[1..].find('`') else {
            return Err(Problem::new(self.here(1), "literal not terminated").hint("close the string with `"));
        };
        let text = self.rest()[1..=length].to_owned();
        self.at += length + 2;
        Ok(Token::Text(text))
    }

    fn quoted(&mut self) -> Result<Token, Problem> {
        let open = self.here(1);
        let mut text = String::new();
        let mut at = self.at + 1;
        loop {
            let Some(c) = self.query[at..].chars().next().filter(|c| *c != '\n') else {
                return Err(Problem::new(open, "literal not terminated").hint("close the string with \""));
            };
            match c {
                '"' => break,
                '\\' => {
                    at += unescape(&self.query[at..], &mut text).map_err(|length| {
                        let span = Span { start: at, end: at + length };
                        Problem::new(span, "invalid escape sequence in string")
                            .hint("write a backslash as \\\\, or use ` quotes")
                    })?
                }
                c => {
                    text.push(c);
                    at += c.len_utf8();
                }
            }
        }
        self.at = at + 1;
        Ok(Token::Text(text))
    }

    fn range(&mut self) -> Result<Token, Problem> {
        let Some(length) = self.rest().find(']') else {
            return Err(Problem::new(self.here(1), "missing closing ']' in duration"));
        };
        let text = self.rest()[1..length].trim();
        let range_ns = unit::duration_ns(text).map_err(|unit| {
            let message = match unit {
                Some(unit) => format!("unknown unit {unit:?} in duration {text:?}"),
                None => format!("not a valid duration: {text:?}"),
            };
            Problem::new(self.here(length + 1), message).hint("write for example [30s], [5m] or [1h30m]")
        })?;
        if range_ns <= 0 {
            return Err(Problem::new(self.here(length + 1), "a range must be longer than zero"));
        }
        self.at += length + 1;
        Ok(Token::Range(range_ns))
    }

    fn number(&mut self) -> Result<Token, Problem> {
        let rest = self.rest();
        let mut length = rest.bytes().take_while(|b| b.is_ascii_digit() || *b == b'.').count();
        let tail = &rest.as_bytes()[length..];
        if let [b'e' | b'E', next @ ..] = tail {
            let sign = usize::from(matches!(next, [b'+' | b'-', ..]));
            let digits = next[sign..].iter().take_while(|b| b.is_ascii_digit()).count();
            if digits > 0 {
                length += 1 + sign + digits;
            }
        }
        let word: usize =
            rest[length..].chars().take_while(|c| c.is_alphanumeric() || *c == '.').map(char::len_utf8).sum();
        let whole = &rest[..length + word];
        let token = if word == 0 {
            whole.parse().ok().map(Token::Number)
        } else {
            unit::duration_ns(whole).ok().map(Token::Duration).or_else(|| unit::size_bytes(whole).map(Token::Bytes))
        };
        let token = token.ok_or_else(|| Problem::new(self.here(length + word), format!("not a number: {whole:?}")))?;
        self.at += length + word;
        Ok(token)
    }
}

/// Reads one escape sequence as Go writes them; gives its length, or the length of a wrong one.
fn unescape(text: &str, into: &mut String) -> Result<usize, usize> {
    let bytes = text.as_bytes();
    let simple = match bytes.get(1).ok_or(1_usize)? {
        b'a' => '\x07',
        b'b' => '\x08',
        b'f' => '\x0c',
        b'n' => '\n',
        b'r' => '\r',
        b't' => '\t',
        b'v' => '\x0b',
        b'\\' => '\\',
        b'"' => '"',
        b'x' => return code_point(text, 2, 2, 16, into),
        b'u' => return code_point(text, 2, 4, 16, into),
        b'U' => return code_point(text, 2, 8, 16, into),
        b'0'..=b'7' => return code_point(text, 1, 3, 8, into),
        _ => return Err(text.chars().take(2).map(char::len_utf8).sum()),
    };
    into.push(simple);
    Ok(2)
}

fn code_point(text: &str, skip: usize, digits: usize, radix: u32, into: &mut String) -> Result<usize, usize> {
    let length = skip + digits;
    let read = text.get(skip..length).and_then(|hex| u32::from_str_radix(hex, radix).ok()).and_then(char::from_u32);
    into.push(read.ok_or(skip)?);
    Ok(length)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(query: &str) -> Vec<Token> {
        tokens(query).unwrap().into_iter().map(|(token, _)| token).collect()
    }

    #[test]
    fn tokens_are_read_with_units_ranges_and_comments() {
        assert_eq!(
            kinds("a>=2.5KiB [1m] # rest\n--strict \"q\\n\""),
            [
                Token::Ident("a".into()),
                Token::Symbol(">="),
                Token::Bytes(2560.0),
                Token::Range(60_000_000_000),
                Token::Flag("--strict".into()),
                Token::Text("q\n".into()),
                Token::End
            ]
        );
    }

    #[test]
    fn typographic_quotes_are_pointed_at() {
        let problem = tokens("{app=\u{201c}x\u{201d}}").unwrap_err();
        assert_eq!((problem.span.start, problem.span.end), (5, 8));
        assert!(problem.hint.unwrap().contains("type \""));
    }

    #[test]
    fn broken_texts_are_refused() {
        for query in ["\"open", "`open", "[5m", "[5minutes]", "5x", "\"\\q\"", "é"] {
            assert!(tokens(query).is_err(), "{query}");
        }
    }
}
