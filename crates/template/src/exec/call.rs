//! Functions: arguments are counted, evaluated, checked against what the function wants, and paid for.

use super::Render;
use crate::error::{ErrorKind, TemplateError};
use crate::functions::{Call, Function, Run};
use crate::limits::VALUE_DEPTH_MAX;
use crate::syntax::ast::{Span, Word, WordKind};
use crate::templates::Template;
use crate::value::{Safe, Value};
use std::sync::Arc;

impl<'a> Render<'a> {
    /// The value of `name` with these arguments; `last` is what the pipeline hands over.
    pub(super) fn function(
        &mut self,
        dot: &Value,
        name: &str,
        span: &Span,
        name_span: &Span,
        words: &'a [Word],
        last: Option<Value>,
    ) -> Result<Value, TemplateError> {
        let templates = self.templates;
        let Some(function) = templates.functions.get(name) else {
            return Err(self.fail(name_span, format!("function {name:?} is not defined")));
        };
        let given = words.len() + usize::from(last.is_some());
        self.check_count(name, function, given, span)?;
        if let Run::Logic { until } = function.run {
            return self.logic(dot, until, words, last);
        }
        let mut args = Vec::with_capacity(given);
        for (index, word) in words.iter().enumerate() {
            let value = self.word(dot, word)?;
            self.check_type(function, index, &value, &word.span, is_literal(word))?;
            args.push(value);
        }
        if let Some(last) = last {
            self.check_type(function, args.len(), &last, span, false)?;
            args.push(last);
        }
        let value = match function.run {
            Run::Logic { .. } => Value::Nil,
            Run::Template => self.call_template(&args, span)?,
            Run::RouteLabel => self.route_label(&args, span)?,
            Run::Plain(run) | Run::Query(run) => {
                if matches!(function.run, Run::Query(_)) {
                    self.count_query(span)?;
                }
                let limit_bytes = templates.limits.output_bytes_max;
                let environment = self.environment;
                let mut call = Call { args: &args, environment, regexes: &mut self.regexes, limit_bytes };
                run(&mut call).map_err(|error| self.fail(span, format!("error calling {name}: {error}")))?
            }
        };
        self.charge(&args, &value, span)?;
        Ok(value)
    }

    fn check_count(&self, name: &str, function: &Function, given: usize, span: &Span) -> Result<(), TemplateError> {
        let fixed = function.params.len();
        let message = match function.rest {
            Some(_) if given < fixed => format!("wrong number of args for {name}: want at least {fixed} got {given}"),
            None if given != fixed => format!("wrong number of args for {name}: want {fixed} got {given}"),
            _ => return Ok(()),
        };
        Err(self.fail(span, message))
    }

    fn check_type(
        &self,
        function: &Function,
        index: usize,
        value: &Value,
        span: &Span,
        literal: bool,
    ) -> Result<(), TemplateError> {
        let Some(param) = function.params.get(index).copied().or(function.rest) else { return Ok(()) };
        if param.accepts(value) {
            return Ok(());
        }
        let wanted = param.type_name();
        Err(match value {
            Value::Nil => {
                let hint = "the data has no such value; test it first: {{ with … }} or {{ if … }}".to_owned();
                self.fail(span, format!("invalid value; expected {wanted}")).with_hint(hint)
            }
            _ if literal => self.fail(span, format!("expected {wanted}; found {}", self.source.get(span))),
            _ => self.fail(span, format!("wrong type for value; expected {wanted}; got {}", value.type_name())),
        })
    }

    /// `and` and `or` look at no argument behind the one that decides.
    fn logic(
        &mut self,
        dot: &Value,
        until: bool,
        words: &'a [Word],
        last: Option<Value>,
    ) -> Result<Value, TemplateError> {
        let mut value = Value::Nil;
        for word in words {
            value = self.word(dot, word)?;
            if value.is_true() == until {
                return Ok(value);
            }
        }
        Ok(last.unwrap_or(value))
    }

    fn count_query(&mut self, span: &Span) -> Result<(), TemplateError> {
        self.queries += 1;
        let limit = self.templates.limits.queries_max;
        match self.queries > limit {
            true => Err(self.problem(ErrorKind::Limit, span, format!("more than queries_max ({limit}) queries"))),
            false => Ok(()),
        }
    }

