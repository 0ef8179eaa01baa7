//! The parser: tokens to [`Expr`], by recursive descent, with precedence climbing for binary operators.
//!
//! Two kinds of problems: what breaks the syntax ends the parse, as everything behind it would be guessed; what is
//! only wrong in itself (an unknown function, a bad regular expression, two offsets) is noted, and the parse goes on.
//! Types are checked only in a text without either, as upstream does.
//!
//! Recursion is bounded by [`NESTING_MAX`], and the height of the tree, which later passes recurse into, by
//! [`HEIGHT_MAX`]: a chain `1+1+1+...` nests to the left without any recursion here.

mod aggregate;
mod call;
mod cursor;
mod duration;
mod expression;
mod hint;
mod literal;
mod matching;
mod modifier;
mod selector;

use crate::ast::{Expr, Span, VectorSelector};
use crate::check;
use crate::error::{ParseError, ParseErrors};
use crate::lex::{Token, TokenKind, tokenise};

pub(crate) use literal::number;

/// The longest text that is looked at.
pub const INPUT_BYTES_MAX: usize = 1 << 20;
/// The deepest nesting of parentheses, calls and signs.
pub const NESTING_MAX: usize = 200;
/// The highest tree: whoever recurses into an [`Expr`] goes no deeper.
pub const HEIGHT_MAX: usize = 500;

/// Parses and checks a query. Fails with everything that is wrong with it.
pub fn parse(input: &str) -> Result<Expr, ParseErrors> {
    run(input, |parser| {
        if parser.peek() == TokenKind::End {
            return parser.refuse(ParseError::new(Span::default(), "no expression found in input"));
        }
        let expr = parser.expression()?;
        parser.expect_end()?;
        Ok(expr)
    })
    .and_then(|mut expr| {
        let errors = check::check(&mut expr);
        if errors.is_empty() { Ok(expr) } else { Err(ParseErrors { input: input.to_owned(), errors }) }
    })
}

/// Parses a selector alone, as in the API's `match[]`: a name, braces or both, without modifiers.
pub fn parse_selector(input: &str) -> Result<VectorSelector, ParseErrors> {
    run(input, |parser| {
        let selector = parser.vector_selector()?;
        parser.expect_end()?;
        Ok(selector)
    })
}

/// A problem that ends the parse has been noted.
struct Abort;

type Parsed<T> = Result<T, Abort>;

struct Parser<'a> {
    input: &'a str,
    tokens: Vec<Token>,
    at: usize,
    lex_error: Option<ParseError>,
    errors: Vec<ParseError>,
    nesting: usize,
    /// The height of the expression built last.
    height: usize,
    /// How many aggregations are being read, which upstream's messages mention.
    aggregations: usize,
    /// Where the duration being read stands, and what may stand there.
    duration_place: (&'static str, &'static str),
}

fn run<T>(input: &str, read: impl FnOnce(&mut Parser<'_>) -> Parsed<T>) -> Result<T, ParseErrors> {
    let refused = |errors| Err(ParseErrors { input: input.to_owned(), errors });
    if input.len() > INPUT_BYTES_MAX {
        let message = format!("query of {} bytes is longer than {INPUT_BYTES_MAX}", input.len());
        return Err(ParseErrors { input: String::new(), errors: vec![ParseError::new(Span::default(), message)] });
    }
    let (tokens, lex_error) = tokenise(input);
    let mut parser = Parser {
        input,
        tokens,
        at: 0,
        lex_error,
        errors: Vec::new(),
        nesting: 0,
        height: 0,
        aggregations: 0,
        duration_place: ("", ""),
    };
    match read(&mut parser) {
        Ok(value) if parser.errors.is_empty() => Ok(value),
        _ => refused(parser.errors),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn first_error(input: &str) -> String {
        parse(input).unwrap_err().to_string()
    }

    #[test]
    fn deep_and_long_texts_are_refused_without_harm() {
        for deep in [
            "(".repeat(100_000) + "1" + &")".repeat(100_000),
            "-".repeat(100_000) + "x",
            "1".to_owned() + &"+1".repeat(100_000),
            "1".to_owned() + &"^1".repeat(100_000),
            "sum(".repeat(50_000) + "x" + &")".repeat(50_000),
            "x".to_owned() + &"[5m:]".repeat(50_000),
            format!("x[{}1{}]", "(".repeat(100_000), ")".repeat(100_000)),
            format!("x[1{}]", "+1".repeat(100_000)),
            format!("x[1{}]", "^1".repeat(100_000)),
        ] {
            let error = parse(&deep).unwrap_err();
            assert!(error.errors[0].message.contains("nested too deeply"), "{}", error.errors[0].message);
        }
        assert!(first_error(&" ".repeat(INPUT_BYTES_MAX + 1)).contains("longer than"));
        assert!(parse(&("1".to_owned() + &"+1".repeat(HEIGHT_MAX - 1))).is_ok());
        assert!(parse(&("(".repeat(NESTING_MAX - 1) + "1" + &")".repeat(NESTING_MAX - 1))).is_ok());
    }

    #[test]
    fn several_problems_are_found_at_once() {
        let errors = parse("rat(x) + foo{a=~\"(\"} + on(a) rate(y)").unwrap_err().errors;
        let messages: Vec<_> = errors.iter().map(|error| error.message.as_str()).collect();
        assert_eq!(messages.len(), 2, "{messages:?}");
        assert_eq!(messages[0], "unknown function with name \"rat\"");
        assert!(errors[0].hint.as_deref().is_some_and(|hint| hint.contains("rate")));
    }

    #[test]
    fn a_selector_alone_is_read() {
        assert_eq!(parse_selector("up{job=\"x\"}").unwrap().matchers.len(), 2);
        assert!(parse_selector("up offset 5m").is_err());
        assert!(parse_selector("").is_err());
    }
}
