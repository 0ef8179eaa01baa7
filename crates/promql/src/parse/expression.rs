//! Operators with their precedence, signs, parentheses and what follows an expression.
//!
//! A sign binds as tightly as `*`, so that `-1 ^ 2` is `-(1 ^ 2)`; what follows an expression (`offset`, `@`, a range)
//! binds tightest of all.

use super::{Parsed, Parser};
use crate::ast::{Binary, BinaryOp, Expr, Paren, Unary, UnaryOp};
use crate::lex::{Keyword, TokenKind, is_metric_name};

impl Parser<'_> {
    pub(super) fn expression(&mut self) -> Parsed<Expr> {
        self.nested(|parser| parser.binary(0))
    }

    fn binary(&mut self, precedence_min: u8) -> Parsed<Expr> {
        let mut left = self.signed()?;
        loop {
            let TokenKind::Operator(op) = self.peek() else { return Ok(left) };
            let precedence = op.precedence();
            if precedence < precedence_min {
                return Ok(left);
            }
            let below = self.height;
            let op_span = self.advance().span;
            let (return_bool, matching) = self.matching()?;
            // `^` binds to the right, all others to the left.
            let right = if op == BinaryOp::Pow {
                self.nested(|parser| parser.binary(precedence))?
            } else {
                self.nested(|parser| parser.binary(precedence + 1))?
            };
            self.grow(below.max(self.height))?;
            let matching = Some(matching);
            left = Expr::Binary(Box::new(Binary { op, left, right, return_bool, matching, op_span }));
        }
    }

    fn signed(&mut self) -> Parsed<Expr> {
        let op = match self.peek() {
            TokenKind::Operator(BinaryOp::Add) => UnaryOp::Plus,
            TokenKind::Operator(BinaryOp::Sub) => UnaryOp::Minus,
            _ => return self.postfix(),
        };
        let sign = self.advance().span;
        let expr = self.nested(|parser| parser.binary(BinaryOp::Mul.precedence() + 1))?;
        if let Expr::Number(mut number) = expr {
            if op == UnaryOp::Minus {
                number.value = -number.value;
            }
            number.span = sign.to(number.span);
            return Ok(Expr::Number(number));
        }
        self.grow(self.height)?;
        let span = sign.to(expr.span());
        Ok(Expr::Unary(Box::new(Unary { op, expr, span })))
    }

    fn postfix(&mut self) -> Parsed<Expr> {
        let mut expr = self.primary()?;
        loop {
            match self.peek() {
                TokenKind::LeftBracket => {
                    self.grow(self.height)?;
                    expr = self.range_or_subquery(expr)?;
                }
                TokenKind::At => self.at_modifier(&mut expr)?,
                TokenKind::Keyword(Keyword::Offset) => self.offset(&mut expr)?,
                TokenKind::Keyword(Keyword::Anchored | Keyword::Smoothed) => self.edges(&mut expr),
                _ => return Ok(expr),
            }
        }
    }

    fn primary(&mut self) -> Parsed<Expr> {
        self.height = 1;
        let called = self.peek_second() == TokenKind::LeftParen;
        match self.peek() {
            TokenKind::Number | TokenKind::Duration => Ok(Expr::Number(self.number_or_duration())),
            TokenKind::String => Ok(Expr::String(self.string_literal())),
            TokenKind::LeftParen => self.paren(),
            TokenKind::Aggregate(op) if called || self.grouping_follows() => self.aggregate(op),
            TokenKind::Identifier if called => self.call(),
            TokenKind::Keyword(keyword) if called && keyword.is_function() => self.call(),
            kind if kind == TokenKind::LeftBrace || is_metric_name(kind) => {
                Ok(Expr::Vector(Box::new(self.vector_selector()?)))
            }
            _ => self.unexpected("", ""),
        }
    }

    fn grouping_follows(&self) -> bool {
        matches!(self.peek_second(), TokenKind::Keyword(Keyword::By | Keyword::Without))
    }

    fn paren(&mut self) -> Parsed<Expr> {
        let open = self.advance().span;
        let expr = self.expression()?;
        let close = self.expect(TokenKind::RightParen, "", "")?.span;
        self.grow(self.height)?;
        Ok(Expr::Paren(Box::new(Paren { expr, span: open.to(close) })))
    }
}

#[cfg(test)]
mod tests {
    use crate::parse;

    /// The structure, made visible with parentheses.
    fn shape(expr: &crate::Expr) -> String {
        match expr {
            crate::Expr::Binary(binary) => {
                format!("({} {} {})", shape(&binary.left), binary.op.as_str(), shape(&binary.right))
            }
            crate::Expr::Unary(unary) => format!("-({})", shape(&unary.expr)),
            other => other.to_string(),
        }
    }

    #[test]
    fn operators_bind_as_upstream_binds_them() {
        for (query, want) in [
            ("a + b * c ^ d ^ e", "(a + (b * (c ^ (d ^ e))))"),
            ("-a ^ b * c", "(-((a ^ b)) * c)"),
            ("2 ^ -3 * 4", "((2 ^ -3) * 4)"),
            ("a or b and c unless d > e", "(a or ((b and c) unless (d > e)))"),
            ("a - b - c", "((a - b) - c)"),
            ("a atan2 b / c", "((a atan2 b) / c)"),
        ] {
            assert_eq!(shape(&parse(query).unwrap()), want, "{query}");
        }
    }
}
