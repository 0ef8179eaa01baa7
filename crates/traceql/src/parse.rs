//! Tokens to a [`Filter`], by recursive descent: `||` binds weaker than `&&`, both weaker than comparisons.

use crate::lex::{Token, lex};
use crate::{Compare, Field, Filter, ParseError, Scope, Value};
use regex::RegexBuilder;
use std::ops::Range;

/// Longest query that is looked at.
const QUERY_BYTES_MAX: usize = 64 << 10;
/// Deepest nesting of brackets.
const DEPTH_MAX: usize = 100;
/// Largest compiled regular expression.
const REGEX_SIZE_BYTES_MAX: usize = 1 << 20;

const STATUSES: [&str; 3] = ["error", "ok", "unset"];
const KINDS: [&str; 6] = ["server", "client", "producer", "consumer", "internal", "unspecified"];

/// Reads a query. Fails with the place of the first thing that cannot be read.
pub fn parse(query: &str) -> Result<Filter, ParseError> {
    if query.len() > QUERY_BYTES_MAX {
        return Err(ParseError::new(0..1, format!("the query is longer than {QUERY_BYTES_MAX} bytes")));
    }
    let mut parser = Parser { tokens: lex(query)?, at: 0, end: query.len(), depth: 0 };
    parser.expect("{", "a query begins with {")?;
    let filter = if parser.take("}") {
        Filter::All
    } else {
        let filter = parser.or()?;
        parser.expect("}", "expected && or || or }")?;
        filter
    };
    match parser.tokens.get(parser.at) {
        None => Ok(filter),
        Some((_, span)) => Err(ParseError::new(span.clone(), "only a single span filter { … } can be searched")
            .hint("put all conditions into one pair of braces")),
    }
}

/// Reads a Go duration such as `1.5s`, `200ms` or `1m30s` into nanoseconds.
pub fn parse_duration_ns(text: &str) -> Option<i64> {
    let (mut rest, mut total) = (text, 0.0);
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !(c.is_ascii_digit() || c == '.')).filter(|at| *at > 0)?;
        let number: f64 = rest[..digits].parse().ok()?;
        let letters = rest[digits..].find(|c: char| c.is_ascii_digit() || c == '.').unwrap_or(rest.len() - digits);
        let unit_ns = match &rest[digits..digits + letters] {
            "ns" => 1.0,
            "us" | "µs" => 1e3,
            "ms" => 1e6,
            "s" => 1e9,
            "m" => 60e9,
            "h" => 3_600e9,
            _ => return None,
        };
        total += number * unit_ns;
        rest = &rest[digits + letters..];
    }
    (!text.is_empty() && total <= i64::MAX as f64).then_some(total as i64)
}

struct Parser {
    tokens: Vec<(Token, Range<usize>)>,
    at: usize,
    end: usize,
    depth: usize,
}

impl Parser {
    fn here(&self) -> Range<usize> {
        self.tokens.get(self.at).map_or(self.end..self.end + 1, |(_, span)| span.clone())
    }

    fn take(&mut self, symbol: &str) -> bool {
        let found = matches!(self.tokens.get(self.at), Some((Token::Symbol(s), _)) if *s == symbol);
        self.at += usize::from(found);
        found
    }

    fn expect(&mut self, symbol: &str, otherwise: &str) -> Result<(), ParseError> {
        if self.take(symbol) { Ok(()) } else { Err(ParseError::new(self.here(), otherwise)) }
    }

    fn next(&mut self) -> Option<Token> {
        let token = self.tokens.get(self.at).map(|(token, _)| token.clone());
        self.at += usize::from(token.is_some());
        token
    }

    fn or(&mut self) -> Result<Filter, ParseError> {
        let mut left = self.and()?;
        while self.take("||") {
            left = Filter::Or(Box::new(left), Box::new(self.and()?));
        }
        Ok(left)
    }

    fn and(&mut self) -> Result<Filter, ParseError> {
        let mut left = self.unary()?;
        while self.take("&&") {
            left = Filter::And(Box::new(left), Box::new(self.unary()?));
        }
        Ok(left)
    }

    fn unary(&mut self) -> Result<Filter, ParseError> {
        if self.depth >= DEPTH_MAX {
            return Err(ParseError::new(self.here(), format!("nested deeper than {DEPTH_MAX}")));
        }
        self.depth += 1;
        let filter = if self.take("!") {
            Filter::Not(Box::new(self.unary()?))
        } else if self.take("(") {
            let inner = self.or()?;
            self.expect(")", "this bracket is not closed: expected )")?;
            inner
        } else {
            self.comparison()?
        };
        self.depth -= 1;
        Ok(filter)
    }

    fn comparison(&mut self) -> Result<Filter, ParseError> {
        let place = self.here();
        let field = match self.next() {
            Some(Token::Word(word)) => field(&word).ok_or_else(|| unknown_field(place, &word))?,
            _ => return Err(ParseError::new(place, "expected a field such as duration or resource.service.name")),
        };
        let place = self.here();
        let compare = match self.next() {
            Some(Token::Symbol(symbol)) => compare(symbol),
            _ => None,
        };
        let compare = compare.ok_or_else(|| ParseError::new(place, "expected a comparison: = != < <= > >= =~ !~"))?;
        let value = self.value(&field, compare)?;
        Ok(Filter::Compare(field, compare, value))
    }

