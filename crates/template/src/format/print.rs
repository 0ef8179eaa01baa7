//! `print`, `println`, and what `{{ .Value }}` writes.

use super::float::shortest;
use crate::value::{List, Map, Object, Shape, Value};
use std::fmt::{self, Write};

/// A text that may not grow beyond a limit. Writing more is an error, and leaves what was there.
#[derive(Debug)]
pub struct Sink {
    text: String,
    limit_bytes: usize,
}

impl Sink {
    pub fn new(limit_bytes: usize) -> Self {
        Self { text: String::new(), limit_bytes }
    }

    pub fn push(&mut self, text: &str) -> fmt::Result {
        if text.len() > self.limit_bytes.saturating_sub(self.text.len()) {
            return Err(fmt::Error);
        }
        self.text.push_str(text);
        Ok(())
    }

    pub fn limit_bytes(&self) -> usize {
        self.limit_bytes
    }

    pub fn into_text(self) -> String {
        self.text
    }
}

impl Write for Sink {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.push(text)
    }
}

/// What an action prints: as `print` does, but nothing is `<no value>`.
pub fn print_action(sink: &mut Sink, value: &Value) -> fmt::Result {
    match value {
        Value::Nil => sink.push("<no value>"),
        Value::String(text) => sink.push(text),
        _ => write_value(sink, value),
    }
}

/// The text of one value, without a limit: for values that the program has made.
#[cfg(test)]
pub fn print(value: &Value) -> String {
    let mut sink = Sink::new(usize::MAX);
    let _ = print_action(&mut sink, value);
    sink.into_text()
}

/// Go's `Sprint`: a space between two values of which neither is a text.
pub fn print_all(sink: &mut Sink, values: &[Value]) -> fmt::Result {
    for (index, value) in values.iter().enumerate() {
        let before = index.checked_sub(1).and_then(|before| values.get(before));
        if before.is_some_and(|before| before.as_str().is_none() && value.as_str().is_none()) {
            sink.push(" ")?;
        }
        write_value(sink, value)?;
    }
    Ok(())
}

/// Go's `Sprintln`: a space between all values and a line end.
pub fn print_line(sink: &mut Sink, values: &[Value]) -> fmt::Result {
    for (index, value) in values.iter().enumerate() {
        sink.push(if index == 0 { "" } else { " " })?;
        write_value(sink, value)?;
    }
    sink.push("\n")
}

/// Go's `%v`.
pub fn write_value(sink: &mut Sink, value: &Value) -> fmt::Result {
    match value {
        Value::Nil => sink.push("<nil>"),
        Value::Bool(truth) => write!(sink, "{truth}"),
        Value::Int(number) => write!(sink, "{number}"),
        Value::Float(number) => sink.push(&shortest(*number)),
        Value::String(text) | Value::Trusted(_, text) => sink.push(text),
        Value::List(list) => write_list(sink, list),
        Value::Map(map) => write_map(sink, map),
        Value::Time(time) => write!(sink, "{time}"),
        Value::Duration(duration) => write!(sink, "{duration}"),
        Value::Object(object) => write_object(sink, object.as_ref()),
    }
}

fn write_object(sink: &mut Sink, object: &dyn Object) -> fmt::Result {
    if let Some(text) = object.print() {
        return sink.push(&text);
    }
    match object.shape() {
        Shape::List(list) => write_list(sink, &list),
        Shape::Map(map) => write_map(sink, &map),
        Shape::Scalar(value) => write_value(sink, &value),
        Shape::Struct => {
            sink.push("{")?;
            for (index, member) in object.members().iter().enumerate() {
                sink.push(if index == 0 { "" } else { " " })?;
                write_value(sink, &member.value)?;
            }
            sink.push("}")
        }
    }
}

fn write_list(sink: &mut Sink, list: &List) -> fmt::Result {
    sink.push("[")?;
    for (index, item) in list.iter().enumerate() {
        sink.push(if index == 0 { "" } else { " " })?;
        write_value(sink, item)?;
    }
    sink.push("]")
}

fn write_map(sink: &mut Sink, map: &Map) -> fmt::Result {
    sink.push("map[")?;
    for (index, (name, item)) in map.iter().enumerate() {
        sink.push(if index == 0 { "" } else { " " })?;
        sink.push(name)?;
        sink.push(":")?;
        write_value(sink, item)?;
    }
    sink.push("]")
}

/// A text in double quotes with Go's escapes.
pub fn quote(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for c in text.chars() {
        let _ = match c {
            '"' => quoted.write_str("\\\""),
            '\\' => quoted.write_str("\\\\"),
            '\u{7}' => quoted.write_str("\\a"),
            '\u{8}' => quoted.write_str("\\b"),
            '\u{c}' => quoted.write_str("\\f"),
            '\n' => quoted.write_str("\\n"),
            '\r' => quoted.write_str("\\r"),
            '\t' => quoted.write_str("\\t"),
            '\u{b}' => quoted.write_str("\\v"),
            c if c < ' ' || c == '\u{7f}' => write!(quoted, "\\x{:02x}", u32::from(c)),
            c if is_invisible(c) && u32::from(c) > 0xffff => write!(quoted, "\\U{:08x}", u32::from(c)),
            c if is_invisible(c) => write!(quoted, "\\u{:04x}", u32::from(c)),
            c => quoted.write_char(c),
        };
    }
    quoted.push('"');
    quoted
}

/// Whether Go's `unicode.IsPrint` would say no: everything that is neither ink nor the ordinary space.
fn is_invisible(c: char) -> bool {
    c != ' '
        && (c.is_control()
            || c.is_whitespace()
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2064}' | '\u{feff}' | '\u{ad}'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::Kv;

    #[test]
    fn values_print_as_in_go() {
        let list = Value::from(vec![Value::from("a"), Value::Int(1), Value::Nil]);
        for (value, text) in [
            (Value::Nil, "<no value>"),
            (list.clone(), "[a 1 <nil>]"),
            (Map::new([("b", Value::Int(2)), ("a", list)]).into(), "map[a:[a 1 <nil>] b:2]"),
            (Kv::new([("b", "2"), ("a", "1")]).into(), "a=1, b=2"),
            (Value::object(Kv::new([("b", "2")]).sorted_pairs().pairs[0].clone()), "{b 2}"),
        ] {
            assert_eq!(print(&value), text);
        }
    }

    #[test]
    fn a_sink_stops_at_its_limit() {
        let mut sink = Sink::new(3);
        assert!(write_value(&mut sink, &"ab".into()).is_ok());
        assert!(write_value(&mut sink, &"cd".into()).is_err());
        assert_eq!(sink.into_text(), "ab");
    }

    #[test]
    fn quotes() {
        assert_eq!(quote("a\"\n\u{1}é\u{a0}"), "\"a\\\"\\n\\x01é\\u00a0\"");
    }
}
