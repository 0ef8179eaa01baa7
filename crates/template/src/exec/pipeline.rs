//! Pipelines, commands and operands.

use super::Render;
use crate::error::TemplateError;
use crate::syntax::ast::{Command, Pipe, Span, Word, WordKind};
use crate::value::Value;
use std::sync::Arc;

impl<'a> Render<'a> {
    /// The value of a pipeline. Its variables are declared or assigned.
    pub(super) fn pipe(&mut self, dot: &Value, pipe: &'a Pipe) -> Result<Value, TemplateError> {
        let mut value = None;
        for command in &pipe.commands {
            value = Some(self.command(dot, command, value)?);
        }
        let value = value.unwrap_or_default();
        for name in &pipe.variables.names {
            if pipe.variables.assigns {
                self.assign(name, value.clone(), &pipe.span)?;
            } else {
                self.variables.push((name.clone(), value.clone()));
            }
        }
        Ok(value)
    }

    /// The value of a command; `last` is what the command before hands over.
    fn command(&mut self, dot: &Value, command: &'a Command, last: Option<Value>) -> Result<Value, TemplateError> {
        self.step(&command.span)?;
        let Some((first, args)) = command.words.split_first() else { return Ok(Value::Nil) };
        match &first.kind {
            WordKind::Field(names) => self.chain(dot, dot.clone(), names, &first.span, args, last),
            WordKind::Chain(inner, names) => {
                let receiver = self.word(dot, inner)?;
                self.chain(dot, receiver, names, &first.span, args, last)
            }
            WordKind::Variable(name, names) if !names.is_empty() => {
                let receiver = self.variable(name, &first.span)?;
                self.chain(dot, receiver, names, &first.span, args, last)
            }
            WordKind::Function(name) => {
                let span = &command.span;
                self.deeper(span, |render| render.function(dot, name, span, &first.span, args, last))
            }
            _ if !args.is_empty() || last.is_some() => {
                let shown = self.source.get(&first.span);
                Err(self.fail(&first.span, format!("can't give argument to non-function {shown}")))
            }
            WordKind::Nil => Err(self.fail(&first.span, "nil is not a command")),
            _ => self.word(dot, first),
        }
    }

    /// The value of an operand that takes no arguments.
    pub(super) fn word(&mut self, dot: &Value, word: &'a Word) -> Result<Value, TemplateError> {
        match &word.kind {
            WordKind::Dot => Ok(dot.clone()),
            WordKind::Nil => Ok(Value::Nil),
            WordKind::Bool(truth) => Ok((*truth).into()),
            WordKind::Int(number) => Ok((*number).into()),
            WordKind::Float(number) => Ok((*number).into()),
            WordKind::String(text) => Ok(text.clone().into()),
            WordKind::Field(names) => self.chain(dot, dot.clone(), names, &word.span, &[], None),
            WordKind::Variable(name, names) => {
                let receiver = self.variable(name, &word.span)?;
                self.chain(dot, receiver, names, &word.span, &[], None)
            }
            WordKind::Function(name) => {
                let span = &word.span;
                self.deeper(span, |render| render.function(dot, name, span, span, &[], None))
            }
            WordKind::Pipe(pipe) => self.deeper(&word.span, |render| render.parenthesised(dot, pipe)),
            WordKind::Chain(inner, names) => {
                let receiver = self.word(dot, inner)?;
                self.chain(dot, receiver, names, &word.span, &[], None)
            }
        }
    }

    /// A pipeline in parentheses, whose variables nobody else sees.
    fn parenthesised(&mut self, dot: &Value, pipe: &'a Pipe) -> Result<Value, TemplateError> {
        let outside = self.variables.len();
        let value = self.pipe(dot, pipe);
        self.variables.truncate(outside);
        value
    }

    fn variable(&self, name: &str, span: &Span) -> Result<Value, TemplateError> {
        let found = self.variables.iter().rev().find(|(other, _)| other.as_ref() == name);
        found.map(|(_, value)| value.clone()).ok_or_else(|| self.fail(span, format!("undefined variable: ${name}")))
    }

    pub(super) fn assign(&mut self, name: &Arc<str>, value: Value, span: &Span) -> Result<(), TemplateError> {
        match self.variables.iter_mut().rev().find(|(other, _)| other == name) {
            Some((_, slot)) => {
                *slot = value;
                Ok(())
            }
            None => Err(self.fail(span, format!("undefined variable: ${name}"))),
        }
    }
}
