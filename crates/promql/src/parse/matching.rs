//! What stands between an operator and its right side: `bool`, `on (a) group_left (b)`, `fill (0)`.

use super::{Parsed, Parser};
use crate::ast::{BinaryOp, Cardinality, VectorMatching};
use crate::error::ParseError;
use crate::lex::{Keyword, TokenKind, is_label_name};
use crate::quote::unquote;

impl Parser<'_> {
    /// Whether `bool` was written, and the matching.
    pub(super) fn matching(&mut self) -> Parsed<(bool, VectorMatching)> {
        let mut matching = VectorMatching::default();
        let return_bool = self.eat(TokenKind::Keyword(Keyword::Bool)).is_some();
        if let TokenKind::Keyword(keyword @ (Keyword::On | Keyword::Ignoring)) = self.peek() {
            self.advance();
            matching.on = keyword == Keyword::On;
            matching.labels = self.grouping_labels()?;
            if let TokenKind::Keyword(side @ (Keyword::GroupLeft | Keyword::GroupRight)) = self.peek() {
                self.advance();
                matching.cardinality =
                    if side == Keyword::GroupLeft { Cardinality::ManyToOne } else { Cardinality::OneToMany };
                if self.peek() == TokenKind::LeftParen {
                    matching.include = self.grouping_labels()?;
                }
            }
        }
        self.fill(&mut matching)?;
        Ok((return_bool, matching))
    }

    fn fill(&mut self, matching: &mut VectorMatching) -> Parsed<()> {
        let TokenKind::Keyword(first) = self.peek() else { return Ok(()) };
        if !first.is_fill() {
            return Ok(());
        }
        self.advance();
        let value = Some(self.fill_value()?);
        let other = match first {
            Keyword::Fill => {
                (matching.fill_left, matching.fill_right) = (value, value);
                return Ok(());
            }
            Keyword::FillLeft => {
                matching.fill_left = value;
                Keyword::FillRight
            }
            _ => {
                matching.fill_right = value;
                Keyword::FillLeft
            }
        };
        if self.eat(TokenKind::Keyword(other)).is_some() {
            let value = Some(self.fill_value()?);
            if other == Keyword::FillLeft {
                matching.fill_left = value;
            } else {
                matching.fill_right = value;
            }
        }
        Ok(())
    }

    fn fill_value(&mut self) -> Parsed<f64> {
        self.expect(TokenKind::LeftParen, "", "")?;
        let minus = match self.peek() {
            TokenKind::Operator(BinaryOp::Sub) => Some(true),
            TokenKind::Operator(BinaryOp::Add) => Some(false),
            _ => None,
        };
        if minus.is_some() {
            self.advance();
        }
        if !matches!(self.peek(), TokenKind::Number | TokenKind::Duration) {
            return self.unexpected("", "");
        }
        let value = self.signed_number(minus == Some(true), None).value;
        self.expect(TokenKind::RightParen, "", "")?;
        Ok(value)
    }

    /// `(a, "b.c")`, a last comma allowed.
    pub(super) fn grouping_labels(&mut self) -> Parsed<Vec<String>> {
        self.expect(TokenKind::LeftParen, "grouping opts", "\"(\"")?;
        let mut labels = Vec::new();
        if self.eat(TokenKind::RightParen).is_some() {
            return Ok(labels);
        }
        loop {
            labels.push(self.grouping_label()?);
            if self.eat(TokenKind::Comma).is_none() {
                self.expect(TokenKind::RightParen, "grouping opts", "\",\" or \")\"")?;
                return Ok(labels);
            }
            if self.eat(TokenKind::RightParen).is_some() {
                return Ok(labels);
            }
        }
    }

    fn grouping_label(&mut self) -> Parsed<String> {
        let kind = self.peek();
        if is_label_name(kind) {
            let span = self.advance().span;
            return Ok(self.text(span).to_owned());
        }
        if kind != TokenKind::String {
            return self.unexpected("grouping opts", "label");
        }
        let span = self.advance().span;
        let label = unquote(self.text(span));
        if label.is_empty() {
            self.note(ParseError::new(span, "invalid label name for grouping: \"\""));
        }
        Ok(label)
    }
}

#[cfg(test)]
mod tests {
    use crate::ast::Cardinality;
    use crate::{Expr, parse};

    #[test]
    fn modifiers_are_read_in_their_order() {
        let Expr::Binary(binary) = parse("a == bool on (x) group_left (y) fill_right (-1) b").unwrap() else {
            panic!()
        };
        let matching = binary.matching.unwrap();
        assert!(binary.return_bool && matching.on);
        assert_eq!(matching.cardinality, Cardinality::ManyToOne);
        assert_eq!((matching.fill_left, matching.fill_right), (None, Some(-1.0)));
        assert!(parse("a + fill (1) fill_left (2) b").is_err());
        assert!(parse("a + on (x) bool b").is_err());
    }

    #[test]
    fn an_empty_grouping_label_is_refused() {
        let error = parse("sum by (\"\") (x)").unwrap_err();
        assert_eq!(error.to_string(), "1:9: parse error: invalid label name for grouping: \"\"");
    }
}
