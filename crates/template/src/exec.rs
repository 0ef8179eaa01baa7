//! Carries a template out.
//!
//! 1. The tree is walked; text goes to the output, values through `format` (and `html`) to the output.
//! 2. A pipeline hands the value of each command to the next as its last argument. What a word means is decided by its
//!    kind: `field` walks fields and methods, `call` runs functions.
//! 3. Everything that a template could make grow is counted: output, loops, calls, depth, bytes that functions touch.

mod call;
mod field;
mod output;
mod pipeline;
mod range;

pub use output::Mode;

use crate::environment::Environment;
use crate::error::{ErrorKind, Source, TemplateError};
use crate::functions::Regexes;
use crate::limits::EXECUTION_DEPTH_MAX;
use crate::syntax::ast::{Block, Node, Pipe, Span};
use crate::templates::{Definition, Definitions, Templates};
use crate::value::Value;
use output::Output;
use std::sync::Arc;

/// Renders `main`, which sees its `own` definitions and those of `templates`.
pub fn render(
    templates: &Templates,
    main: &Definition,
    own: &Definitions,
    data: &Value,
    environment: &Environment,
    mode: Mode,
) -> Result<String, TemplateError> {
    let mut render = Render {
        templates,
        own,
        environment,
        output: Output::new(mode, templates.limits.output_bytes_max),
        source: &main.source,
        data: data.clone(),
        variables: Vec::new(),
        regexes: Regexes::default(),
        depth: 0,
        calls: 0,
        iterations: 0,
        steps: 0,
        queries: 0,
        work_bytes: 0,
        route_labels: Vec::new(),
    };
    render.main(main, data)?;
    if let Some(open) = render.output.open() {
        let end = main.source.text.len();
        return Err(render.fail(&(end..end), format!("the HTML ends inside of {open}")));
    }
    Ok(render.output.into_text())
}

/// Whether a loop goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Flow {
    Next,
    Break,
    Continue,
}

/// One render.
struct Render<'a> {
    templates: &'a Templates,
    own: &'a Definitions,
    environment: &'a Environment,
    output: Output,
    /// The text that is carried out at the moment.
    source: &'a Source,
    /// The data of the whole render.
    data: Value,
    /// The variables of the current template, innermost last; `$` has the empty name.
    variables: Vec<(Arc<str>, Value)>,
    regexes: Regexes,
    depth: usize,
    calls: usize,
    iterations: usize,
    steps: usize,
    queries: usize,
    work_bytes: usize,
    /// The route labels that are being rendered.
    route_labels: Vec<Arc<str>>,
}

impl<'a> Render<'a> {
    /// Carries out a text with its own variables, and with the set's if it is no definition.
    fn main(&mut self, definition: &'a Definition, data: &Value) -> Result<(), TemplateError> {
        let mut variables: Vec<(Arc<str>, Value)> = vec![("".into(), data.clone())];
        if definition.is_main {
            let set = &self.templates.variables;
            variables.extend(set.iter().map(|(name, field)| (name.clone(), field::plain(data, field))));
        }
        let variables = std::mem::replace(&mut self.variables, variables);
        let source = std::mem::replace(&mut self.source, &definition.source);
        let result = self.block(data, &definition.block);
        self.source = source;
        self.variables = variables;
        result.map(|_| ())
    }

    fn block(&mut self, dot: &Value, block: &'a Block) -> Result<Flow, TemplateError> {
        for node in block {
            let flow = self.node(dot, node)?;
            if flow != Flow::Next {
                return Ok(flow);
            }
        }
        Ok(Flow::Next)
    }

