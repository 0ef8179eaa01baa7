//! The notation of test series: `metric{label="value"} 1 2+3x4 _ _x2 stale`, as in unit tests of rules.
//!
//! Items are separated by blanks: a value; `_` for none; `axN` for `a` and N repetitions; `a+bxN` for `a` and N further
//! values, each `b` more; `_xN` for N gaps. `{{...}}` is a native histogram, which is recognised and kept as text.

use crate::ast::Span;
use crate::error::{ParseError, ParseErrors};
use crate::lex::{Lexer, TokenKind, is_metric_name};
use crate::quote::unquote;
use lgtm_model::{Labels, METRIC_NAME, stale_nan};

/// How many points one description may make.
pub const POINTS_MAX: usize = 10_000_000;

/// One step of a described series.
#[derive(Clone, Debug, PartialEq)]
pub enum SeriesPoint {
    /// No sample: `_`
    Gap,
    /// A value; a staleness marker for `stale`.
    Float(f64),
    /// The text of a native histogram, braces included.
    NativeHistogram(String),
}

/// A described series.
#[derive(Clone, Debug, PartialEq)]
pub struct SeriesDescription {
    /// Its identity, the name included.
    pub labels: Labels,
    /// Its points, one a step.
    pub points: Vec<SeriesPoint>,
}

/// Reads a description. Fails at the first problem.
pub fn parse_series_description(input: &str) -> Result<SeriesDescription, ParseErrors> {
    let read = || {
        let (labels, end) = identity(input)?;
        let points = points(input, end)?;
        Ok(SeriesDescription { labels, points })
    };
    read().map_err(|error| ParseErrors { input: input.to_owned(), errors: vec![error] })
}

type Read<T> = Result<T, ParseError>;

/// The labels, and the first byte behind them.
fn identity(input: &str) -> Read<(Labels, usize)> {
    let mut lexer = Lexer::new(input);
    let mut pairs = Vec::new();
    let first = lexer.next_token()?;
    let mut end = 0;
    let mut open = first.kind == TokenKind::LeftBrace;
    if is_metric_name(first.kind) {
        pairs.push((METRIC_NAME.to_owned(), input[first.span.start..first.span.end].to_owned()));
        end = first.span.end;
        if input[end..].trim_start_matches([' ', '\t']).starts_with('{') && !input[end..].trim_start().starts_with("{{")
        {
            lexer.next_token()?;
            open = true;
        }
    } else if !open {
        return Err(ParseError::new(first.span, "a series starts with a metric name or with {"));
    }
    if open {
        while let Some(pair) = label(input, &mut lexer)? {
            pairs.push(pair);
        }
        end = lexer.position();
    }
    Ok((Labels::from_pairs(pairs), end))
}

/// The next label and the comma behind it, or nothing at the closing brace.
fn label<'a>(input: &'a str, lexer: &mut Lexer<'a>) -> Read<Option<(String, String)>> {
    let text = |span: Span| &input[span.start..span.end];
    let expected = |what: &str, span: Span| Err(ParseError::new(span, format!("expected {what} in label set")));
    let name = lexer.next_token()?;
    let name_text = match name.kind {
        TokenKind::RightBrace => return Ok(None),
        TokenKind::Identifier => text(name.span).to_owned(),
        TokenKind::String => unquote(text(name.span)),
        _ => return expected("identifier or \"}\"", name.span),
    };
    let mut next = lexer.next_token()?;
    let pair = if next.kind == TokenKind::Assign {
        let value = lexer.next_token()?;
        if value.kind != TokenKind::String {
            return expected("string", value.span);
        }
        next = lexer.next_token()?;
        (name_text, unquote(text(value.span)))
    } else if name.kind == TokenKind::String {
        (METRIC_NAME.to_owned(), name_text)
    } else {
        return expected("\"=\"", next.span);
    };
    match next.kind {
        TokenKind::Comma => Ok(Some(pair)),
        // The brace must be seen again, to end the list.
        TokenKind::RightBrace => {
            *lexer = Lexer::inside_braces(input, next.span.start);
            Ok(Some(pair))
        }
        _ => expected("\",\" or \"}\"", next.span),
    }
}

