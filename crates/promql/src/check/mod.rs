//! The checker: types, numbers of arguments and what upstream refuses for being a likely mistake.
//!
//! It also settles what only types tell: the matching of a binary operation exists only between two vectors, and is
//! many-to-many for set operators.

mod binary;
mod call;

use crate::ast::{Aggregate, AggregateOp, Expr, Span, ValueType, VectorSelector};
use crate::error::ParseError;
use crate::quote::quote;
use lgtm_model::METRIC_NAME;

/// Checks a tree and settles its matchings. Gives all problems, those of operands before those of operators.
pub(crate) fn check(expr: &mut Expr) -> Vec<ParseError> {
    let mut checker = Checker { errors: Vec::new() };
    checker.expression(expr);
    checker.errors
}

struct Checker {
    errors: Vec<ParseError>,
}

impl Checker {
    fn note(&mut self, span: Span, message: String) -> &mut ParseError {
        self.errors.push(ParseError::new(span, message));
        let last = self.errors.len() - 1;
        &mut self.errors[last]
    }

    fn expression(&mut self, expr: &mut Expr) -> ValueType {
        let value_type = expr.value_type();
        let span = expr.span();
        match expr {
            Expr::Number(_) | Expr::String(_) => {}
            Expr::Vector(selector) => self.selector(selector),
            Expr::Matrix(matrix) => self.selector(&matrix.selector),
            Expr::Paren(paren) => {
                self.expression(&mut paren.expr);
            }
            Expr::Subquery(subquery) => {
                let inner = self.expression(&mut subquery.expr);
                if inner != ValueType::Vector {
                    self.note(span, format!("subquery is only allowed on instant vector, got {inner} instead"));
                }
            }
            Expr::Unary(unary) => {
                let inner = self.expression(&mut unary.expr);
                if !matches!(inner, ValueType::Scalar | ValueType::Vector) {
                    let message = "unary expression only allowed on expressions of type scalar or instant vector, got";
                    self.note(span, format!("{message} {}", quote(inner.documented())));
                }
            }
            Expr::Aggregate(aggregate) => self.aggregate(aggregate),
            Expr::Call(call) => self.call(call),
            Expr::Binary(binary) => self.binary(binary),
        }
        value_type
    }

    fn expect_type(&mut self, expr: &mut Expr, want: ValueType, context: &str) {
        let got = self.expression(expr);
        if got != want {
            let message = format!("expected type {} in {context}, got {}", want.documented(), got.documented());
            let hint = call::hint_for_type(expr, want, got);
            self.note(expr.span(), message).hint = hint;
        }
    }

    fn aggregate(&mut self, aggregate: &mut Aggregate) {
        self.expect_type(&mut aggregate.expr, ValueType::Vector, "aggregation expression");
        if let Some(param) = &mut aggregate.param {
            let want = if aggregate.op == AggregateOp::CountValues { ValueType::String } else { ValueType::Scalar };
            self.expect_type(param, want, "aggregation parameter");
        }
    }

    fn selector(&mut self, selector: &VectorSelector) {
        let Some(name) = &selector.name else {
            if selector.matchers.iter().all(lgtm_model::Matcher::matches_empty) {
                self.note(selector.span, "vector selector must contain at least one non-empty matcher".to_owned())
                    .hint = Some("add a metric name, or a matcher that does not match the empty text".to_owned());
            }
            return;
        };
        // The last matcher is that of the name before the braces.
        let others = selector.matchers.len().saturating_sub(1);
        for matcher in selector.matchers[..others].iter().filter(|matcher| matcher.name() == METRIC_NAME) {
            let (first, second) = (quote(name), quote(matcher.value()));
            self.note(selector.span, format!("metric name must not be set twice: {first} or {second}"));
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::parse;

    #[test]
    fn types_are_checked_everywhere() {
        for (query, message) in [
            ("{}", "1:1: parse error: vector selector must contain at least one non-empty matcher"),
            ("a{__name__='b'}", "1:1: parse error: metric name must not be set twice: \"a\" or \"b\""),
            ("sum(1)", "1:5: parse error: expected type instant vector in aggregation expression, got scalar"),
            ("1[5m:]", "1:1: parse error: subquery is only allowed on instant vector, got scalar instead"),
        ] {
            assert_eq!(parse(query).unwrap_err().to_string(), message);
        }
    }
}
