//! Stages that follow a `|`: parsers, formatters, `unwrap`; everything else is a label filter.

use super::Parser;
use super::log::regex_problem;
use crate::ast::{StageKind, Unwrap};
use crate::error::Problem;
use crate::lexer::Token;
use regex::Regex;

impl Parser {
    pub(super) fn piped_stage(&mut self) -> Result<StageKind, Problem> {
        let Token::Ident(word) = self.peek().clone() else { return self.label_filter().map(StageKind::LabelFilter) };
        match word.as_str() {
            "json" => self.extraction("json", &[]),
            "logfmt" => self.extraction("logfmt", &["--strict", "--keep-empty"]),
            "unpack" => self.bare(StageKind::Parser("unpack")),
            "decolorize" => self.bare(StageKind::Format("decolorize")),
            "regexp" => self.regexp(),
            "pattern" => self.pattern(),
            "line_format" => {
                self.advance();
                self.text()?;
                Ok(StageKind::Format("line_format"))
            }
            "label_format" => self.label_format(),
            "drop" => self.label_list("drop"),
            "keep" => self.label_list("keep"),
            "unwrap" => self.unwrap_stage(),
            _ => self.label_filter().map(StageKind::LabelFilter),
        }
    }

    fn bare(&mut self, kind: StageKind) -> Result<StageKind, Problem> {
        self.advance();
        Ok(kind)
    }

    /// `json a, b="c.d"` and `logfmt --strict a="b"`
    fn extraction(&mut self, name: &'static str, flags: &[&str]) -> Result<StageKind, Problem> {
        self.advance();
        while let Token::Flag(flag) = self.peek() {
            if !flags.contains(&flag.as_str()) {
                return Err(Problem::new(self.span(), format!("unknown flag {flag:?} of {name}")));
            }
            self.advance();
        }
        while matches!(self.peek(), Token::Ident(_)) {
            self.advance();
            if self.take_symbol("=") {
                self.text()?;
            }
            if !self.is_symbol(",") {
                break;
            }
            self.advance();
            if !matches!(self.peek(), Token::Ident(_)) {
                return Err(self.unexpected("a label name"));
            }
        }
        Ok(StageKind::Parser(name))
    }

    fn regexp(&mut self) -> Result<StageKind, Problem> {
        self.advance();
        let text = self.text()?;
        let span = self.last_span();
        let regex = Regex::new(&text).map_err(|error| regex_problem(span, &error))?;
        if regex.capture_names().flatten().next().is_none() {
            return Err(Problem::new(span, "at least one named capture must be supplied")
                .hint("name a group, for example (?P<status>\\d+)"));
        }
        Ok(StageKind::Parser("regexp"))
    }

    /// At least one `<name>`, and none directly behind another.
    fn pattern(&mut self) -> Result<StageKind, Problem> {
        self.advance();
        let text = self.text()?;
        let span = self.last_span();
        let hole = |piece: &str| {
            let name = piece.strip_prefix('<')?.split_once('>')?.0;
            let first_ok = name.starts_with(|c: char| c == '_' || c.is_ascii_alphabetic());
            (first_ok && name.chars().all(|c| c == '_' || c.is_ascii_alphanumeric())).then_some(name.len() + 2)
        };
        let (mut at, mut named, mut previous_end) = (0, 0, None);
        while at < text.len() {
            match hole(&text[at..]) {
                Some(_) if previous_end == Some(at) => {
                    return Err(Problem::new(span, "found consecutive capture"));
                }
                Some(length) => {
                    named += usize::from(&text[at..at + length] != "<_>");
                    at += length;
                    previous_end = Some(at);
                }
                None => at += text[at..].chars().next().map_or(1, char::len_utf8),
            }
        }
        if named == 0 {
            return Err(Problem::new(span, "at least one capture is required").hint("for example \"<ip> - <status>\""));
        }
        Ok(StageKind::Parser("pattern"))
    }

    fn label_format(&mut self) -> Result<StageKind, Problem> {
        self.advance();
        let mut seen = Vec::new();
        loop {
            let name = self.name()?;
            if seen.contains(&name) {
                return Err(Problem::new(
                    self.last_span(),
                    format!("multiple label name '{name}' not allowed in a single format operation"),
                ));
            }
            seen.push(name);
            self.expect_symbol("=")?;
            if matches!(self.peek(), Token::Ident(_)) {
                self.advance();
            } else {
                self.text()?;
            }
            if !self.take_symbol(",") {
                return Ok(StageKind::Format("label_format"));
            }
        }
    }

    fn label_list(&mut self, name: &'static str) -> Result<StageKind, Problem> {
        self.advance();
        loop {
            self.name()?;
            if self.match_op().is_some() {
                self.advance();
                self.text()?;
            }
            if !self.take_symbol(",") {
                return Ok(StageKind::Format(name));
            }
        }
    }

    fn unwrap_stage(&mut self) -> Result<StageKind, Problem> {
        self.advance();
        let label = self.name()?;
        if !self.take_symbol("(") {
            return Ok(StageKind::Unwrap(Unwrap { label, conversion: None }));
        }
        if !["duration", "duration_seconds", "bytes"].contains(&label.as_str()) {
            let message = format!("unknown conversion {label:?}, expecting duration, duration_seconds or bytes");
            return Err(Problem::new(self.last_span(), message));
        }
        let inner = self.name()?;
        self.expect_symbol(")")?;
        Ok(StageKind::Unwrap(Unwrap { label: inner, conversion: Some(label) }))
    }
}

#[cfg(test)]
mod tests {
    use crate::parse;

    #[test]
    fn stages_are_checked() {
        for query in [
            r#"{a="b"} | regexp "x""#,
            r#"{a="b"} | pattern "<a><b>""#,
            r#"{a="b"} | pattern "<_> x""#,
            r#"{a="b"} | logfmt --sloppy"#,
            r#"{a="b"} | label_format x=y,x=z"#,
            r#"{a="b"} | json a,"#,
        ] {
            assert!(parse(query).is_err(), "{query}");
        }
        assert!(parse(r#"{a="b"} | json | label_format x=y,z="{{.a}}" | drop x, y="z" | keep a | decolorize"#).is_ok());
    }
}