fn points(input: &str, start: usize) -> Read<Vec<SeriesPoint>> {
    let (mut points, mut at) = (Vec::new(), start);
    loop {
        let rest = &input[at..];
        let blanks = rest.len() - rest.trim_start_matches([' ', '\t', '\n', '\r']).len();
        if blanks == rest.len() {
            return Ok(points);
        }
        if blanks == 0 {
            return Err(ParseError::new(Span::new(at, at + 1), "expected a blank in series values"));
        }
        at += blanks;
        let mut item = Item { input, start: at, at };
        item.read(&mut points)?;
        at = item.at;
    }
}

/// One item of the values.
struct Item<'a> {
    input: &'a str,
    start: usize,
    at: usize,
}

impl Item<'_> {
    fn read(&mut self, points: &mut Vec<SeriesPoint>) -> Read<()> {
        if self.eat('_') {
            let count = if self.eat('x') { self.count()? } else { 1 };
            return self.push(points, count, |_| SeriesPoint::Gap);
        }
        if self.input[self.at..].starts_with("{{") {
            return self.histogram(points);
        }
        let sign = self.sign();
        let value = self.value()?;
        let value = if sign == Some('-') { -value } else { value };
        if self.eat('x') {
            let count = self.count()?;
            return self.push(points, count + 1, |_| SeriesPoint::Float(value));
        }
        let Some(sign) = self.sign() else {
            points.push(SeriesPoint::Float(value));
            return Ok(());
        };
        let step = self.value()?;
        let step = if sign == '-' { -step } else { step };
        if !self.eat('x') {
            return Err(self.error("expected x and a number of repetitions in series values"));
        }
        let count = self.count()?;
        // Upstream adds step by step, which rounds otherwise than a multiplication.
        let mut next = value;
        self.push(points, count + 1, |_| {
            let current = next;
            next += step;
            SeriesPoint::Float(current)
        })
    }

    fn push(&self, points: &mut Vec<SeriesPoint>, count: usize, make: impl FnMut(usize) -> SeriesPoint) -> Read<()> {
        if count > POINTS_MAX - points.len().min(POINTS_MAX) {
            return Err(self.error("too many repetitions in series values"));
        }
        points.extend((0..count).map(make));
        Ok(())
    }

    /// Keeps the text of a histogram; what it adds up to is not computed, so that repetitions repeat it.
    fn histogram(&mut self, points: &mut Vec<SeriesPoint>) -> Read<()> {
        let text = self.braces()?;
        if self.sign().is_some() {
            self.braces()?;
            if !self.input[self.at..].starts_with('x') {
                return Err(self.error("expected x and a number of repetitions in series values"));
            }
        }
        let count = if self.eat('x') { self.count()? + 1 } else { 1 };
        self.push(points, count, |_| SeriesPoint::NativeHistogram(text.clone()))
    }

    fn braces(&mut self) -> Read<String> {
        let rest = &self.input[self.at..];
        let end = if rest.starts_with("{{") { rest.find("}}") } else { None };
        let Some(end) = end else { return Err(self.error("histogram description incomplete")) };
        self.at += end + 2;
        Ok(rest[..end + 2].to_owned())
    }

    fn eat(&mut self, character: char) -> bool {
        let found = self.input[self.at..].starts_with(character);
        self.at += usize::from(found);
        found
    }

    fn sign(&mut self) -> Option<char> {
        ['+', '-'].into_iter().find(|sign| self.eat(*sign))
    }

    /// A decimal number without sign, `Inf`, `NaN` or `stale`.
    fn value(&mut self) -> Read<f64> {
        let rest = &self.input[self.at..];
        let letters = rest.len() - rest.trim_start_matches(|character: char| character.is_ascii_alphabetic()).len();
        let word = &rest[..letters];
        // An x behind the word starts the repetitions.
        let word = word.strip_suffix('x').unwrap_or(word);
        let special = match word.to_ascii_lowercase().as_str() {
            "inf" => Some(f64::INFINITY),
            "nan" => Some(f64::NAN),
            _ if word == "stale" => Some(stale_nan()),
            _ => None,
        };
        if let Some(value) = special {
            self.at += word.len();
            return Ok(value);
        }
        let length = number_length(rest);
        let Ok(value) = crate::parse::number(&rest[..length]) else {
            return Err(self.error("expected number or \"stale\" in series values"));
        };
        self.at += length;
        Ok(value)
    }

    fn count(&mut self) -> Read<usize> {
        let rest = &self.input[self.at..];
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let count = rest[..digits].parse().map_err(|_| self.error("invalid repetition in series values"))?;
        self.at += digits;
        Ok(count)
    }

    fn error(&self, message: &str) -> ParseError {
        let rest = &self.input[self.at.max(self.start)..];
        let length = rest.find([' ', '\t']).unwrap_or(rest.len()).max(1);
        ParseError::new(Span::new(self.at, self.at + length), message)
            .with_hint("values look like 1 2.5 _ stale 0+10x5")
    }
}

