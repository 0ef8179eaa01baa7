//! `sum by (job) (expr)`, `sum(expr) by (job)`, `topk(3, expr)`.

use super::{Abort, Parsed, Parser};
use crate::ast::{Aggregate, AggregateOp, Expr, Span};
use crate::error::ParseError;
use crate::lex::{Keyword, TokenKind};

impl Parser<'_> {
    pub(super) fn aggregate(&mut self, op: AggregateOp) -> Parsed<Expr> {
        let start = self.advance().span.start;
        self.aggregations += 1;
        let mut modifier = self.grouping_modifier()?;
        let args = self.arguments()?;
        self.aggregations -= 1;
        if modifier.is_none() {
            modifier = self.grouping_modifier()?;
        }
        let span = Span::new(start, self.last_end());
        let (without, grouping) = modifier.unwrap_or_default();
        let (param, expr) = self.split_arguments(op, args, span)?;
        Ok(Expr::Aggregate(Box::new(Aggregate { op, expr, param, grouping, without, span })))
    }

    fn grouping_modifier(&mut self) -> Parsed<Option<(bool, Vec<String>)>> {
        let without = match self.peek() {
            TokenKind::Keyword(Keyword::By) => false,
            TokenKind::Keyword(Keyword::Without) => true,
            _ => return Ok(None),
        };
        self.advance();
        Ok(Some((without, self.grouping_labels()?)))
    }

    fn split_arguments(&mut self, op: AggregateOp, args: Vec<Expr>, span: Span) -> Parsed<(Option<Expr>, Expr)> {
        let (given, wanted) = (args.len(), 1 + usize::from(op.has_param()));
        let mut args = args.into_iter();
        if given != wanted {
            let message = match given {
                0 => "no arguments for aggregate expression provided".to_owned(),
                _ => format!(
                    "wrong number of arguments for aggregate expression provided, expected {wanted}, got {given}"
                ),
            };
            let usage = match op {
                AggregateOp::CountValues => "write count_values(\"label\", expression)".to_owned(),
                _ if op.has_param() => format!("write {}(number, expression)", op.as_str()),
                _ => format!("write {}(expression)", op.as_str()),
            };
            self.note(ParseError::new(span, message).with_hint(usage));
            // Something must stand in the tree; the query is refused anyway.
            return match args.next() {
                Some(expr) => Ok((None, expr)),
                None => Err(Abort),
            };
        }
        let param = if op.has_param() { args.next() } else { None };
        args.next().map(|expr| (param, expr)).ok_or(Abort)
    }
}

#[cfg(test)]
mod tests {
    use crate::{Expr, parse};

    #[test]
    fn the_modifier_stands_before_or_behind() {
        for query in ["sum by (a, b) (x)", "sum(x) by (a, b,)", "SUM BY (a,'b') (x)"] {
            let Expr::Aggregate(sum) = parse(query).unwrap() else { panic!("{query}") };
            assert_eq!((sum.grouping, sum.without), (vec!["a".to_owned(), "b".to_owned()], false));
        }
    }

    #[test]
    fn an_aggregation_word_alone_is_a_metric() {
        assert!(matches!(parse("sum").unwrap(), Expr::Vector(_)));
        assert!(matches!(parse("sum{a='b'}").unwrap(), Expr::Vector(_)));
    }

    #[test]
    fn a_missing_parameter_shows_how_to_write_it() {
        let error = parse("topk(x)").unwrap_err().errors.remove(0);
        assert_eq!(error.hint.as_deref(), Some("write topk(number, expression)"));
    }
}
