//! Tokens → tree. `control` reads the blocks, `pipeline` what stands inside the braces.

use super::ast::{Block, Node, Span};
use super::lexer::lex;
use super::token::{Keyword, Kind, Token};
use crate::error::{ErrorKind, Source, TemplateError};
use crate::limits::{NESTING_MAX, PROBLEMS_MAX};
use std::sync::Arc;

/// A text, read.
#[derive(Debug, Default)]
pub struct Parsed {
    /// What stands outside of all definitions.
    pub root: Block,
    /// The templates that `define` and `block` make, in order.
    pub definitions: Vec<(Arc<str>, Block)>,
    /// Variables that nobody declared: reading went on behind them.
    pub problems: Vec<TemplateError>,
}

/// Reads a text. `variables` are those that the text may use without declaring them, without `$`.
pub fn parse(source: &Source, variables: &[Arc<str>]) -> Result<Parsed, TemplateError> {
    let tokens = lex(source)?;
    let mut visible: Vec<Arc<str>> = vec!["".into()];
    visible.extend_from_slice(variables);
    let mut parser =
        Parser { source, tokens, at: 0, visible, nesting: 0, loops: 0, parsed: Parsed::default(), defined: Vec::new() };
    let (root, end) = parser.block(true)?;
    if let Some((_, keyword)) = end {
        return Err(parser.unexpected_at(keyword, "unexpected"));
    }
    parser.parsed.root = root;
    Ok(parser.parsed)
}

pub struct Parser<'a> {
    pub(super) source: &'a Source,
    tokens: Vec<Token>,
    at: usize,
    /// The names of the variables that can be seen, innermost last.
    pub(super) visible: Vec<Arc<str>>,
    nesting: usize,
    /// How many `range` bodies are around.
    pub(super) loops: usize,
    pub(super) parsed: Parsed,
    /// The names of the templates that this text has defined with more than white space.
    pub(super) defined: Vec<Arc<str>>,
}

impl Parser<'_> {
    /// Nodes up to the `end` or `else` that belongs to a surrounding block, whose keyword has been read then.
    pub(super) fn block(&mut self, top: bool) -> Result<(Block, Option<(Keyword, Span)>), TemplateError> {
        let mut block = Block::new();
        while let Some(token) = self.next() {
            match token.kind {
                Kind::Text(text) => block.push(Node::Text(text)),
                Kind::Open => match self.peek().map(|token| (token.kind.clone(), token.span.clone())) {
                    Some((Kind::Keyword(keyword @ (Keyword::End | Keyword::Else)), span)) => {
                        self.next();
                        return Ok((block, Some((keyword, span))));
                    }
                    Some((Kind::Keyword(Keyword::Define), span)) => {
                        self.next();
                        if !top {
                            let hint = "templates are defined outside of all other blocks".to_owned();
                            return Err(self.unexpected_at(span, "unexpected").with_hint(hint));
                        }
                        self.definition()?;
                    }
                    Some((Kind::Keyword(keyword), span)) => {
                        self.next();
                        block.push(self.nested(&span.clone(), |parser| parser.control(keyword, span))?);
                    }
                    _ => block.push(Node::Action(self.pipeline("command", &Kind::Close)?)),
                },
                _ => return Err(self.unexpected_at(token.span, "unexpected")),
            }
        }
        Ok((block, None))
    }

    /// Reads one level deeper, unless that is too deep.
    pub(super) fn nested<T>(
        &mut self,
        span: &Span,
        read: impl FnOnce(&mut Self) -> Result<T, TemplateError>,
    ) -> Result<T, TemplateError> {
        if self.nesting >= NESTING_MAX {
            let message = format!("blocks and parentheses lie more than {NESTING_MAX} deep inside one another");
            return Err(self.source.problem(ErrorKind::Limit, span.clone(), message));
        }
        self.nesting += 1;
        let result = read(self);
        self.nesting -= 1;
        result
    }

    pub(super) fn next(&mut self) -> Option<Token> {
        let token = self.tokens.get(self.at).cloned();
        self.at += 1;
        token
    }

    pub(super) fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.at)
    }

    pub(super) fn peek_second(&self) -> Option<&Token> {
        self.tokens.get(self.at + 1)
    }

    /// Where the token that was read last ends.
    pub(super) fn previous_end(&self) -> usize {
        self.at.checked_sub(1).and_then(|at| self.tokens.get(at)).map_or(0, |token| token.span.end)
    }

    /// The next token if it is `kind`.
    pub(super) fn take(&mut self, kind: &Kind) -> Option<Token> {
        (self.peek()?.kind == *kind).then(|| self.next())?
    }

    /// The next token, which has to be `kind`.
    pub(super) fn expect(&mut self, kind: &Kind, context: &str) -> Result<Token, TemplateError> {
        self.take(kind).ok_or_else(|| self.unexpected(context))
    }

    /// A problem with the next token.
    pub(super) fn unexpected(&self, context: &str) -> TemplateError {
        match self.peek() {
            Some(token) => {
                let shown = self.source.get(&token.span);
                self.problem(token.span.clone(), format!("unexpected {shown:?} in {context}"))
            }
            None => self.end_of_text(context),
        }
    }

    /// The text ends where something is still open.
    pub(super) fn end_of_text(&self, context: &str) -> TemplateError {
        let end = self.source.text.len();
        self.problem(end..end, format!("unexpected end of text in {context}"))
    }

    fn unexpected_at(&self, span: Span, message: &str) -> TemplateError {
        let shown = self.source.get(&span);
        let message = format!("{message} {{{{{shown}}}}}");
        self.problem(span, message)
    }

    pub(super) fn problem(&self, span: Span, message: impl Into<String>) -> TemplateError {
        self.source.problem(ErrorKind::Parse, span, message)
    }

    /// Notes a problem behind which reading goes on, unless there are enough of them.
    pub(super) fn note(&mut self, problem: impl FnOnce(&Self) -> TemplateError) {
        if self.parsed.problems.len() < PROBLEMS_MAX {
            let problem = problem(self);
            self.parsed.problems.push(problem);
        }
    }
}
