//! What a template works on: data, intermediate results, literals. Cloning a value never copies what it holds.

mod duration;
mod kv;
mod list;
mod map;
mod object;
mod strings;
mod time;

pub use duration::Duration;
pub use kv::{Kv, Pair, Pairs};
pub use list::List;
pub use map::{Map, Missing};
pub(crate) use object::no_args;
pub use object::{Member, Object, Shape};
pub use strings::Strings;
pub(crate) use time::Wall;
pub use time::{Time, Zone};

use lgtm_model::{Labels, TimestampMs, TimestampNs};
use std::sync::Arc;

/// In which places a text may stand unescaped when HTML is rendered. In plain text it makes no difference.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Safe {
    /// Trusted markup: `safeHtml`.
    Html,
    /// A trusted address, or one that is escaped already: `safeUrl`, `urlquery`.
    Url,
}

/// A value of the template language.
#[derive(Clone, Debug, Default)]
pub enum Value {
    /// Nothing: the literal `nil`, data that was not given, a key that a map of anything does not have.
    #[default]
    Nil,
    /// `true` or `false`.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A number with a fraction. Go compares it with no whole number: `gt .Value 80.0`.
    Float(f64),
    /// Text.
    String(Arc<str>),
    /// Text that HTML escaping trusts in some places.
    Trusted(Safe, Arc<str>),
    /// Values in order.
    List(List),
    /// Values by name.
    Map(Map),
    /// Something with fields and methods.
    Object(Arc<dyn Object>),
    /// A point in time.
    Time(Time),
    /// A length of time.
    Duration(Duration),
}

impl Value {
    /// Any object.
    pub fn object(object: impl Object + 'static) -> Self {
        Self::Object(Arc::new(object))
    }

    /// The text, when this is text.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::String(text) | Self::Trusted(_, text) => Some(text),
            _ => None,
        }
    }

    /// What an object stands for when it is a number or text with methods; any other value is itself.
    pub(crate) fn scalar(&self) -> Self {
        match self {
            Self::Object(object) => match object.shape() {
                Shape::Scalar(value) => value,
                _ => self.clone(),
            },
            _ => self.clone(),
        }
    }

    /// Whether `if` and `with` take it for true: neither zero nor empty nor nothing.
    pub fn is_true(&self) -> bool {
        match self {
            Self::Nil => false,
            Self::Bool(truth) => *truth,
            Self::Int(number) => *number != 0,
            Self::Float(number) => *number != 0.0,
            Self::String(text) | Self::Trusted(_, text) => !text.is_empty(),
            Self::List(list) => !list.is_empty(),
            Self::Map(map) => !map.is_empty(),
            Self::Time(_) => true,
            Self::Duration(duration) => duration.nanoseconds() != 0,
            Self::Object(object) => match object.shape() {
                Shape::Struct => true,
                Shape::List(list) => !list.is_empty(),
                Shape::Map(map) => !map.is_empty(),
                Shape::Scalar(value) => value.is_true(),
            },
        }
    }

    /// The type's name as Go would print it, for messages and `%T`.
    pub fn type_name(&self) -> &str {
        match self {
            Self::Nil => "<nil>",
            Self::Bool(_) => "bool",
            Self::Int(_) => "int",
            Self::Float(_) => "float64",
            Self::String(_) => "string",
            Self::Trusted(Safe::Html, _) => "template.HTML",
            Self::Trusted(Safe::Url, _) => "template.URL",
            Self::List(_) => "[]interface {}",
            Self::Map(map) => map.type_name(),
            Self::Object(object) => object.type_name(),
            Self::Time(_) => "time.Time",
            Self::Duration(_) => "time.Duration",
        }
    }

    /// How many levels of lists and maps lie inside one another.
    pub(crate) fn depth(&self) -> usize {
        match self {
            Self::List(list) => list.depth(),
            Self::Map(map) => map.depth(),
            _ => 0,
        }
    }

    /// A rough size, which pays for the work that a function does on it.
    pub(crate) fn cost_bytes(&self) -> usize {
        match self {
            Self::String(text) | Self::Trusted(_, text) => text.len(),
            Self::List(list) => list.len(),
            Self::Map(map) => map.len(),
            _ => 0,
        }
    }
}

impl From<bool> for Value {
    fn from(truth: bool) -> Self {
        Self::Bool(truth)
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Self::Int(number)
    }
}

impl From<usize> for Value {
    fn from(number: usize) -> Self {
        Self::Int(i64::try_from(number).unwrap_or(i64::MAX))
    }
}

impl From<f64> for Value {
    fn from(number: f64) -> Self {
        Self::Float(number)
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::String(text.into())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::String(text.into())
    }
}

impl From<Arc<str>> for Value {
    fn from(text: Arc<str>) -> Self {
        Self::String(text)
    }
}

impl From<Vec<Value>> for Value {
    fn from(values: Vec<Value>) -> Self {
        Self::List(List::new(values))
    }
}

impl From<Map> for Value {
    fn from(map: Map) -> Self {
        Self::Map(map)
    }
}

impl From<Kv> for Value {
    fn from(kv: Kv) -> Self {
        Self::object(kv)
    }
}

impl From<Time> for Value {
    fn from(time: Time) -> Self {
        Self::Time(time)
    }
}

impl From<TimestampNs> for Value {
    fn from(at: TimestampNs) -> Self {
        Self::Time(Time::from(at))
    }
}

impl From<TimestampMs> for Value {
    fn from(at: TimestampMs) -> Self {
        Self::Time(Time::from(at.to_ns()))
    }
}

impl From<Duration> for Value {
    fn from(duration: Duration) -> Self {
        Self::Duration(duration)
    }
}

/// Labels as Prometheus' rule templates see them: a map of texts, in which an absent label is the empty text.
impl From<&Labels> for Value {
    fn from(labels: &Labels) -> Self {
        Self::Map(Map::of_strings(labels.iter()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn truth_is_not_zero_not_empty() {
        for value in [
            Value::Nil,
            false.into(),
            0_i64.into(),
            0.0.into(),
            "".into(),
            vec![].into(),
            Value::from(&Labels::empty()),
            Kv::default().into(),
            Duration::from_ns(0).into(),
        ] {
            assert!(!value.is_true(), "{value:?}");
        }
        for value in [true.into(), 1_i64.into(), f64::NAN.into(), "0".into(), Value::from(TimestampNs(0))] {
            assert!(value.is_true(), "{value:?}");
        }
    }
}
