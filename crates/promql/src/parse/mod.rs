//! The parser: text to [`Expr`].

use crate::ast::{Expr, Span};
use crate::error::{ParseError, ParseErrors};

/// Parses and checks a query. Fails with everything that is wrong with it.
pub fn parse(input: &str) -> Result<Expr, ParseErrors> {
    Err(ParseErrors {
        input: input.to_owned(),
        errors: vec![ParseError::new(Span::default(), "no expression found in input")],
    })
}
