//! Blocks: `if`, `with`, `range`, `template`, `block`, `define`, `break`, `continue`.

use super::ast::{Block, Node, Span};
use super::parser::Parser;
use super::token::{Keyword, Kind};
use crate::error::TemplateError;
use std::sync::Arc;

impl Parser<'_> {
    /// The block or statement whose keyword has been read.
    pub(super) fn control(&mut self, keyword: Keyword, span: Span) -> Result<Node, TemplateError> {
        match keyword {
            Keyword::If | Keyword::With | Keyword::Range => self.conditional(keyword, span),
            Keyword::Template => {
                let name = self.template_name("template clause")?;
                let pipe = match self.take(&Kind::Close) {
                    Some(_) => None,
                    None => Some(self.pipeline("template clause", &Kind::Close)?),
                };
                Ok(Node::Template { name: name.0, span: name.1, pipe })
            }
            Keyword::Block => {
                let (name, span) = self.template_name("block clause")?;
                let pipe = self.pipeline("block clause", &Kind::Close)?;
                let body = self.own_scope(|parser| parser.body("block clause", &span))?;
                self.define(name.clone(), body, &span)?;
                Ok(Node::Template { name, span, pipe: Some(pipe) })
            }
            Keyword::Break | Keyword::Continue => {
                let word = if keyword == Keyword::Break { "break" } else { "continue" };
                self.expect(&Kind::Close, word)?;
                if self.loops == 0 {
                    return Err(self.problem(span, format!("{{{{{word}}}}} outside {{{{range}}}}")));
                }
                Ok(if keyword == Keyword::Break { Node::Break } else { Node::Continue })
            }
            // These three never come here: `block` reads them itself.
            Keyword::Define | Keyword::Else | Keyword::End => Err(self.unexpected("input")),
        }
    }

    /// `if`, `with` or `range` up to its `end`. An `else if` is an `if` in the `else` that shares the `end`.
    fn conditional(&mut self, keyword: Keyword, span: Span) -> Result<Node, TemplateError> {
        let context = match keyword {
            Keyword::If => "if",
            Keyword::With => "with",
            _ => "range",
        };
        let outside = self.visible.len();
        let pipe = self.pipeline(context, &Kind::Close)?;
        self.loops += usize::from(keyword == Keyword::Range);
        let (then, end) = self.block(false)?;
        self.loops -= usize::from(keyword == Keyword::Range);
        // As in Go, the `else` may name what the first branch declares, although it will find nothing there.
        let otherwise = match end {
            Some((Keyword::End, _)) => {
                self.expect(&Kind::Close, "end")?;
                Block::new()
            }
            Some((_, else_span)) => self.otherwise(keyword, context, &span, else_span)?,
            None => return Err(self.unclosed(context, &span)),
        };
        self.visible.truncate(outside);
        Ok(match keyword {
            Keyword::Range => Node::Range { pipe, body: then, otherwise },
            _ => Node::If { pipe, moves_dot: keyword == Keyword::With, then, otherwise },
        })
    }

    /// What follows an `else` whose keyword has been read.
    fn otherwise(
        &mut self,
        keyword: Keyword,
        context: &str,
        opened: &Span,
        else_span: Span,
    ) -> Result<Block, TemplateError> {
        let follows = self.peek().map(|token| token.kind.clone());
        if follows == Some(Kind::Keyword(keyword)) && keyword != Keyword::Range {
            self.next();
            let chained = self.nested(&else_span.clone(), |parser| parser.conditional(keyword, else_span))?;
            return Ok(vec![chained]);
        }
        self.expect(&Kind::Close, "else")?;
        let (block, end) = self.block(false)?;
        match end {
            Some((Keyword::End, _)) => {
                self.expect(&Kind::Close, "end")?;
                Ok(block)
            }
            Some((_, span)) => {
                Err(self.problem(span, format!("expected end of {{{{{context}}}}}; found {{{{else}}}}")))
            }
            None => Err(self.unclosed(context, opened)),
        }
    }

    /// `define` up to its `end`; the keyword has been read.
    pub(super) fn definition(&mut self) -> Result<(), TemplateError> {
        let (name, span) = self.template_name("define clause")?;
        self.expect(&Kind::Close, "define clause")?;
        let body = self.own_scope(|parser| parser.body("define clause", &span))?;
        self.define(name, body, &span)
    }

    /// A definition sees no variables from outside, and no loop.
    fn own_scope<T>(&mut self, read: impl FnOnce(&mut Self) -> Result<T, TemplateError>) -> Result<T, TemplateError> {
        let visible = std::mem::replace(&mut self.visible, vec!["".into()]);
        let loops = std::mem::take(&mut self.loops);
        let result = read(self);
        self.visible = visible;
        self.loops = loops;
        result
    }

    fn body(&mut self, context: &str, opened: &Span) -> Result<Block, TemplateError> {
        let (block, end) = self.block(false)?;
        match end {
            Some((Keyword::End, _)) => {
                self.expect(&Kind::Close, "end")?;
                Ok(block)
            }
            Some((_, span)) => Err(self.problem(span, format!("unexpected {{{{else}}}} in {context}"))),
            None => Err(self.unclosed(context, opened)),
        }
    }

    /// Keeps a definition. A text may define a template twice only when one of the two is empty.
    fn define(&mut self, name: Arc<str>, body: Block, span: &Span) -> Result<(), TemplateError> {
        if !is_empty(&body) {
            if self.defined.contains(&name) {
                return Err(self.problem(span.clone(), format!("multiple definition of template {name:?}")));
            }
            self.defined.push(name.clone());
            self.parsed.definitions.retain(|(other, _)| *other != name);
        } else if self.defined.contains(&name) {
            return Ok(());
        }
        self.parsed.definitions.push((name, body));
        Ok(())
    }

    fn template_name(&mut self, context: &str) -> Result<(Arc<str>, Span), TemplateError> {
        match self.peek().map(|token| (token.kind.clone(), token.span.clone())) {
            Some((Kind::String(name), span)) => {
                self.next();
                Ok((name, span))
            }
            Some(_) => {
                let hint = "the template's name is a text in quotes".to_owned();
                Err(self.unexpected(context).with_hint(hint))
            }
            None => Err(self.unexpected(context)),
        }
    }

    /// Points at the block that nobody closed, which says more than the end of the text does.
    fn unclosed(&self, context: &str, opened: &Span) -> TemplateError {
        let context = context.trim_end_matches(" clause");
        let message = format!("unexpected end of text: {{{{{context}}}}} is not closed");
        self.problem(opened.clone(), message).with_hint("close it with {{end}}".to_owned())
    }
}

/// Whether a block consists of white space only. Such a block replaces no template.
pub(crate) fn is_empty(block: &Block) -> bool {
    block.iter().all(|node| matches!(node, Node::Text(text) if text.trim().is_empty()))
}
