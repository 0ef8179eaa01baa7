//! The words of the language.

use std::ops::Range;
use std::sync::Arc;

/// What a token is.
#[derive(Clone, Debug, PartialEq)]
pub enum Kind {
    /// Text between actions.
    Text(Arc<str>),
    /// `{{`
    Open,
    /// `}}`
    Close,
    /// `if`, `range`, `end` and their like.
    Keyword(Keyword),
    /// A function's name.
    Identifier,
    /// `.Name`
    Field,
    /// `$` or `$name`
    Variable,
    /// `.`
    Dot,
    /// `nil`
    Nil,
    Bool(bool),
    Int(i64),
    Float(f64),
    /// A quoted text with its escapes resolved.
    String(Arc<str>),
    OpenParen,
    CloseParen,
    Pipe,
    Comma,
    /// `:=`
    Declare,
    /// `=`
    Assign,
}

/// Words that begin or divide blocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keyword {
    Block,
    Break,
    Continue,
    Define,
    Else,
    End,
    If,
    Range,
    Template,
    With,
}

impl Keyword {
    pub fn of(word: &str) -> Option<Self> {
        Some(match word {
            "block" => Self::Block,
            "break" => Self::Break,
            "continue" => Self::Continue,
            "define" => Self::Define,
            "else" => Self::Else,
            "end" => Self::End,
            "if" => Self::If,
            "range" => Self::Range,
            "template" => Self::Template,
            "with" => Self::With,
            _ => return None,
        })
    }
}

/// A token and its place.
#[derive(Clone, Debug)]
pub struct Token {
    pub kind: Kind,
    pub span: Range<usize>,
    /// Whether space lies before it.
    pub spaced: bool,
}
