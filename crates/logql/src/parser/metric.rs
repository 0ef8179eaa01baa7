//! Numbers over log lines: range functions, aggregations, binary operators by precedence.

use super::Parser;
use super::log::regex_problem;
use crate::ast::{Aggregation, BinaryOp, Expr, Grouping, Matching, RangeExpr, RangeOp, SampleExpr, Span, VectorOp};
use crate::error::Problem;
use crate::lexer::Token;
use regex::Regex;

const RANGE_OPS: [&str; 17] = [
    "absent_over_time",
    "avg_over_time",
    "bytes_over_time",
    "bytes_rate",
    "count_over_time",
    "first_over_time",
    "last_over_time",
    "max_over_time",
    "min_over_time",
    "quantile_over_time",
    "rate",
    "rate_counter",
    "stddev_over_time",
    "stdvar_over_time",
    "sum_over_time",
    "__count_min_sketch__",
    "__quantile_sketch_over_time__",
];

const VECTOR_OPS: [&str; 12] =
    ["approx_topk", "avg", "bottomk", "count", "max", "min", "sort", "sort_desc", "stddev", "stdvar", "sum", "topk"];

/// Binary operators with how tightly they bind; `^` alone is right-associative.
const BINARY_OPS: [(&str, u8); 15] = [
    ("or", 1),
    ("and", 2),
    ("unless", 2),
    ("==", 3),
    ("!=", 3),
    (">", 3),
    (">=", 3),
    ("<", 3),
    ("<=", 3),
    ("+", 4),
    ("-", 4),
    ("*", 5),
    ("/", 5),
    ("%", 5),
    ("^", 6),
];

impl Parser {
    /// Any expression, from the loosest operator down.
    pub(super) fn expression(&mut self) -> Result<Expr, Problem> {
        self.deeper(|parser| parser.binary(1))
    }

    fn binary(&mut self, loosest: u8) -> Result<Expr, Problem> {
        let mut left = self.primary()?;
        while let Some((op, binding)) = self.binary_op().filter(|(_, binding)| *binding >= loosest) {
            let op_span = self.span();
            self.advance();
            let matching = self.matching()?;
            let next = if op == "^" { binding } else { binding + 1 };
            let right = self.deeper(|parser| parser.binary(next))?;
            let side = |expr, leg| sample_side(expr, leg, op, op_span);
            let (left_side, right_side) = (side(left, "left")?, side(right, "right")?);
            let span = left_side.span().to(right_side.span());
            left = Expr::Sample(SampleExpr::Binary {
                op: BinaryOp(op),
                matching,
                left: Box::new(left_side),
                right: Box::new(right_side),
                span,
            });
        }
        Ok(left)
    }

    fn binary_op(&self) -> Option<(&'static str, u8)> {
        let written = match self.peek() {
            Token::Symbol(symbol) => *symbol,
            Token::Ident(word) => word.as_str(),
            _ => return None,
        };
        BINARY_OPS.into_iter().find(|(op, _)| *op == written)
    }

    /// `bool on (a) group_left (b)` after an operator.
    fn matching(&mut self) -> Result<Option<Matching>, Problem> {
        let mut matching = Matching { returns_bool: self.take_word("bool"), ..Matching::default() };
        for (word, on) in [("on", true), ("ignoring", false)] {
            if matching.labels.is_none() && self.take_word(word) {
                matching.labels = Some((on, self.names()?));
            }
        }
        for (word, left) in [("group_left", true), ("group_right", false)] {
            if matching.labels.is_some() && matching.group.is_none() && self.take_word(word) {
                let labels = if self.is_symbol("(") && !self.opens_expression() { self.names()? } else { Vec::new() };
                matching.group = Some((left, labels));
            }
        }
        Ok((matching != Matching::default()).then_some(matching))
    }

    /// Whether the parenthesis here holds an expression rather than a list of names.
    fn opens_expression(&self) -> bool {
        !matches!(self.peek_at(1), Token::Symbol(")"))
            && !matches!((self.peek_at(1), self.peek_at(2)), (Token::Ident(_), Token::Symbol("," | ")")))
    }

    fn primary(&mut self) -> Result<Expr, Problem> {
        let start = self.span();
        match self.peek().clone() {
            Token::Symbol("{") => self.log_only(),
            Token::Symbol("(") if self.parenthesis_holds_logs() => self.log_only(),
            Token::Symbol("(") => {
                self.advance();
                let inner = self.expression()?;
                self.expect_symbol(")")?;
                Ok(inner)
            }
            Token::Symbol("+" | "-") | Token::Number(_) => {
                let number = self.number()?;
                Ok(Expr::Sample(SampleExpr::Number(number, start.to(self.last_span()))))
            }
            Token::Ident(word) => self.function(&word, start).map(Expr::Sample),
            _ => Err(self.unexpected("a selector such as {app=\"x\"}, or a function")),
        }
    }

    fn parenthesis_holds_logs(&self) -> bool {
        let mut ahead = 0;
        while *self.peek_at(ahead) == Token::Symbol("(") {
            ahead += 1;
        }
        *self.peek_at(ahead) == Token::Symbol("{")
    }

    fn log_only(&mut self) -> Result<Expr, Problem> {
        let start = self.at;
        let read = self.log_range()?;
        if read.window.is_some() {
            let range = (start..self.at).find(|at| matches!(self.tokens[*at].0, Token::Range(_)));
            let span = range.map_or(read.log.span, |at| self.tokens[at].1);
            return Err(Problem::new(span, "syntax error: unexpected range")
                .hint("a range stands within a function such as rate({…}[5m])"));
        }
        Ok(Expr::Log(read.log))
    }

