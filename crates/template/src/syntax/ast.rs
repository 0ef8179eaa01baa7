//! The tree of a template.

use std::ops::Range;
use std::sync::Arc;

/// Where something stands in the text, in bytes.
pub type Span = Range<usize>;

/// A sequence of nodes.
pub type Block = Vec<Node>;

/// One piece of a template.
#[derive(Clone, Debug)]
pub enum Node {
    /// Text that is written as it stands.
    Text(Arc<str>),
    /// `{{ pipeline }}`
    Action(Pipe),
    /// `{{ if }}` and, when it moves the dot, `{{ with }}`.
    If { pipe: Pipe, moves_dot: bool, then: Block, otherwise: Block },
    /// `{{ range }}`
    Range { pipe: Pipe, body: Block, otherwise: Block },
    /// `{{ template "name" pipeline }}`, and the call that `{{ block }}` stands for.
    Template { name: Arc<str>, span: Span, pipe: Option<Pipe> },
    /// `{{ break }}`
    Break,
    /// `{{ continue }}`
    Continue,
}

/// What happens to the value of a pipeline besides being used.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Variables {
    /// The names, without `$`; at most two, two only in `range`.
    pub names: Vec<Arc<str>>,
    /// `=` instead of `:=`.
    pub assigns: bool,
}

/// Commands, each of which gets the value of the one before as its last argument.
#[derive(Clone, Debug)]
pub struct Pipe {
    pub span: Span,
    pub variables: Variables,
    pub commands: Vec<Command>,
}

/// A word and its arguments; never empty.
#[derive(Clone, Debug)]
pub struct Command {
    pub span: Span,
    pub words: Vec<Word>,
}

/// One operand.
#[derive(Clone, Debug)]
pub struct Word {
    pub span: Span,
    pub kind: WordKind,
}

/// What an operand is.
#[derive(Clone, Debug)]
pub enum WordKind {
    Dot,
    Nil,
    Bool(bool),
    Int(i64),
    Float(f64),
    String(Arc<str>),
    /// `.A.B`
    Field(Vec<Arc<str>>),
    /// `$name.A.B`; the name without `$`.
    Variable(Arc<str>, Vec<Arc<str>>),
    Function(Arc<str>),
    /// `(pipeline)`
    Pipe(Box<Pipe>),
    /// `(pipeline).A.B` or `function.A.B`
    Chain(Box<Word>, Vec<Arc<str>>),
}
