//! The table of functions that templates may call, and what each wants.

mod alertmanager;
mod builtin;
mod collections;
mod compare;
mod datetime;
mod escape;
mod humanize;
mod json;
mod network;
mod prometheus;
mod regexes;
mod text;

pub(crate) use json::to_json;
pub(crate) use regexes::Regexes;

use crate::environment::Environment;
use crate::format::Sink;
use crate::value::{List, Shape, Value};
use std::collections::BTreeMap;
use std::fmt;

/// What a parameter takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Param {
    /// Anything, also nothing.
    Any,
    /// A text.
    Text,
    /// A list of texts.
    Texts,
    /// A list of anything.
    List,
    /// A whole number.
    Int,
    /// A point in time.
    Time,
    /// The answer of `query`.
    Samples,
    /// One sample of such an answer.
    Sample,
}

impl Param {
    pub(crate) fn accepts(self, value: &Value) -> bool {
        match self {
            Self::Any => true,
            Self::Text => value.scalar().as_str().is_some(),
            Self::Int => matches!(value.scalar(), Value::Int(_)),
            Self::Time => matches!(value, Value::Time(_)),
            Self::Texts => list_of(value).is_some_and(|list| list.iter().all(|item| item.as_str().is_some())),
            // Like Go's nil slice, nothing is an empty list.
            Self::List => matches!(value, Value::Nil) || list_of(value).is_some(),
            Self::Samples => list_of(value).is_some_and(|list| list.iter().all(prometheus::is_sample)),
            Self::Sample => prometheus::is_sample(value),
        }
    }

    pub(crate) fn type_name(self) -> &'static str {
        match self {
            Self::Any => "interface {}",
            Self::Text => "string",
            Self::Texts => "[]string",
            Self::List => "[]interface {}",
            Self::Int => "int",
            Self::Time => "time.Time",
            Self::Samples => "template.queryResult",
            Self::Sample => "*template.sample",
        }
    }
}

/// The list that a value is.
fn list_of(value: &Value) -> Option<List> {
    match value {
        Value::List(list) => Some(list.clone()),
        Value::Object(object) => match object.shape() {
            Shape::List(list) => Some(list),
            _ => None,
        },
        _ => None,
    }
}

/// One call of a function. The arguments are as many and of such kinds as the function wants.
pub struct Call<'a> {
    /// The arguments.
    pub args: &'a [Value],
    /// The world of this render.
    pub environment: &'a Environment,
    pub(crate) regexes: &'a mut Regexes,
    pub(crate) limit_bytes: usize,
}

impl Call<'_> {
    /// The argument at `index`; nothing when it was not given.
    pub fn value(&self, index: usize) -> Value {
        self.args.get(index).cloned().unwrap_or_default()
    }

    /// The text at `index`; empty when it is none.
    pub fn text(&self, index: usize) -> String {
        let value = self.value(index).scalar();
        value.as_str().unwrap_or_default().to_owned()
    }

    fn list(&self, index: usize) -> List {
        self.args.get(index).and_then(list_of).unwrap_or_default()
    }

    /// Lets `write` make a text that stays within the output's limit.
    fn written(&self, write: impl FnOnce(&mut Sink) -> fmt::Result) -> Result<String, String> {
        let mut sink = Sink::new(self.limit_bytes);
        let limit = self.limit_bytes;
        write(&mut sink).map_err(|fmt::Error| format!("the text exceeds output_bytes_max ({limit})"))?;
        Ok(sink.into_text())
    }
}

/// A function's body. The error says what is wrong, without the function's name.
type Body = fn(&mut Call<'_>) -> Result<Value, String>;

/// How a function runs.
#[derive(Clone, Copy)]
pub(crate) enum Run {
    /// By itself.
    Plain(Body),
    /// By itself, counted as a query.
    Query(Body),
    /// `and` and `or`: arguments are evaluated until one is as true as this.
    Logic { until: bool },
    /// `tmpl`
    Template,
    /// `routeLabels`
    RouteLabel,
}

/// A function and what it wants.
#[derive(Clone)]
pub(crate) struct Function {
    pub params: &'static [Param],
    /// What all further arguments are, if there may be further ones.
    pub rest: Option<Param>,
    pub run: Run,
}

/// The functions that a set of templates may call.
#[derive(Clone)]
pub struct Functions {
    table: BTreeMap<&'static str, Function>,
}

impl Functions {
    /// Go's own functions: `and`, `or`, `not`, `eq`, `len`, `index`, `slice`, `printf`, `html`, `urlquery`, …
    pub fn builtin() -> Self {
        let mut functions = Self { table: BTreeMap::new() };
        builtin::add(&mut functions);
        functions
    }

    /// What Prometheus adds for rules: `query`, `first`, `value`, `humanize`, …
    pub fn prometheus() -> Self {
        let mut functions = Self::builtin();
        prometheus::add(&mut functions);
        functions
    }

    /// Prometheus' functions with `tmpl`, which only console pages have.
    pub fn prometheus_consoles() -> Self {
        let mut functions = Self::prometheus();
        functions.insert("tmpl", &[Param::Text, Param::Any], None, Run::Template);
        functions
    }

    /// What Alertmanager adds for notifications: `toUpper`, `join`, `match`, `date`, `toJson`, …
    pub fn alertmanager() -> Self {
        let mut functions = Self::builtin();
        alertmanager::add(&mut functions);
        functions
    }

    /// Adds a function, unless the name is taken already. `rest` is what all further arguments are.
    pub fn with(mut self, name: &'static str, params: &'static [Param], rest: Option<Param>, body: Body) -> Self {
        if !self.contains(name) {
            self.insert(name, params, rest, Run::Plain(body));
        }
        self
    }

    /// Whether there is a function of that name.
    pub fn contains(&self, name: &str) -> bool {
        self.table.contains_key(name)
    }

    /// All names, sorted.
    pub fn names(&self) -> impl Iterator<Item = &'static str> + '_ {
        self.table.keys().copied()
    }

    pub(crate) fn get(&self, name: &str) -> Option<&Function> {
        self.table.get(name)
    }

    fn insert(&mut self, name: &'static str, params: &'static [Param], rest: Option<Param>, run: Run) {
        self.table.insert(name, Function { params, rest, run });
    }

    /// Adds functions with a fixed number of arguments.
    fn add(&mut self, functions: &[(&'static str, &'static [Param], Body)]) {
        for (name, params, body) in functions {
            self.insert(name, params, None, Run::Plain(*body));
        }
    }

    /// Adds functions that take any number of further arguments.
    fn add_variadic(&mut self, functions: &[(&'static str, &'static [Param], Param, Body)]) {
        for (name, params, rest, body) in functions {
            self.insert(name, params, Some(*rest), Run::Plain(*body));
        }
    }
}

impl fmt::Debug for Functions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.table.keys()).finish()
    }
}