/// How many bytes at the start are a decimal number.
fn number_length(text: &str) -> usize {
    let bytes = text.as_bytes();
    let mut length = 0;
    while let Some(byte) = bytes.get(length) {
        let exponent_sign = matches!(byte, b'+' | b'-') && length > 0 && matches!(bytes[length - 1], b'e' | b'E');
        if byte.is_ascii_digit() || matches!(byte, b'.' | b'_' | b'e' | b'E') || exponent_sign {
            length += 1;
        } else {
            break;
        }
    }
    length
}

#[cfg(test)]
mod tests {
    use super::*;

    fn floats(input: &str) -> Vec<f64> {
        let points = parse_series_description(input).unwrap().points;
        points.iter().map(|point| if let SeriesPoint::Float(value) = point { *value } else { f64::NAN }).collect()
    }

    #[test]
    fn values_repeat_and_grow() {
        assert_eq!(floats("x 1 -2 +3"), [1.0, -2.0, 3.0]);
        assert_eq!(floats("x 1x2"), [1.0, 1.0, 1.0]);
        assert_eq!(floats("x{} 0+10x3 5-1x1"), [0.0, 10.0, 20.0, 30.0, 5.0, 4.0]);
        assert_eq!(floats("x 1e3 .5 Inf -Infx1"), [1e3, 0.5, f64::INFINITY, f64::NEG_INFINITY, f64::NEG_INFINITY]);
        let points = parse_series_description("x 1 _x2 stale {{sum:1}}x1 ").unwrap().points;
        assert_eq!(points.len(), 6);
        assert_eq!(points[2], SeriesPoint::Gap);
        assert!(matches!(points[3], SeriesPoint::Float(value) if lgtm_model::is_stale_nan(value)));
        assert_eq!(points[5], SeriesPoint::NativeHistogram("{{sum:1}}".to_owned()));
    }

    #[test]
    fn labels_may_be_quoted() {
        let series = parse_series_description("{\"my metric\", 'a.b'=\"c\",} 1").unwrap();
        assert_eq!(series.labels, Labels::from_pairs([("__name__", "my metric"), ("a.b", "c")]));
    }

    #[test]
    fn malformed_descriptions_are_refused() {
        for input in
            ["{} 1+1", "x 1 _a4", "x 1x", "x 1 2a", "x{a=} 1", "x{a='b' 1", "x 1x99999999999", "x{a='b'}1", "5 1"]
        {
            assert!(parse_series_description(input).is_err(), "{input}");
        }
    }
}
