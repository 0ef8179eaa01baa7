//! What can be checked once the tree and the table of functions are both there: that every function exists.

use super::ast::{Block, Node, Pipe, Word, WordKind};
use super::hint::{Place, hint};
use super::parser::Parsed;
use crate::error::{ErrorKind, Source, TemplateError};
use crate::functions::Functions;
use crate::limits::PROBLEMS_MAX;

/// Every call of a function that does not exist, in the order of the text, after the problems that reading noted.
pub fn check(parsed: &Parsed, source: &Source, functions: &Functions) -> Vec<TemplateError> {
    let mut check = Check { source, functions, problems: parsed.problems.clone() };
    check.block(&parsed.root);
    for (_, block) in &parsed.definitions {
        check.block(block);
    }
    check.problems.sort_by_key(|problem| problem.span.start);
    check.problems.truncate(PROBLEMS_MAX);
    check.problems
}

struct Check<'a> {
    source: &'a Source,
    functions: &'a Functions,
    problems: Vec<TemplateError>,
}

impl Check<'_> {
    fn block(&mut self, block: &Block) {
        for node in block {
            match node {
                Node::Action(pipe) => self.pipe(pipe, true),
                Node::If { pipe, then, otherwise, .. } => {
                    self.pipe(pipe, false);
                    self.block(then);
                    self.block(otherwise);
                }
                Node::Range { pipe, body, otherwise } => {
                    self.pipe(pipe, false);
                    self.block(body);
                    self.block(otherwise);
                }
                Node::Template { pipe: Some(pipe), .. } => self.pipe(pipe, false),
                Node::Template { .. } | Node::Text(_) | Node::Break | Node::Continue => {}
            }
        }
    }

    fn pipe(&mut self, pipe: &Pipe, is_action: bool) {
        for (stage, command) in pipe.commands.iter().enumerate() {
            for (index, word) in command.words.iter().enumerate() {
                let place = Place { source: self.source, pipe, stage, index, is_action };
                self.word(word, &place);
            }
        }
    }

    fn word(&mut self, word: &Word, place: &Place<'_>) {
        match &word.kind {
            // A hundred thousand mistakes are not better reported than fifty, only later.
            WordKind::Function(_) if self.problems.len() >= PROBLEMS_MAX => {}
            WordKind::Function(name) if !self.functions.contains(name) => {
                let message = format!("function {name:?} is not defined");
                let problem = self.source.problem(ErrorKind::Parse, word.span.clone(), message);
                self.problems.push(problem.with_hint(hint(name, place, self.functions)));
            }
            WordKind::Pipe(pipe) => self.pipe(pipe, false),
            WordKind::Chain(word, _) => self.word(word, place),
            _ => {}
        }
    }
}
