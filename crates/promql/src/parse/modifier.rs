//! What follows an expression: `[5m]`, `[1h:1m]`, `offset 5m`, `@ 0`, `anchored`, `smoothed`.

use super::{Parsed, Parser};
use crate::ast::{At, BinaryOp, DurationExpr, Expr, MatrixSelector, Span, Subquery, VectorEdges, VectorSelector};
use crate::error::ParseError;
use crate::lex::{Keyword, TokenKind};
use lgtm_model::TimestampMs;

impl Parser<'_> {
    pub(super) fn range_or_subquery(&mut self, expr: Expr) -> Parsed<Expr> {
        let open = self.advance().span;
        self.duration_place = ("subquery or range selector", "number, duration, step(), or range()");
        let range = self.positive_duration()?;
        if let Some(close) = self.eat(TokenKind::RightBracket) {
            return Ok(self.matrix(expr, range, open.to(close.span)));
        }
        self.expect(TokenKind::Colon, "subquery or range", "\":\" or \"]\"")?;
        let mut step = None;
        if self.peek() != TokenKind::RightBracket {
            self.duration_place = ("subquery selector", "number, duration, step(), range(), or \"]\"");
            step = Some(self.positive_duration()?);
        }
        let close = self.expect(TokenKind::RightBracket, "subquery selector", "\"]\"")?.span;
        let span = expr.span().to(close);
        Ok(Expr::Subquery(Box::new(Subquery { expr, range, step, offset: None, at: None, span })))
    }

    fn matrix(&mut self, expr: Expr, range: DurationExpr, brackets: Span) -> Expr {
        let span = expr.span().to(brackets);
        let problem = match &expr {
            Expr::Vector(selector) if selector.offset.is_some() => "no offset modifiers allowed before range",
            Expr::Vector(selector) if selector.at.is_some() => "no @ modifiers allowed before range",
            Expr::Vector(_) => "",
            _ => "ranges only allowed for vector selectors",
        };
        if !problem.is_empty() {
            let hint = match &expr {
                Expr::Vector(_) => "put the range right behind the selector: x[5m] offset 1h",
                _ => "write a subquery, with a colon: [5m:]",
            };
            self.note(ParseError::new(brackets, problem).with_hint(hint));
        }
        let selector = match expr {
            Expr::Vector(selector) => *selector,
            // Something must stand in the tree; the query is refused anyway.
            other => VectorSelector {
                name: None,
                matchers: Vec::new(),
                offset: None,
                at: None,
                edges: VectorEdges::Samples,
                span: other.span(),
            },
        };
        Expr::Matrix(Box::new(MatrixSelector { selector, range, span }))
    }

    pub(super) fn offset(&mut self, expr: &mut Expr) -> Parsed<()> {
        self.advance();
        self.duration_place = ("offset", "number, duration, step(), or range()");
        let offset = self.offset_duration()?;
        let (before, end) = (expr.span(), self.last_end());
        let Some(modifiers) = Modifiers::of(expr) else {
            let message =
                "offset modifier must be preceded by an instant vector selector or range vector selector or a subquery";
            self.note(ParseError::new(before, message));
            return Ok(());
        };
        if modifiers.offset.is_some() {
            self.note(ParseError::new(before, "offset may not be set multiple times"));
            return Ok(());
        }
        // An offset of zero is none, for upstream even in front of another one.
        let is_zero = matches!(&offset, DurationExpr::Literal(number) if (number.value * 1e9).round() == 0.0);
        *modifiers.offset = if is_zero { None } else { Some(offset) };
        modifiers.span.end = end;
        Ok(())
    }

    pub(super) fn at_modifier(&mut self, expr: &mut Expr) -> Parsed<()> {
        self.advance();
        let at = self.at_value(expr)?;
        let (before, end) = (expr.span(), self.last_end());
        let Some(modifiers) = Modifiers::of(expr) else {
            let message =
                "@ modifier must be preceded by an instant vector selector or range vector selector or a subquery";
            self.note(ParseError::new(before, message));
            return Ok(());
        };
        if modifiers.at.is_some() {
            self.note(ParseError::new(before, "@ <timestamp> may not be set multiple times"));
            return Ok(());
        }
        *modifiers.at = Some(at);
        modifiers.span.end = end;
        Ok(())
    }

    fn at_value(&mut self, expr: &Expr) -> Parsed<At> {
        let sign = match self.peek() {
            TokenKind::Keyword(keyword @ (Keyword::Start | Keyword::End)) => {
                self.advance();
                if self.eat(TokenKind::LeftParen).is_none() || self.eat(TokenKind::RightParen).is_none() {
                    return self.unexpected("@", "timestamp");
                }
                return Ok(if keyword == Keyword::Start { At::Start } else { At::End });
            }
            TokenKind::Operator(op @ (BinaryOp::Add | BinaryOp::Sub)) => {
                self.advance();
                Some(op)
            }
            _ => None,
        };
        if !matches!(self.peek(), TokenKind::Number | TokenKind::Duration) {
            return self.unexpected("@", "timestamp");
        }
        let seconds = self.signed_number(sign == Some(BinaryOp::Sub), None).value;
        let limit = i64::MAX as f64;
        if !seconds.is_finite() || seconds >= limit || seconds <= -limit {
            let shown = match seconds {
                f64::INFINITY => "+Inf".to_owned(),
                f64::NEG_INFINITY => "-Inf".to_owned(),
                _ => format!("{seconds:.6}"),
            };
            let message = format!("timestamp out of bounds for @ modifier: {shown}");
            self.note(ParseError::new(expr.span(), message).with_hint("write seconds since 1970"));
        }
        Ok(At::Timestamp(TimestampMs((seconds * 1000.0).round() as i64)))
    }

    pub(super) fn edges(&mut self, expr: &mut Expr) {
        let token = self.advance();
        let smoothed = token.kind == TokenKind::Keyword(Keyword::Smoothed);
        let (edges, word) =
            if smoothed { (VectorEdges::Smoothed, "smoothed") } else { (VectorEdges::Anchored, "anchored") };
        let span = expr.span();
        let selector = match expr {
            Expr::Vector(selector) => &mut **selector,
            Expr::Matrix(matrix) => &mut matrix.selector,
            Expr::Subquery(_) => {
                self.note(ParseError::new(span, format!("{word} modifier is not supported for subqueries")));
                return;
            }
            _ => {
                self.note(ParseError::new(span, format!("{word} modifier not implemented")));
                return;
            }
        };
        if selector.edges != VectorEdges::Samples && selector.edges != edges {
            self.note(ParseError::new(span, "anchored and smoothed modifiers cannot be used together"));
        }
        selector.edges = edges;
    }
}

