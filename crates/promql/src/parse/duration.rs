//! Durations in brackets and behind `offset`.
//!
//! In brackets there is full arithmetic. Behind `offset` a value ends with its first part, so that `x offset 5m - y`
//! subtracts from the vector; only behind a parenthesis without a sign does arithmetic go on, as upstream's grammar has it.

use super::{Parsed, Parser};
use crate::ast::{BinaryOp, DURATION_SECONDS_MAX, DurationExpr, DurationOp, NumberLiteral, Span, UnaryOp};
use crate::error::ParseError;
use crate::lex::{Keyword, TokenKind};

impl Parser<'_> {
    /// A range or a step. One that is written as a plain number must be positive.
    pub(super) fn positive_duration(&mut self) -> Parsed<DurationExpr> {
        let height = std::mem::replace(&mut self.height, 0);
        let mut duration = self.duration(0)?;
        self.height = height;
        if let DurationExpr::Literal(number) = &mut duration {
            if number.value <= 0.0 {
                self.note(ParseError::new(number.span, "duration must be greater than 0"));
            }
            as_duration(number);
        }
        Ok(duration)
    }

    pub(super) fn offset_duration(&mut self) -> Parsed<DurationExpr> {
        let height = std::mem::replace(&mut self.height, 0);
        let parenthesised = self.peek() == TokenKind::LeftParen;
        let mut duration = self.signed_duration(parenthesised)?;
        if parenthesised {
            duration = self.duration_operators(duration, 0)?;
        }
        self.height = height;
        if let DurationExpr::Literal(number) = &mut duration {
            as_duration(number);
        }
        Ok(duration)
    }

    fn duration(&mut self, precedence_min: u8) -> Parsed<DurationExpr> {
        let left = self.signed_duration(true)?;
        self.duration_operators(left, precedence_min)
    }

    fn duration_operators(&mut self, mut left: DurationExpr, precedence_min: u8) -> Parsed<DurationExpr> {
        loop {
            let TokenKind::Operator(operator) = self.peek() else { return Ok(left) };
            let op = match operator {
                BinaryOp::Add => DurationOp::Add,
                BinaryOp::Sub => DurationOp::Sub,
                BinaryOp::Mul => DurationOp::Mul,
                BinaryOp::Div => DurationOp::Div,
                BinaryOp::Mod => DurationOp::Mod,
                BinaryOp::Pow => DurationOp::Pow,
                _ => return Ok(left),
            };
            let precedence = operator.precedence();
            if precedence < precedence_min {
                return Ok(left);
            }
            let below = self.height;
            let op_span = self.advance().span;
            let right_min = if op == DurationOp::Pow { precedence } else { precedence + 1 };
            let right = self.nested(|parser| parser.duration(right_min))?;
            self.grow(below.max(self.height))?;
            self.refuse_zero(op, &right, op_span);
            left = DurationExpr::Binary(op, Box::new((left, right)));
        }
    }

    fn refuse_zero(&mut self, op: DurationOp, right: &DurationExpr, op_span: Span) {
        let what = match op {
            DurationOp::Div => "division by zero",
            DurationOp::Mod => "modulo by zero",
            _ => return,
        };
        if matches!(right, DurationExpr::Literal(number) if number.value == 0.0) {
            self.note(ParseError::new(op_span, what));
        }
    }

    /// A duration without operators. In an offset, a sign takes only the next part, without `^`.
    fn signed_duration(&mut self, whole: bool) -> Parsed<DurationExpr> {
        let op = match self.peek() {
            TokenKind::Operator(BinaryOp::Add) => UnaryOp::Plus,
            TokenKind::Operator(BinaryOp::Sub) => UnaryOp::Minus,
            _ => return self.duration_part(),
        };
        let sign = self.advance().span;
        let expr = if whole {
            self.nested(|parser| parser.duration(BinaryOp::Mul.precedence() + 1))?
        } else {
            self.duration_part()?
        };
        match expr {
            DurationExpr::Literal(mut number) => {
                if op == UnaryOp::Minus {
                    number.value = -number.value;
                }
                number.span = sign.to(number.span);
                Ok(DurationExpr::Literal(number))
            }
            // A plus changes nothing, and upstream forgets it.
            other if op == UnaryOp::Plus => Ok(other),
            other => {
                let span = sign.to(other.span());
                self.grow(self.height)?;
                Ok(DurationExpr::Unary(op, Box::new(other), span))
            }
        }
    }

    fn duration_part(&mut self) -> Parsed<DurationExpr> {
        self.height = 1;
        match self.peek() {
            TokenKind::Number | TokenKind::Duration => {
                let number = self.number_or_duration();
                if number.value.is_nan() || number.value > DURATION_SECONDS_MAX {
                    self.note(ParseError::new(number.span, "duration out of range"));
                }
                Ok(DurationExpr::Literal(number))
            }
            TokenKind::LeftParen => {
                let open = self.advance().span;
                let inner = self.nested(|parser| parser.duration(0))?;
                let close = self.expect_in_duration(TokenKind::RightParen)?;
                self.grow(self.height)?;
                Ok(DurationExpr::Paren(Box::new(inner), open.to(close)))
            }
            TokenKind::Keyword(keyword) if keyword.is_duration_function() => self.duration_function(keyword),
            _ => self.unexpected(self.duration_place.0, self.duration_place.1),
        }
    }

    fn expect_in_duration(&mut self, kind: TokenKind) -> Parsed<Span> {
        self.expect(kind, self.duration_place.0, self.duration_place.1).map(|token| token.span)
    }

    fn duration_function(&mut self, keyword: Keyword) -> Parsed<DurationExpr> {
        let start = self.advance().span;
        self.expect_in_duration(TokenKind::LeftParen)?;
        if matches!(keyword, Keyword::Step | Keyword::Range) {
            let span = start.to(self.expect_in_duration(TokenKind::RightParen)?);
            return Ok(if keyword == Keyword::Step { DurationExpr::Step(span) } else { DurationExpr::Range(span) });
        }
        let left = self.nested(|parser| parser.duration(0))?;
        let below = self.height;
        self.expect_in_duration(TokenKind::Comma)?;
        let right = self.nested(|parser| parser.duration(0))?;
        self.grow(below.max(self.height))?;
        let span = start.to(self.expect_in_duration(TokenKind::RightParen)?);
        let sides = Box::new((left, right));
        Ok(if keyword == Keyword::MinOf { DurationExpr::MinOf(sides, span) } else { DurationExpr::MaxOf(sides, span) })
    }
}

