//! What stands between the braces: declarations, commands, operands.

use super::ast::{Command, Pipe, Span, Variables, Word, WordKind};
use super::parser::Parser;
use super::token::Kind;
use crate::error::{ErrorKind, TemplateError};
use crate::limits::VARIABLES_MAX;
use lgtm_settings::nearest;
use std::sync::Arc;

impl Parser<'_> {
    /// A pipeline up to `end`, which is taken.
    pub(super) fn pipeline(&mut self, context: &str, end: &Kind) -> Result<Pipe, TemplateError> {
        let start = self.peek().map_or(self.source.text.len(), |token| token.span.start);
        let variables = self.variables(context)?;
        let mut commands: Vec<Command> = Vec::new();
        let mut piped = false;
        loop {
            if let Some(token) = self.take(end) {
                let span = start..token.span.start;
                if commands.is_empty() {
                    return Err(self.problem(start..token.span.end, format!("missing value for {context}")));
                }
                if piped {
                    return Err(self.problem(token.span, "missing command after |"));
                }
                // Declared after the value, which may still mean an outer variable of that name.
                if !variables.assigns {
                    self.visible.extend(variables.names.iter().cloned());
                }
                if self.visible.len() > VARIABLES_MAX {
                    let message = format!("more than {VARIABLES_MAX} variables can be seen here");
                    return Err(self.source.problem(ErrorKind::Limit, span, message));
                }
                let span = span.start..span.end.min(span.start + self.source.get(&span).trim_end().len());
                return Ok(Pipe { span, variables, commands });
            }
            let command = self.command(context)?;
            if let (Some(first), true) = (command.words.first(), piped)
                && is_literal(&first.kind)
            {
                let message = format!("non executable command in pipeline stage {}", commands.len() + 1);
                return Err(self.problem(first.span.clone(), message));
            }
            commands.push(command);
            piped = self.take(&Kind::Pipe).is_some();
            let next = self.peek().map(|token| &token.kind);
            if !piped && next != Some(end) {
                return Err(self.unexpected(context));
            }
        }
    }

    /// `$x :=`, `$x =`, and in `range` also `$i, $x :=`.
    fn variables(&mut self, context: &str) -> Result<Variables, TemplateError> {
        let mut variables = Variables::default();
        let next = self.peek().map(|token| token.kind.clone());
        let after = self.peek_second().map(|token| token.kind.clone());
        if next != Some(Kind::Variable) || !matches!(after, Some(Kind::Declare | Kind::Assign | Kind::Comma)) {
            return Ok(variables);
        }
        loop {
            let Some(token) = self.take(&Kind::Variable) else {
                return Err(self.problem(self.here(), "range can only initialize variables"));
            };
            let name: Arc<str> = self.source.get(&token.span)[1..].into();
            variables.names.push(name.clone());
            match self.next().map(|token| token.kind) {
                Some(Kind::Declare) => return Ok(variables),
                Some(Kind::Assign) => {
                    variables.assigns = true;
                    let unknown = variables.names.iter().find(|name| !self.visible.contains(*name)).cloned();
                    if let Some(name) = unknown {
                        let hint = format!("declare it with ${name} := …");
                        self.note(|parser| parser.undefined(&token.span, &name).with_hint(hint));
                    }
                    return Ok(variables);
                }
                Some(Kind::Comma) if context == "range" && variables.names.len() < 2 => {}
                _ => return Err(self.problem(token.span, format!("too many declarations in {context}"))),
            }
        }
    }

    fn here(&self) -> Span {
        self.peek().map_or_else(|| self.source.text.len()..self.source.text.len(), |token| token.span.clone())
    }

    fn command(&mut self, context: &str) -> Result<Command, TemplateError> {
        let mut words: Vec<Word> = Vec::new();
        while let Some(token) = self.peek() {
            let (spaced, span) = (token.spaced, token.span.clone());
            let Some(word) = self.operand()? else { break };
            if !spaced && !words.is_empty() {
                let shown = self.source.get(&span).to_owned();
                let hint = "put a space between the words".to_owned();
                return Err(self.problem(span, format!("unexpected {shown:?} in operand")).with_hint(hint));
            }
            words.push(word);
        }
        match (words.first(), words.last()) {
            (Some(first), Some(last)) => {
                let span = first.span.start..last.span.end;
                Ok(Command { span, words })
            }
            _ => Err(self.unexpected(context)),
        }
    }

    /// An operand with the fields that follow it without space; `None` when the next token begins none.
    fn operand(&mut self) -> Result<Option<Word>, TemplateError> {
        let Some(mut word) = self.term()? else { return Ok(None) };
        let mut fields: Vec<Arc<str>> = Vec::new();
        while let Some(token) = self.peek()
            && token.kind == Kind::Field
            && !token.spaced
        {
            word.span.end = token.span.end;
            fields.push(self.source.get(&token.span)[1..].into());
            self.next();
        }
        if fields.is_empty() {
            return Ok(Some(word));
        }
        let span = word.span.clone();
        let kind = match word.kind {
            WordKind::Field(mut names) => {
                names.append(&mut fields);
                WordKind::Field(names)
            }
            WordKind::Variable(name, mut names) => {
                names.append(&mut fields);
                WordKind::Variable(name, names)
            }
            WordKind::Function(_) | WordKind::Pipe(_) | WordKind::Chain(..) => WordKind::Chain(Box::new(word), fields),
            _ => {
                let shown = self.source.get(&span).to_owned();
                return Err(self.problem(span, format!("unexpected . after term in {shown:?}")));
            }
        };
        Ok(Some(Word { span, kind }))
    }

    fn term(&mut self) -> Result<Option<Word>, TemplateError> {
        let Some(token) = self.peek().cloned() else { return Err(self.end_of_text("action")) };
        let mut span = token.span.clone();
        let kind = match token.kind {
            Kind::Dot => WordKind::Dot,
            Kind::Nil => WordKind::Nil,
            Kind::Bool(truth) => WordKind::Bool(truth),
            Kind::Int(number) => WordKind::Int(number),
            Kind::Float(number) => WordKind::Float(number),
            Kind::String(text) => WordKind::String(text),
            Kind::Field => WordKind::Field(vec![self.source.get(&span)[1..].into()]),
            Kind::Identifier => WordKind::Function(self.source.get(&span).into()),
            Kind::Variable => {
                let name: Arc<str> = self.source.get(&span)[1..].into();
                if !self.visible.contains(&name) {
                    self.note(|parser| parser.undefined(&span, &name));
                }
                WordKind::Variable(name, Vec::new())
            }
            Kind::OpenParen => {
                self.next();
                let read = |parser: &mut Self| parser.pipeline("parenthesized pipeline", &Kind::CloseParen);
                let pipe = self.nested(&span, read)?;
                span.end = self.previous_end();
                return Ok(Some(Word { span, kind: WordKind::Pipe(Box::new(pipe)) }));
            }
            _ => return Ok(None),
        };
        self.next();
        Ok(Some(Word { span, kind }))
    }

    fn undefined(&self, span: &Span, name: &str) -> TemplateError {
        let known = self.visible.iter().map(AsRef::as_ref).filter(|name: &&str| !name.is_empty());
        let hint = nearest(name, known).map(|name| format!("did you mean ${name}?"));
        self.problem(span.clone(), format!("undefined variable \"${name}\"")).with_hint(hint)
    }
}

fn is_literal(kind: &WordKind) -> bool {
    matches!(
        kind,
        WordKind::Bool(_) | WordKind::Dot | WordKind::Nil | WordKind::Int(_) | WordKind::Float(_) | WordKind::String(_)
    )
}