/// What `offset` and `@` change in an expression.
struct Modifiers<'a> {
    offset: &'a mut Option<DurationExpr>,
    at: &'a mut Option<At>,
    span: &'a mut Span,
}

impl<'a> Modifiers<'a> {
    fn of(expr: &'a mut Expr) -> Option<Self> {
        match expr {
            Expr::Vector(selector) => {
                let VectorSelector { offset, at, span, .. } = &mut **selector;
                Some(Self { offset, at, span })
            }
            Expr::Matrix(matrix) => {
                let MatrixSelector { selector, span, .. } = &mut **matrix;
                Some(Self { offset: &mut selector.offset, at: &mut selector.at, span })
            }
            Expr::Subquery(subquery) => {
                let Subquery { offset, at, span, .. } = &mut **subquery;
                Some(Self { offset, at, span })
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::parse;

    #[test]
    fn modifiers_stand_in_any_order_once() {
        assert_eq!(parse("x[5m] offset 1h @ 10 smoothed").unwrap().to_string(), "x[5m] smoothed @ 10.000 offset 1h");
        assert_eq!(parse("x offset 0s").unwrap().to_string(), "x");
        for query in ["x @ 1 @ 2", "x offset 1s offset 2s", "x anchored smoothed", "1 @ 1", "x[5m:] anchored"] {
            assert!(parse(query).is_err(), "{query}");
        }
    }

    #[test]
    fn a_range_on_an_expression_suggests_a_subquery() {
        let error = parse("rate(x[1m])[5m]").unwrap_err().errors.remove(0);
        assert_eq!(error.hint.as_deref(), Some("write a subquery, with a colon: [5m:]"));
    }
}
