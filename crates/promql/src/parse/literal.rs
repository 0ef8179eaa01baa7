//! Numbers, durations and texts.

use super::Parser;
use crate::ast::{NumberLiteral, Span, StringLiteral};
use crate::error::ParseError;
use crate::lex::TokenKind;
use crate::quote::{quote, unquote};
use lgtm_model::{DurationError, parse_duration_ms};

impl Parser<'_> {
    /// The next token, a number or a duration. One that makes no sense is noted and counts as 1.
    pub(super) fn number_or_duration(&mut self) -> NumberLiteral {
        let token = self.advance();
        let text = self.text(token.span);
        let is_duration = token.kind == TokenKind::Duration;
        let read = if is_duration { duration_seconds(text) } else { number(text) };
        let value = read.unwrap_or_else(|message| {
            self.note(ParseError::new(token.span, message));
            1.0
        });
        NumberLiteral { value, is_duration, span: token.span }
    }

    pub(super) fn string_literal(&mut self) -> StringLiteral {
        let span = self.advance().span;
        StringLiteral { value: unquote(self.text(span)), span }
    }

    /// The value of a duration or a number with a sign in front, with the span of both.
    pub(super) fn signed_number(&mut self, minus: bool, sign: Option<Span>) -> NumberLiteral {
        let mut number = self.number_or_duration();
        if minus {
            number.value = -number.value;
        }
        if let Some(sign) = sign {
            number.span = sign.to(number.span);
        }
        number
    }
}

fn duration_seconds(text: &str) -> Result<f64, String> {
    match parse_duration_ms(text) {
        Ok(duration_ms) => Ok(duration_ms as f64 / 1000.0),
        Err(DurationError::OutOfRange(_)) => Err("duration out of range".to_owned()),
        Err(_) => {
            let units = text.split(|character: char| character.is_ascii_digit()).filter(|unit| !unit.is_empty());
            let known = ["y", "w", "d", "h", "m", "s", "ms"];
            match units.clone().find(|unit| !known.contains(unit)) {
                Some(unit) => Err(format!("unknown unit {} in duration {}", quote(unit), quote(text))),
                None => Err(format!("not a valid duration string: {}", quote(text))),
            }
        }
    }
}

/// Reads a number as Go does: hexadecimal with `0x`, octal with a leading zero if all digits are, else decimal.
pub(crate) fn number(text: &str) -> Result<f64, String> {
    let lower = text.to_ascii_lowercase();
    match lower.as_str() {
        "inf" => return Ok(f64::INFINITY),
        "nan" => return Ok(f64::NAN),
        _ => {}
    }
    let digits: String = lower.chars().filter(|character| *character != '_').collect();
    let integer = match digits.strip_prefix("0x") {
        Some(hexadecimal) => i64::from_str_radix(hexadecimal, 16).ok(),
        None if digits.len() > 1 && digits.starts_with('0') => i64::from_str_radix(&digits, 8).ok(),
        None => digits.parse::<i64>().ok(),
    };
    if let Some(integer) = integer {
        return Ok(integer as f64);
    }
    let failed = |why: &str| Err(format!("error parsing number: strconv.ParseFloat: parsing {}: {why}", quote(text)));
    match digits.parse::<f64>() {
        _ if digits.starts_with("0x") => failed("invalid syntax"),
        Ok(value) if value.is_infinite() => failed("value out of range"),
        Ok(value) => Ok(value),
        Err(_) => failed("invalid syntax"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_as_go_reads_them() {
        for (text, want) in [
            ("0x1F", 31.0),
            ("0755", 493.0),
            ("089", 89.0),
            ("1_000.5", 1000.5),
            ("5.", 5.0),
            (".5", 0.5),
            ("1e3", 1000.0),
            ("Inf", f64::INFINITY),
        ] {
            assert_eq!(number(text), Ok(want), "{text}");
        }
        assert!(number(&"9".repeat(400)).unwrap_err().contains("out of range"));
    }

    #[test]
    fn bad_durations_say_why() {
        assert_eq!(duration_seconds("5y1hs").unwrap_err(), "unknown unit \"hs\" in duration \"5y1hs\"");
        assert_eq!(duration_seconds("5m1h").unwrap_err(), "not a valid duration string: \"5m1h\"");
        assert_eq!(duration_seconds("1h30m"), Ok(5400.0));
    }
}