/// A plain number is a duration in seconds, and is printed as one; upstream rounds it to nanoseconds.
fn as_duration(number: &mut NumberLiteral) {
    number.is_duration = true;
}

#[cfg(test)]
mod tests {
    use crate::parse;

    #[test]
    fn offsets_end_with_their_first_part() {
        for (query, want) in [
            ("x offset 5s-8", "x offset 5s - 8"),
            ("x offset -1^2", "x offset -1s ^ 2"),
            ("(x offset (5m)) + y", "(x offset (5m)) + y"),
            ("x offset (5m) + 2m", "x offset (5m) + 2m"),
            ("x offset step() * 2", "x offset step() * 2"),
        ] {
            assert_eq!(parse(query).unwrap().to_string(), want, "{query}");
        }
        assert!(matches!(parse("x offset (5m) + 2m").unwrap(), crate::Expr::Vector(_)));
        let error = parse("x offset (5m) + y").unwrap_err().errors.remove(0);
        assert_eq!(error.hint.as_deref(), Some("put the selector with its offset in parentheses"));
    }

    #[test]
    fn arithmetic_in_brackets_is_checked_where_it_can_be() {
        for (query, message) in [
            ("x[5m/0]", "1:5: parse error: division by zero"),
            ("x[-5m]", "1:3: parse error: duration must be greater than 0"),
            ("x[9.5e10]", "1:3: parse error: duration out of range"),
        ] {
            assert_eq!(parse(query).unwrap_err().to_string(), message);
        }
        assert!(parse("x[5m*2:step()]").is_ok());
    }
}
