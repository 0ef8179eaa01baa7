//! Calls of functions, and the arguments of aggregations.

use super::{Abort, Parsed, Parser, hint};
use crate::ast::{Call, Expr, Span};
use crate::error::ParseError;
use crate::lex::TokenKind;
use crate::signature::signature;

impl Parser<'_> {
    pub(super) fn call(&mut self) -> Parsed<Expr> {
        let name = self.advance().span;
        let args = self.arguments()?;
        let text = self.text(name);
        let Some(function) = signature(text) else {
            let mut error = ParseError::new(name, format!("unknown function with name {}", crate::quote::quote(text)));
            error.hint = hint::similar_functions(text);
            self.note(error);
            // Something must stand in the tree; the query is refused anyway.
            return match args.into_iter().next() {
                Some(expr) => Ok(expr),
                None => Err(Abort),
            };
        };
        let span = Span::new(name.start, self.last_end());
        Ok(Expr::Call(Box::new(Call { function, args, span })))
    }

    /// `(a, b)`. Upstream goes on after a superfluous comma, but refuses the query.
    pub(super) fn arguments(&mut self) -> Parsed<Vec<Expr>> {
        self.expect(TokenKind::LeftParen, "", "")?;
        let (mut args, mut below) = (Vec::new(), 0);
        if self.eat(TokenKind::RightParen).is_some() {
            self.height = 1;
            return Ok(args);
        }
        loop {
            args.push(self.expression()?);
            below = below.max(self.height);
            let mut comma = self.eat(TokenKind::Comma);
            while let Some(superfluous) = comma
                && matches!(self.peek(), TokenKind::RightParen | TokenKind::Comma)
            {
                let error = ParseError::new(superfluous.span, "trailing commas not allowed in function call args");
                self.note(error.with_hint("remove this comma"));
                comma = self.eat(TokenKind::Comma);
            }
            if comma.is_none() {
                self.expect(TokenKind::RightParen, "", "")?;
                self.grow(below)?;
                return Ok(args);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::parse;

    #[test]
    fn superfluous_commas_are_named_one_by_one() {
        let errors = parse("round(x,,1,)").unwrap_err().errors;
        assert_eq!(errors.len(), 2);
        assert!(errors.iter().all(|error| error.message.starts_with("trailing commas")));
    }

    #[test]
    fn duration_words_are_functions_outside_brackets() {
        assert_eq!(parse("step() + max_of(1, 2)").unwrap().to_string(), "step() + max_of(1, 2)");
        assert!(parse("STEP()").is_err());
    }
}