    /// Counts what a call has read and made, and refuses what would be too much or too deep.
    pub(super) fn charge(&mut self, args: &[Value], made: &Value, span: &Span) -> Result<(), TemplateError> {
        let cost: usize = args.iter().chain([made]).map(Value::cost_bytes).sum();
        self.work_bytes = self.work_bytes.saturating_add(cost);
        let limit = self.templates.limits.work_bytes_max;
        if self.work_bytes > limit {
            let message = format!("functions read and make more than work_bytes_max ({limit})");
            return Err(self.problem(ErrorKind::Limit, span, message));
        }
        if made.depth() > VALUE_DEPTH_MAX {
            let message = format!("lists and maps lie more than {VALUE_DEPTH_MAX} deep inside one another");
            return Err(self.problem(ErrorKind::Limit, span, message));
        }
        Ok(())
    }

    /// `tmpl`: a template whose name is computed. What it renders counts as HTML that is safe.
    fn call_template(&mut self, args: &[Value], span: &Span) -> Result<Value, TemplateError> {
        let name = args.first().and_then(Value::as_str).unwrap_or_default();
        let Some(definition) = self.find(name) else {
            return Err(self.templates.not_defined(self.source, name, span, self.own));
        };
        let data = args.get(1).cloned().unwrap_or_default();
        let html = self.output.is_html();
        let text = self.aside(html, |render| render.called(span, |render| render.main(definition, &data)))?;
        Ok(Value::Trusted(Safe::Html, text.into()))
    }

    /// `routeLabels`: a label of the route, which is itself a template on the same data.
    fn route_label(&mut self, args: &[Value], span: &Span) -> Result<Value, TemplateError> {
        let name: Arc<str> = args.first().and_then(Value::as_str).unwrap_or_default().into();
        let labels = super::field::plain(&self.data, "RouteLabels");
        let text = match &labels {
            Value::Map(map) => map.get(&name).cloned(),
            Value::Object(object) => match object.shape() {
                crate::value::Shape::Map(map) => map.get(&name).cloned(),
                _ => None,
            },
            _ => None,
        };
        let Some(text) = text.as_ref().and_then(Value::as_str) else { return Ok("".into()) };
        if self.route_labels.contains(&name) {
            let cycle: Vec<&str> = self.route_labels.iter().chain([&name]).map(AsRef::as_ref).collect();
            return Err(self.fail(span, format!("route label cycle detected: {}", cycle.join(" -> "))));
        }
        let template = self.templates.compile(&format!("route label {name}"), text);
        let template = template.map_err(|errors| self.fail(span, errors.one_line()))?;
        self.route_labels.push(name);
        let html = self.output.is_html();
        let rendered = self.nested_render(&template, html, span);
        self.route_labels.pop();
        Ok(rendered?.into())
    }

    /// Renders a text that exists only now, on the data of the whole render. It pays from the same purse.
    fn nested_render(&mut self, template: &Template, html: bool, span: &Span) -> Result<String, TemplateError> {
        let limits = &self.templates.limits;
        if self.calls >= limits.calls_depth_max {
            let message =
                format!("templates call one another more than calls_depth_max ({}) deep", limits.calls_depth_max);
            return Err(self.problem(ErrorKind::Limit, span, message));
        }
        let mut nested = Render {
            templates: self.templates,
            own: &template.own,
            environment: self.environment,
            output: self.output.set_aside(html),
            source: &template.main.source,
            data: self.data.clone(),
            variables: Vec::new(),
            regexes: std::mem::take(&mut self.regexes),
            depth: self.depth + 1,
            calls: self.calls + 1,
            iterations: self.iterations,
            steps: self.steps,
            queries: self.queries,
            work_bytes: self.work_bytes,
            route_labels: std::mem::take(&mut self.route_labels),
        };
        std::mem::swap(&mut nested.output, &mut self.output);
        let data = self.data.clone();
        let result = nested.main(&template.main, &data);
        self.iterations = nested.iterations;
        self.steps = nested.steps;
        self.queries = nested.queries;
        self.work_bytes = nested.work_bytes;
        self.route_labels = std::mem::take(&mut nested.route_labels);
        self.regexes = std::mem::take(&mut nested.regexes);
        result.map(|()| nested.output.into_text())
    }

    /// Writes somewhere else for a while; answers what was written.
    fn aside(
        &mut self,
        html: bool,
        run: impl FnOnce(&mut Self) -> Result<(), TemplateError>,
    ) -> Result<String, TemplateError> {
        let outer = self.output.set_aside(html);
        let result = run(self);
        let inner = std::mem::replace(&mut self.output, outer);
        result.map(|()| inner.into_text())
    }
}

fn is_literal(word: &Word) -> bool {
    matches!(word.kind, WordKind::Bool(_) | WordKind::Int(_) | WordKind::Float(_) | WordKind::String(_))
}
