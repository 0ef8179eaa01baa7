//! `| a="b" and (c > 5 or d <= 20ms), e=~"f"`: `and`, a comma and mere neighbourhood all mean "both" and bind tighter
//! than `or`.

use super::Parser;
use crate::ast::{FilterValue, LabelFilter, ValueOp};
use crate::error::Problem;
use crate::lexer::Token;
use lgtm_model::{MatchOp, Matcher};

impl Parser {
    pub(super) fn label_filter(&mut self) -> Result<LabelFilter, Problem> {
        let mut left = self.label_filter_both()?;
        while self.take_word("or") {
            left = LabelFilter::Or(Box::new(left), Box::new(self.label_filter_both()?));
        }
        Ok(left)
    }

    fn label_filter_both(&mut self) -> Result<LabelFilter, Problem> {
        let mut left = self.label_filter_one()?;
        loop {
            let joined = self.take_word("and") || self.take_symbol(",");
            let follows = self.is_symbol("(") || matches!(self.peek(), Token::Ident(word) if word != "or");
            if !joined && !follows {
                return Ok(left);
            }
            left = LabelFilter::And(Box::new(left), Box::new(self.label_filter_one()?));
        }
    }

    fn label_filter_one(&mut self) -> Result<LabelFilter, Problem> {
        if self.take_symbol("(") {
            let inner = self.deeper(Self::label_filter)?;
            self.expect_symbol(")")?;
            return Ok(inner);
        }
        let name = self.name()?;
        let is_ip = |parser: &Self| matches!(parser.peek_at(1), Token::Ident(word) if word == "ip");
        match self.match_op() {
            Some(op) if matches!(self.peek_at(1), Token::Text(_)) => {
                self.advance();
                let value = self.text()?;
                let built = Matcher::new(name, op, value);
                built.map(LabelFilter::Matcher).map_err(|error| Problem::new(self.last_span(), error.to_string()))
            }
            Some(op @ (MatchOp::Equal | MatchOp::NotEqual)) if is_ip(self) => {
                self.advance();
                let op = if op == MatchOp::Equal { ValueOp::Equal } else { ValueOp::NotEqual };
                Ok(LabelFilter::Compare { name, op, value: FilterValue::Ip(self.ip()?) })
            }
            _ => self.comparison(name),
        }
    }

    fn comparison(&mut self, name: String) -> Result<LabelFilter, Problem> {
        let op = match self.peek() {
            Token::Symbol("=" | "==") => ValueOp::Equal,
            Token::Symbol("!=") => ValueOp::NotEqual,
            Token::Symbol(">") => ValueOp::Greater,
            Token::Symbol(">=") => ValueOp::GreaterEqual,
            Token::Symbol("<") => ValueOp::Less,
            Token::Symbol("<=") => ValueOp::LessEqual,
            Token::Symbol("=~" | "!~") => {
                self.advance();
                return Err(self.unexpected("a string"));
            }
            _ => return Err(self.unexpected("a comparison such as = or >")),
        };
        self.advance();
        let sign = if self.take_symbol("-") { -1.0 } else { 1.0 };
        let value = match *self.peek() {
            Token::Number(number) => FilterValue::Number(sign * number),
            Token::Duration(duration_ns) => FilterValue::Duration(sign * duration_ns as f64 / 1e9),
            Token::Bytes(bytes) => FilterValue::Bytes(sign * bytes),
            _ => return Err(self.unexpected("a string, number, duration or size")),
        };
        self.advance();
        Ok(LabelFilter::Compare { name, op, value })
    }
}

#[cfg(test)]
mod tests {
    use crate::{Expr, LabelFilter, StageKind, parse};

    #[test]
    fn neighbours_and_commas_bind_tighter_than_or() {
        let Expr::Log(log) = parse(r#"{a="b"} | x="1" y="2", z="3" or w>-5ms"#).unwrap() else { panic!() };
        let StageKind::LabelFilter(LabelFilter::Or(left, _)) = &log.stages[0].kind else { panic!() };
        assert!(matches!(**left, LabelFilter::And(..)));
    }
}