    fn value(&mut self, field: &Field, compare: Compare) -> Result<Value, ParseError> {
        let place = self.here();
        let negative = self.take("-");
        let value = match self.next() {
            Some(Token::Text(text)) if !negative && matches!(compare, Compare::Regex | Compare::NotRegex) => {
                let regex = RegexBuilder::new(&format!("^(?s:{text})$")).size_limit(REGEX_SIZE_BYTES_MAX).build();
                return regex.map(Value::Regex).map_err(|_| ParseError::new(place, "invalid regular expression"));
            }
            Some(Token::Text(text)) if !negative => Value::Text(text),
            Some(Token::Number(text)) => number(&text, negative).ok_or_else(|| {
                ParseError::new(place.clone(), format!("{text:?} is neither a number nor a duration"))
                    .hint("write for example 200ms or 1.5s")
            })?,
            Some(Token::Word(word)) if !negative => word_value(field, &word).ok_or_else(|| {
                ParseError::new(place.clone(), format!("unexpected word {word}")).hint("texts stand in double quotes")
            })?,
            _ => return Err(ParseError::new(place, "expected a value")),
        };
        check(field, compare, &value).map_err(|message| ParseError::new(place, message))?;
        Ok(value)
    }
}

fn field(word: &str) -> Option<Field> {
    Some(match word {
        "name" | "span:name" => Field::Name,
        "duration" | "span:duration" => Field::Duration,
        "status" | "span:status" => Field::Status,
        "statusMessage" | "span:statusMessage" => Field::StatusMessage,
        "kind" | "span:kind" => Field::Kind,
        _ => {
            let scopes = [("resource.", Scope::Resource), ("span.", Scope::Span), (".", Scope::Any)];
            let (prefix, scope) = scopes.into_iter().find(|(prefix, _)| word.starts_with(prefix))?;
            let name = &word[prefix.len()..];
            return (!name.is_empty()).then(|| Field::Attribute(scope, name.to_owned()));
        }
    })
}

fn unknown_field(place: Range<usize>, word: &str) -> ParseError {
    ParseError::new(place, format!("unknown field {word}"))
        .hint(format!("attributes need a scope: resource.{word}, span.{word} or .{word}"))
}

fn compare(symbol: &str) -> Option<Compare> {
    Some(match symbol {
        "=" => Compare::Equal,
        "!=" => Compare::NotEqual,
        "<" => Compare::Less,
        "<=" => Compare::LessEqual,
        ">" => Compare::Greater,
        ">=" => Compare::GreaterEqual,
        "=~" => Compare::Regex,
        "!~" => Compare::NotRegex,
        _ => return None,
    })
}

fn number(text: &str, negative: bool) -> Option<Value> {
    let sign = if negative { -1.0 } else { 1.0 };
    match text.parse::<f64>() {
        Ok(number) => Some(Value::Number(sign * number)),
        Err(_) => parse_duration_ns(text).map(|ns| Value::Duration(if negative { -ns } else { ns })),
    }
}

fn word_value(field: &Field, word: &str) -> Option<Value> {
    let words: &[&'static str] = match field {
        Field::Status => &STATUSES,
        Field::Kind => &KINDS,
        _ => &[],
    };
    match word {
        "true" => Some(Value::Bool(true)),
        "false" => Some(Value::Bool(false)),
        "nil" => Some(Value::Nil),
        _ => words.iter().find(|known| **known == word).map(|known| Value::Word(known)),
    }
}

/// Refuses comparisons that could never hold.
fn check(field: &Field, compare: Compare, value: &Value) -> Result<(), String> {
    let fits = match field {
        Field::Duration => matches!(value, Value::Duration(_)),
        Field::Status | Field::Kind => matches!(value, Value::Word(_)),
        Field::Name | Field::StatusMessage => matches!(value, Value::Text(_)),
        Field::Attribute(..) => !matches!(value, Value::Word(_)),
    };
    if !fits {
        return Err(match field {
            Field::Duration => "a duration is compared with a duration such as 200ms".to_owned(),
            Field::Status => format!("a status is one of {}", STATUSES.join(", ")),
            Field::Kind => format!("a kind is one of {}", KINDS.join(", ")),
            _ => "this value does not fit the field".to_owned(),
        });
    }
    let equality = matches!(compare, Compare::Equal | Compare::NotEqual);
    if matches!(value, Value::Word(_) | Value::Bool(_) | Value::Nil) && !equality {
        return Err("this value is compared with = or != only".to_owned());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn service_and_duration_are_read_off_the_filter() {
        let filter = parse(r#"{ resource.service.name = "checkout" && duration > 200ms && status = error }"#).unwrap();
        assert_eq!(filter.required_service(), Some("checkout"));
        assert_eq!(filter.duration_ns_min(), 200_000_000);
        assert!(parse(r#"{ resource.service.name = "a" || duration > 1s }"#).unwrap().required_service().is_none());
    }

    #[test]
    fn durations_are_go_durations() {
        for (text, want) in
            [("200ms", Some(200_000_000)), ("1m30s", Some(90_000_000_000)), ("1.5s", Some(1_500_000_000))]
        {
            assert_eq!(parse_duration_ns(text), want);
        }
        assert!(
            parse_duration_ns("5").is_none() && parse_duration_ns("").is_none() && parse_duration_ns("1x").is_none()
        );
    }

    #[test]
    fn errors_point_at_the_place() {
        for (query, caret) in [
            ("{ name = “x” }", "         ^"),
            ("{ duration > 5 }", "             ^"),
            ("{ nope = 1 }", "  ^^^^"),
            ("{ .a = 1 } >> { }", "           ^"),
            ("{ .a = \"x }", "       ^^^^"),
            ("{ (.a = 1 }", "          ^"),
        ] {
            let rendered = parse(query).unwrap_err().render(query);
            let line = rendered.lines().nth(1).unwrap();
            assert!(line.starts_with(&format!("{caret} ")), "{rendered}");
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_the_parser_panic(query in "\\{?[ -~“µ]{0,60}") {
            if let Err(error) = parse(&query) {
                error.render(&query);
            }
        }
    }
}
