//! A list of texts that can be joined.

use super::object::{Object, Shape};
use super::{List, Value};
use std::sync::Arc;

/// Texts in order, with Alertmanager's method `.Join`.
#[derive(Clone, Debug, Default)]
pub struct Strings {
    list: List,
}

impl Strings {
    /// A list of `texts`.
    pub fn new(texts: impl IntoIterator<Item = Arc<str>>) -> Self {
        Self { list: texts.into_iter().collect() }
    }

    /// Joins texts; `None` when one of the values is no text.
    pub(crate) fn join(list: &[Value], separator: &str) -> Option<String> {
        let texts: Vec<&str> = list.iter().map(Value::as_str).collect::<Option<_>>()?;
        Some(texts.join(separator))
    }
}

impl Object for Strings {
    fn type_name(&self) -> &str {
        "template.Strings"
    }

    fn call(&self, method: &str, args: &[Value]) -> Option<Result<Value, String>> {
        if method != "Join" {
            return None;
        }
        Some(match args {
            [separator] => match separator.as_str() {
                Some(separator) => Ok(Self::join(&self.list, separator).unwrap_or_default().into()),
                None => Err(format!("Join wants the separator as a string; got {}", separator.type_name())),
            },
            _ => Err(format!("wrong number of args for Join: want 1 got {}", args.len())),
        })
    }

    fn shape(&self) -> Shape {
        Shape::List(self.list.clone())
    }
}
