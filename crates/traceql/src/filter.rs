//! The syntax tree: a condition on one span.

use regex::Regex;

/// Where an attribute is looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// `.name`: the span's own attributes first, then its resource's.
    Any,
    /// `span.name`
    Span,
    /// `resource.name`
    Resource,
}

/// The left side of a comparison.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Field {
    /// `name`: the span's name.
    Name,
    /// `duration`, in nanoseconds.
    Duration,
    /// `status`: `ok`, `error` or `unset`.
    Status,
    /// `statusMessage`
    StatusMessage,
    /// `kind`: `server`, `client`, `producer`, `consumer`, `internal` or `unspecified`.
    Kind,
    /// An attribute.
    Attribute(Scope, String),
}

/// How two values are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compare {
    /// `=`
    Equal,
    /// `!=`
    NotEqual,
    /// `<`
    Less,
    /// `<=`
    LessEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterEqual,
    /// `=~`, the whole value
    Regex,
    /// `!~`
    NotRegex,
}

/// The right side of a comparison.
#[derive(Clone, Debug)]
pub enum Value {
    /// A quoted text.
    Text(String),
    /// A number.
    Number(f64),
    /// A duration, in nanoseconds.
    Duration(i64),
    /// `true` or `false`.
    Bool(bool),
    /// A bare word: a status or a kind.
    Word(&'static str),
    /// `nil`: the attribute is absent.
    Nil,
    /// A compiled expression that matches whole values.
    Regex(Regex),
}

/// A condition on one span.
#[derive(Clone, Debug)]
pub enum Filter {
    /// `{}`: every span.
    All,
    /// Both.
    And(Box<Filter>, Box<Filter>),
    /// Either.
    Or(Box<Filter>, Box<Filter>),
    /// Not.
    Not(Box<Filter>),
    /// One comparison.
    Compare(Field, Compare, Value),
}

impl Filter {
    /// The comparisons that every matching span must satisfy: what a reader may use to read less.
    pub fn required(&self) -> Vec<(&Field, Compare, &Value)> {
        match self {
            Self::And(left, right) => [left.required(), right.required()].concat(),
            Self::Compare(field, compare, value) => vec![(field, *compare, value)],
            Self::All | Self::Or(..) | Self::Not(_) => Vec::new(),
        }
    }

    /// The one service that every matching span must belong to, if the filter names it.
    pub fn required_service(&self) -> Option<&str> {
        self.required().into_iter().find_map(|(field, compare, value)| match (field, compare, value) {
            (Field::Attribute(Scope::Resource, name), Compare::Equal, Value::Text(service))
                if name == "service.name" =>
            {
                Some(service.as_str())
            }
            _ => None,
        })
    }

    /// The shortest duration in nanoseconds that a matching span can have.
    pub fn duration_ns_min(&self) -> i64 {
        let bounds = self.required().into_iter().filter_map(|(field, compare, value)| match (field, compare, value) {
            (Field::Duration, Compare::Greater | Compare::GreaterEqual | Compare::Equal, Value::Duration(ns)) => {
                Some(*ns)
            }
            _ => None,
        });
        bounds.max().unwrap_or(0)
    }
}
