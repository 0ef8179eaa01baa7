//! The words of PromQL.

use crate::ast::{AggregateOp, BinaryOp, Span};

/// A word that is neither an operator nor an aggregation. Most of them are also good names of metrics and labels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Keyword {
    /// `bool`
    Bool,
    /// `by`
    By,
    /// `without`
    Without,
    /// `on`
    On,
    /// `ignoring`
    Ignoring,
    /// `group_left`
    GroupLeft,
    /// `group_right`
    GroupRight,
    /// `fill`
    Fill,
    /// `fill_left`
    FillLeft,
    /// `fill_right`
    FillRight,
    /// `offset`
    Offset,
    /// `anchored`
    Anchored,
    /// `smoothed`
    Smoothed,
    /// `start`
    Start,
    /// `end`
    End,
    /// `step`
    Step,
    /// `range`
    Range,
    /// `max_of`
    MaxOf,
    /// `min_of`
    MinOf,
}

impl Keyword {
    /// All of them.
    pub const ALL: [(Self, &'static str); 19] = [
        (Self::Bool, "bool"),
        (Self::By, "by"),
        (Self::Without, "without"),
        (Self::On, "on"),
        (Self::Ignoring, "ignoring"),
        (Self::GroupLeft, "group_left"),
        (Self::GroupRight, "group_right"),
        (Self::Fill, "fill"),
        (Self::FillLeft, "fill_left"),
        (Self::FillRight, "fill_right"),
        (Self::Offset, "offset"),
        (Self::Anchored, "anchored"),
        (Self::Smoothed, "smoothed"),
        (Self::Start, "start"),
        (Self::End, "end"),
        (Self::Step, "step"),
        (Self::Range, "range"),
        (Self::MaxOf, "max_of"),
        (Self::MinOf, "min_of"),
    ];

    /// Whether it may stand where a metric's name stands.
    pub fn is_metric_name(self) -> bool {
        !matches!(self, Self::Bool | Self::On | Self::Ignoring | Self::GroupLeft | Self::GroupRight)
    }

    /// Whether it may stand among grouping labels without quotes; upstream leaves out `without`.
    pub fn is_label_name(self) -> bool {
        self != Self::Without
    }

    /// Whether a parenthesis after it makes it a function.
    pub fn is_function(self) -> bool {
        matches!(self, Self::Start | Self::End) || self.is_duration_function()
    }

    /// Whether it may stand in a duration: `[step()]`.
    pub fn is_duration_function(self) -> bool {
        matches!(self, Self::Step | Self::Range | Self::MaxOf | Self::MinOf)
    }

    /// Whether it is one of `fill`, `fill_left`, `fill_right`, keywords only in front of a parenthesis.
    pub fn is_fill(self) -> bool {
        matches!(self, Self::Fill | Self::FillLeft | Self::FillRight)
    }
}

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TokenKind {
    /// The end of the input.
    End,
    /// What stopped the lexer; its error says more.
    Error,
    /// `,`
    Comma,
    /// `:`
    Colon,
    /// `=`
    Assign,
    /// `=~`
    RegexMatch,
    /// `!~`
    RegexNoMatch,
    /// `(`
    LeftParen,
    /// `)`
    RightParen,
    /// `{`
    LeftBrace,
    /// `}`
    RightBrace,
    /// `[`
    LeftBracket,
    /// `]`
    RightBracket,
    /// `@`
    At,
    /// `1.5`, `0x1f`, `Inf`
    Number,
    /// `5m`
    Duration,
    /// A quoted text.
    String,
    /// A word without colons.
    Identifier,
    /// A word with colons.
    MetricIdentifier,
    /// An operator.
    Operator(BinaryOp),
    /// An aggregation's word.
    Aggregate(AggregateOp),
    /// Another known word.
    Keyword(Keyword),
}

/// A token and its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Token {
    /// What it is.
    pub kind: TokenKind,
    /// Where it is.
    pub span: Span,
}

/// What a word outside braces is. Words are known in any case; names keep theirs.
pub(super) fn classify(word: &str) -> TokenKind {
    let lower = word.to_ascii_lowercase();
    if matches!(lower.as_str(), "inf" | "nan") {
        return TokenKind::Number;
    }
    if let Some((keyword, _)) = Keyword::ALL.iter().find(|(_, text)| *text == lower) {
        return TokenKind::Keyword(*keyword);
    }
    if let Some(op) = AggregateOp::from_keyword(&lower) {
        return TokenKind::Aggregate(op);
    }
    match lower.as_str() {
        "and" => TokenKind::Operator(BinaryOp::And),
        "or" => TokenKind::Operator(BinaryOp::Or),
        "unless" => TokenKind::Operator(BinaryOp::Unless),
        "atan2" => TokenKind::Operator(BinaryOp::Atan2),
        _ if word.contains(':') => TokenKind::MetricIdentifier,
        _ => TokenKind::Identifier,
    }
}

/// A token as upstream's messages name it, such as `<op:==>`, `identifier "x"` or `end of input`.
pub fn describe(kind: TokenKind, text: &str) -> String {
    let quoted = || {
        let short: String = text.chars().take(10).collect();
        let more = if text.len() > 10 && text.chars().count() > 10 { "..." } else { "" };
        format!("{}{more}", crate::quote::quote(&short))
    };
    match kind {
        TokenKind::End | TokenKind::Error => "end of input".to_owned(),
        TokenKind::Identifier => format!("identifier {}", crate::quote::quote(text)),
        TokenKind::MetricIdentifier => format!("metric identifier {}", crate::quote::quote(text)),
        TokenKind::Number => format!("number {}", quoted()),
        TokenKind::Duration => format!("duration {}", quoted()),
        TokenKind::String => format!("string {}", quoted()),
        TokenKind::Operator(_) | TokenKind::At | TokenKind::RegexMatch | TokenKind::RegexNoMatch => {
            format!("<op:{text}>")
        }
        TokenKind::Aggregate(_) => format!("<aggr:{text}>"),
        TokenKind::Keyword(keyword) if keyword.is_function() => quoted(),
        TokenKind::Keyword(_) => format!("<{text}>"),
        _ => quoted(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_known_in_any_case() {
        assert_eq!(classify("SUM"), TokenKind::Aggregate(AggregateOp::Sum));
        assert_eq!(classify("Group_Left"), TokenKind::Keyword(Keyword::GroupLeft));
        assert_eq!(classify("iNf"), TokenKind::Number);
        assert_eq!(classify("a:b"), TokenKind::MetricIdentifier);
    }

    #[test]
    fn tokens_are_described_as_upstream_does() {
        assert_eq!(describe(TokenKind::Operator(BinaryOp::Mul), "*"), "<op:*>");
        assert_eq!(describe(TokenKind::Keyword(Keyword::Ignoring), "ignoring"), "<ignoring>");
        assert_eq!(describe(TokenKind::Assign, "="), "\"=\"");
    }
}
