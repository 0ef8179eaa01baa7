//! Values of any shape whose texts are templates: a webhook's payload, PagerDuty's details, Jira's fields.

use super::Context;
use lgtm_settings::{Node, Shape};
use serde_json::{Number, Value};

/// A value as it is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Anything {
    /// Nothing, a number or a truth value.
    Fixed(Value),
    /// A template. What it gives is read as YAML again, so that it may become a number, a list or a map.
    Text(String),
    /// A list.
    List(Vec<Anything>),
    /// A map; its keys are templates too.
    Map(Vec<(String, Anything)>),
}

/// Reads it and tries its texts.
pub(crate) fn read(node: Node<'_>, context: &Context<'_>) -> Option<Anything> {
    Some(match node.shape() {
        Shape::Null => Anything::Fixed(Value::Null),
        Shape::Scalar { text, quoted } => match fixed(text, quoted) {
            Some(value) => Anything::Fixed(value),
            None => {
                context.templates.check_text(text, node);
                Anything::Text(text.to_owned())
            }
        },
        Shape::List(items) => Anything::List(items.into_iter().filter_map(|item| read(item, context)).collect()),
        Shape::Map(entries) => Anything::Map(named(entries, context)),
    })
}

fn named(entries: Vec<(&str, Node<'_>)>, context: &Context<'_>) -> Vec<(String, Anything)> {
    let mut read_all = Vec::new();
    for (key, node) in entries {
        context.templates.check_text(key, node);
        read_all.extend(read(node, context).map(|value| (key.to_owned(), value)));
    }
    read_all
}

/// What YAML takes for something other than a text.
fn fixed(text: &str, quoted: bool) -> Option<Value> {
    if quoted {
        return None;
    }
    match text {
        "true" | "True" | "TRUE" => Some(Value::Bool(true)),
        "false" | "False" | "FALSE" => Some(Value::Bool(false)),
        _ => {
            if let Ok(number) = text.parse::<i64>() {
                return Some(Value::Number(number.into()));
            }
            let numeric = text.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '-' | '+' | '.'));
            text.parse::<f64>().ok().filter(|_| numeric).and_then(Number::from_f64).map(Value::Number)
        }
    }
}

impl Anything {
    /// The value with its texts put through `render`.
    pub fn render(&self, render: &mut dyn FnMut(&str) -> String) -> Value {
        match self {
            Self::Fixed(value) => value.clone(),
            Self::Text(template) => retyped(render(template)),
            Self::List(items) => items.iter().map(|item| item.render(render)).collect(),
            Self::Map(entries) => entries.iter().map(|(key, value)| (render(key), value.render(render))).collect(),
        }
    }
}

/// A text that reads as a number, a list or a map in YAML becomes one; what is in it stays as it is.
fn retyped(text: String) -> Value {
    let read = lgtm_settings::read_text("rendered", &text, |root| Some(plain(root)));
    match read.map(|reading| reading.value) {
        Ok(Value::String(_)) | Err(_) => Value::String(text),
        Ok(value) => value,
    }
}

fn plain(node: Node<'_>) -> Value {
    match node.shape() {
        Shape::Null => Value::Null,
        Shape::Scalar { text, quoted } => fixed(text, quoted).unwrap_or_else(|| Value::String(text.to_owned())),
        Shape::List(items) => items.into_iter().map(plain).collect(),
        Shape::Map(entries) => entries.into_iter().map(|(key, node)| (key.to_owned(), plain(node))).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn texts_become_what_yaml_makes_of_them_and_no_more() {
        let map = |entries: &[(&str, &str)]| {
            Anything::Map(entries.iter().map(|(k, v)| ((*k).to_owned(), Anything::Text((*v).to_owned()))).collect())
        };
        let value =
            map(&[("n", "3"), ("list", "[1, 'two: three']"), ("text", "a: b: c"), ("empty", ""), ("t", "\"5\"")]);
        let rendered = value.render(&mut |text| text.to_owned());
        let want = json!({"n": 3, "list": [1, "two: three"], "text": "a: b: c", "empty": null, "t": "\"5\""});
        assert_eq!(rendered, want);
    }
}