    fn node(&mut self, dot: &Value, node: &'a Node) -> Result<Flow, TemplateError> {
        match node {
            Node::Text(text) => {
                self.step(&(0..0))?;
                let written = self.output.text(text);
                self.written(written, &(0..0)).map(|()| Flow::Next)
            }
            Node::Action(pipe) => {
                let value = self.pipe(dot, pipe)?;
                if pipe.variables.names.is_empty() {
                    let written = self.output.value(&value);
                    self.written(written, &pipe.span)?;
                }
                Ok(Flow::Next)
            }
            Node::If { pipe, moves_dot, then, otherwise } => {
                self.deeper(&pipe.span, |render| render.branch(dot, pipe, *moves_dot, then, otherwise))
            }
            Node::Range { pipe, body, otherwise } => {
                self.deeper(&pipe.span, |render| render.range(dot, pipe, body, otherwise))
            }
            Node::Template { name, span, pipe } => {
                self.template(dot, name, span, pipe.as_ref())?;
                Ok(Flow::Next)
            }
            Node::Break => Ok(Flow::Break),
            Node::Continue => Ok(Flow::Continue),
        }
    }

    fn branch(
        &mut self,
        dot: &Value,
        pipe: &'a Pipe,
        moves_dot: bool,
        then: &'a Block,
        otherwise: &'a Block,
    ) -> Result<Flow, TemplateError> {
        let outside = self.variables.len();
        let value = self.pipe(dot, pipe)?;
        let flow = match (value.is_true(), moves_dot) {
            (true, true) => self.block(&value, then),
            (true, false) => self.block(dot, then),
            (false, _) => self.block(dot, otherwise),
        };
        self.variables.truncate(outside);
        flow
    }

    /// `{{ template "name" pipeline }}`
    fn template(
        &mut self,
        dot: &Value,
        name: &Arc<str>,
        span: &Span,
        pipe: Option<&'a Pipe>,
    ) -> Result<(), TemplateError> {
        let Some(definition) = self.find(name) else {
            return Err(self.templates.not_defined(self.source, name, span, self.own));
        };
        let data = match pipe {
            Some(pipe) => self.pipe(dot, pipe)?,
            None => Value::Nil,
        };
        self.called(span, |render| render.main(definition, &data))
    }

    fn find(&self, name: &str) -> Option<&'a Definition> {
        self.own.get(name).or_else(|| self.templates.set.get(name)).map(AsRef::as_ref)
    }

    /// Counts a step.
    fn step(&mut self, span: &Span) -> Result<(), TemplateError> {
        self.steps += 1;
        let limit = self.templates.limits.steps_max;
        match self.steps > limit {
            true => Err(self.problem(ErrorKind::Limit, span, format!("rendering takes more than steps_max ({limit})"))),
            false => Ok(()),
        }
    }

    /// Runs a template from within another.
    fn called<T>(
        &mut self,
        span: &Span,
        run: impl FnOnce(&mut Self) -> Result<T, TemplateError>,
    ) -> Result<T, TemplateError> {
        let limit = self.templates.limits.calls_depth_max;
        if self.calls >= limit {
            let message = format!("templates call one another more than calls_depth_max ({limit}) deep");
            return Err(self.problem(ErrorKind::Limit, span, message));
        }
        self.calls += 1;
        let result = self.deeper(span, run);
        self.calls -= 1;
        result
    }

    /// Runs one level deeper, unless the stack might not carry that.
    fn deeper<T>(
        &mut self,
        span: &Span,
        run: impl FnOnce(&mut Self) -> Result<T, TemplateError>,
    ) -> Result<T, TemplateError> {
        if self.depth >= EXECUTION_DEPTH_MAX {
            let message = format!("blocks, parentheses and calls lie more than {EXECUTION_DEPTH_MAX} deep");
            return Err(self.problem(ErrorKind::Limit, span, message));
        }
        self.depth += 1;
        let result = run(self);
        self.depth -= 1;
        result
    }

    fn written(&self, written: Result<(), output::Full>, span: &Span) -> Result<(), TemplateError> {
        written.map_err(|output::Full| {
            let limit = self.templates.limits.output_bytes_max;
            self.problem(ErrorKind::Limit, span, format!("the output exceeds output_bytes_max ({limit})"))
        })
    }

    fn problem(&self, kind: ErrorKind, span: &Span, message: impl Into<String>) -> TemplateError {
        self.source.problem(kind, span.clone(), message)
    }

    fn fail(&self, span: &Span, message: impl Into<String>) -> TemplateError {
        self.problem(ErrorKind::Render, span, message)
    }
}
