//! Stream selectors, pipelines and line filters.

use super::Parser;
use crate::ast::{LineFilter, LineOp, LinePattern, LogExpr, Span, Stage, StageKind};
use crate::error::Problem;
use crate::lexer::Token;
use lgtm_model::{MatchOp, Matcher};
use regex::RegexBuilder;

/// Compiled size of one regular expression, in bytes.
const REGEX_SIZE_BYTES_MAX: usize = 4 << 20;

/// A log expression with the window that stood somewhere in it.
pub(super) struct LogRange {
    pub log: LogExpr,
    pub window: Option<(i64, i64)>,
}

impl Parser {
    /// `{a="b", c=~"d"}`
    pub(super) fn selector(&mut self) -> Result<(Vec<Matcher>, Span), Problem> {
        let open = self.expect_symbol("{")?;
        let mut matchers = Vec::new();
        while !self.is_symbol("}") {
            if !matchers.is_empty() {
                if !self.is_symbol(",") {
                    return Err(self.unexpected("\"}\" or \",\""));
                }
                self.advance();
                if self.is_symbol("}") {
                    break;
                }
            }
            matchers.push(self.matcher()?);
        }
        let close = self.expect_symbol("}")?;
        Ok((matchers, open.to(close)))
    }

    fn matcher(&mut self) -> Result<Matcher, Problem> {
        let name = self.name()?;
        let op = self.match_op().ok_or_else(|| self.unexpected("one of = != =~ !~"))?;
        self.advance();
        let value = self.text()?;
        Matcher::new(name, op, value).map_err(|error| Problem::new(self.last_span(), error.to_string()))
    }

    pub(super) fn match_op(&self) -> Option<MatchOp> {
        match self.peek() {
            Token::Symbol("=") => Some(MatchOp::Equal),
            Token::Symbol("!=") => Some(MatchOp::NotEqual),
            Token::Symbol("=~") => Some(MatchOp::Regex),
            Token::Symbol("!~") => Some(MatchOp::NotRegex),
            _ => None,
        }
    }

    /// A selector with its pipeline; `[5m]` and `offset` may stand before, within or after, and within parentheses.
    pub(super) fn log_range(&mut self) -> Result<LogRange, Problem> {
        if self.is_symbol("(") {
            let open = self.expect_symbol("(")?;
            let mut inner = self.deeper(Self::log_range)?;
            let close = self.expect_symbol(")")?;
            inner.log.span = open.to(close);
            self.window(&mut inner.window)?;
            return Ok(inner);
        }
        let (matchers, span) = self.selector()?;
        let mut window = None;
        self.window(&mut window)?;
        let mut stages = Vec::new();
        while let Some(stage) = self.stage()? {
            stages.push(stage);
        }
        self.window(&mut window)?;
        Ok(LogRange { log: LogExpr { matchers, stages, span: span.to(self.last_span()) }, window })
    }

    /// Reads `[5m]` and `offset 5m` when they stand here.
    fn window(&mut self, window: &mut Option<(i64, i64)>) -> Result<(), Problem> {
        let Token::Range(range_ns) = *self.peek() else { return Ok(()) };
        if window.is_some() {
            return Err(self.unexpected("one range only"));
        }
        self.advance();
        let mut offset_ns = 0;
        if self.take_word("offset") {
            let negative = self.take_symbol("-");
            let Token::Duration(duration_ns) = *self.peek() else { return Err(self.unexpected("a duration")) };
            self.advance();
            offset_ns = if negative { -duration_ns } else { duration_ns };
        }
        *window = Some((range_ns, offset_ns));
        Ok(())
    }

    fn stage(&mut self) -> Result<Option<Stage>, Problem> {
        let start = self.span();
        let kind = match line_op(self.peek()) {
            Some(op) => {
                self.advance();
                StageKind::LineFilter(self.line_filter(op)?)
            }
            None if self.take_symbol("|") => self.piped_stage()?,
            None => return Ok(None),
        };
        Ok(Some(Stage { kind, span: start.to(self.last_span()) }))
    }

    fn line_filter(&mut self, op: LineOp) -> Result<LineFilter, Problem> {
        let mut alternatives = vec![self.line_pattern(op)?];
        while self.take_word("or") {
            alternatives.push(self.line_pattern(op)?);
        }
        Ok(LineFilter { op, alternatives })
    }

    fn line_pattern(&mut self, op: LineOp) -> Result<LinePattern, Problem> {
        if self.is_word("ip") && *self.peek_at(1) == Token::Symbol("(") {
            if !matches!(op, LineOp::Contains | LineOp::NotContains) {
                return Err(Problem::new(self.span(), "ip() stands only after |= and !="));
            }
            return Ok(LinePattern::Ip(self.ip()?));
        }
        let text = self.text()?;
        match op {
            LineOp::Contains | LineOp::NotContains => Ok(LinePattern::Text(text)),
            LineOp::Pattern | LineOp::NotPattern => Ok(LinePattern::Pattern(text)),
            LineOp::Matches | LineOp::NotMatches => {
                // Upstream parses such a query and fails when it runs; here the plan refuses it.
                let built = RegexBuilder::new(&text).size_limit(REGEX_SIZE_BYTES_MAX).build();
                let invalid = |error| LinePattern::InvalidRegex(regex_problem(self.last_span(), &error).message);
                Ok(built.map_or_else(invalid, LinePattern::Regex))
            }
        }
    }

    /// `ip("…")`
    pub(super) fn ip(&mut self) -> Result<String, Problem> {
        self.advance();
        self.expect_symbol("(")?;
        let text = self.text()?;
        self.expect_symbol(")")?;
        Ok(text)
    }
}

fn line_op(token: &Token) -> Option<LineOp> {
    let Token::Symbol(symbol) = token else { return None };
    match *symbol {
        "|=" => Some(LineOp::Contains),
        "!=" => Some(LineOp::NotContains),
        "|~" => Some(LineOp::Matches),
        "!~" => Some(LineOp::NotMatches),
        "|>" => Some(LineOp::Pattern),
        "!>" => Some(LineOp::NotPattern),
        _ => None,
    }
}

/// A regular expression's error, on one line.
pub(super) fn regex_problem(span: Span, error: &regex::Error) -> Problem {
    let text = error.to_string();
    let reason = text.lines().last().unwrap_or("invalid").trim().trim_start_matches("error: ");
    Problem::new(span, format!("error parsing regexp: {reason}"))
}

#[cfg(test)]
mod tests {
    use crate::{Expr, StageKind, parse};

    #[test]
    fn line_filters_take_alternatives() {
        let Expr::Log(log) = parse(r#"{a="b"} |= "x" or "y" !~ "z+""#).unwrap() else { panic!() };
        let filters: Vec<_> = log
            .stages
            .iter()
            .map(|stage| match &stage.kind {
                StageKind::LineFilter(filter) => filter,
                other => panic!("{other:?}"),
            })
            .collect();
        assert!(filters[0].matches("has y") && !filters[0].matches("neither"));
        assert!(filters[1].matches("none") && !filters[1].matches("zz"));
    }
}