    fn number(&mut self) -> Result<f64, Problem> {
        let sign = if self.take_symbol("-") {
            -1.0
        } else {
            self.take_symbol("+");
            1.0
        };
        let Token::Number(number) = *self.peek() else { return Err(self.unexpected("a number")) };
        self.advance();
        Ok(sign * number)
    }

    fn function(&mut self, word: &str, start: Span) -> Result<SampleExpr, Problem> {
        let find = |ops: &[&'static str]| ops.iter().copied().find(|op| *op == word);
        if let Some(op) = find(&RANGE_OPS) {
            return self.range_function(RangeOp(op), start);
        }
        if let Some(op) = find(&VECTOR_OPS) {
            return self.aggregation(VectorOp(op), start);
        }
        match word {
            "vector" => {
                self.advance();
                self.expect_symbol("(")?;
                let number = self.number()?;
                self.expect_symbol(")")?;
                Ok(SampleExpr::Vector(number, start.to(self.last_span())))
            }
            "label_replace" => self.label_replace(start),
            _ => Err(self.unexpected("a selector such as {app=\"x\"}, or a function")),
        }
    }

    fn range_function(&mut self, op: RangeOp, start: Span) -> Result<SampleExpr, Problem> {
        self.advance();
        self.expect_symbol("(")?;
        let mut parameter = None;
        if matches!(self.peek(), Token::Number(_) | Token::Symbol("-" | "+")) {
            parameter = Some(self.number()?);
            self.expect_symbol(",")?;
        }
        let read = self.log_range()?;
        let Some((range_ns, offset_ns)) = read.window else {
            return Err(self.unexpected("a range such as [5m]"));
        };
        self.expect_symbol(")")?;
        let grouping = self.grouping()?;
        let span = start.to(self.last_span());
        let range = RangeExpr { op, parameter, log: read.log, range_ns, offset_ns, grouping, span, op_span: start };
        Ok(SampleExpr::Range(Box::new(range)))
    }

    fn grouping(&mut self) -> Result<Option<Grouping>, Problem> {
        let without = self.is_word("without");
        if !without && !self.is_word("by") {
            return Ok(None);
        }
        self.advance();
        Ok(Some(Grouping { without, labels: self.names()? }))
    }

    fn aggregation(&mut self, op: VectorOp, start: Span) -> Result<SampleExpr, Problem> {
        self.advance();
        let mut grouping = self.grouping()?;
        self.expect_symbol("(")?;
        let mut parameter = None;
        if matches!(self.peek(), Token::Number(_)) && *self.peek_at(1) == Token::Symbol(",") {
            let number = self.number()?;
            parameter = Some(count_parameter(number, self.last_span())?);
            self.expect_symbol(",")?;
        }
        let inner = match self.expression()? {
            Expr::Sample(inner) => inner,
            Expr::Log(log) => {
                return Err(Problem::new(log.span, format!("{} aggregates numbers, not log lines", op.0))
                    .hint("put a function around the selector, for example count_over_time({…}[5m])"));
            }
        };
        self.expect_symbol(")")?;
        if grouping.is_none() {
            grouping = self.grouping()?;
        }
        let span = start.to(self.last_span());
        Ok(SampleExpr::Aggregate(Box::new(Aggregation { op, parameter, grouping, inner, span, op_span: start })))
    }

    fn label_replace(&mut self, start: Span) -> Result<SampleExpr, Problem> {
        self.advance();
        self.expect_symbol("(")?;
        let inner = sample_side(self.expression()?, "first", "label_replace", start)?;
        for _text in ["destination", "replacement", "source"] {
            self.expect_symbol(",")?;
            self.text()?;
        }
        self.expect_symbol(",")?;
        let pattern = self.text()?;
        Regex::new(&pattern).map_err(|error| {
            let problem = regex_problem(self.last_span(), &error);
            Problem { message: format!("invalid regex in label_replace: {}", problem.message), ..problem }
        })?;
        self.expect_symbol(")")?;
        Ok(SampleExpr::LabelReplace { inner: Box::new(inner), span: start.to(self.last_span()) })
    }
}

fn count_parameter(number: f64, span: Span) -> Result<usize, Problem> {
    if number.fract() != 0.0 || number > f64::from(u32::MAX) {
        return Err(Problem::new(span, "invalid parameter (must be a whole number)"));
    }
    if number < 1.0 {
        return Err(Problem::new(span, "invalid parameter (must be greater than 0)"));
    }
    Ok(number as usize)
}

fn sample_side(expr: Expr, leg: &str, op: &str, op_span: Span) -> Result<SampleExpr, Problem> {
    match expr {
        Expr::Sample(sample) => Ok(sample),
        Expr::Log(log) => {
            let span = if log.span.end > 0 { log.span } else { op_span };
            Err(Problem::new(span, format!("unexpected type for {leg} leg of binary operation ({op}): log lines"))
                .hint("put a function around the selector, for example count_over_time({…}[5m])"))
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::{Expr, SampleExpr, parse};

    #[test]
    fn operators_bind_as_in_promql() {
        let Expr::Sample(SampleExpr::Binary { op, right, .. }) = parse("1 + 2 * 3 ^ 2 ^ 2").unwrap() else { panic!() };
        assert_eq!(op.0, "+");
        let SampleExpr::Binary { op, .. } = *right else { panic!() };
        assert_eq!(op.0, "*");
    }

    #[test]
    fn a_forgotten_function_is_explained() {
        let error = parse(r#"sum({a="b"})"#).unwrap_err();
        assert!(error.hint.unwrap().contains("count_over_time"));
    }
}
