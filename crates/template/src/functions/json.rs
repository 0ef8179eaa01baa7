//! `toJson`, as Go's `encoding/json` writes it: `<`, `>` and `&` escaped, so that it may stand in HTML.

use super::{Functions, Param};
use crate::format::{Sink, shortest};
use crate::limits::VALUE_DEPTH_MAX;
use crate::value::{List, Map, Object, Shape, Value};
use std::fmt::Write;

pub fn add(functions: &mut Functions) {
    functions.add(&[("toJson", &[Param::Any], |call| {
        let mut sink = Sink::new(call.limit_bytes);
        write(&mut sink, &call.value(0), 0)?;
        Ok(sink.into_text().into())
    })]);
}

/// JSON in place of a value in a script.
pub fn to_json(value: &Value, limit_bytes: usize) -> Result<String, String> {
    let mut sink = Sink::new(limit_bytes);
    write(&mut sink, value, 0)?;
    Ok(sink.into_text())
}

fn full(_: std::fmt::Error) -> String {
    "the text exceeds output_bytes_max".to_owned()
}

fn write(sink: &mut Sink, value: &Value, depth: usize) -> Result<(), String> {
    if depth > VALUE_DEPTH_MAX {
        return Err(format!("lists and maps lie more than {VALUE_DEPTH_MAX} deep inside one another"));
    }
    match value {
        Value::Nil => sink.push("null"),
        Value::Bool(truth) => write!(sink, "{truth}"),
        Value::Int(number) => write!(sink, "{number}"),
        Value::Float(number) if !number.is_finite() => {
            return Err(format!("json: unsupported value: {}", shortest(*number)));
        }
        Value::Float(number) => sink.push(&float(*number)),
        Value::String(text) | Value::Trusted(_, text) => string(sink, text),
        Value::Time(time) => string(sink, &time.format("2006-01-02T15:04:05.999999999Z07:00")),
        Value::Duration(duration) => write!(sink, "{}", duration.nanoseconds()),
        Value::List(list) => return write_list(sink, list, depth),
        Value::Map(map) => return write_map(sink, map, depth),
        Value::Object(object) if object.is_null() => sink.push("null"),
        Value::Object(object) => return write_object(sink, object.as_ref(), depth),
    }
    .map_err(full)
}

fn write_object(sink: &mut Sink, object: &dyn Object, depth: usize) -> Result<(), String> {
    match object.shape() {
        Shape::List(list) => write_list(sink, &list, depth),
        Shape::Map(map) => write_map(sink, &map, depth),
        Shape::Scalar(value) => write(sink, &value, depth + 1),
        Shape::Struct => {
            let members = object.members();
            entries(sink, members.iter().map(|member| (member.json, &member.value)), depth)
        }
    }
}

fn write_list(sink: &mut Sink, list: &List, depth: usize) -> Result<(), String> {
    sink.push("[").map_err(full)?;
    for (index, item) in list.iter().enumerate() {
        sink.push(if index == 0 { "" } else { "," }).map_err(full)?;
        write(sink, item, depth + 1)?;
    }
    sink.push("]").map_err(full)
}

fn write_map(sink: &mut Sink, map: &Map, depth: usize) -> Result<(), String> {
    entries(sink, map.iter().map(|(name, value)| (name.as_ref(), value)), depth)
}

fn entries<'a>(
    sink: &mut Sink,
    entries: impl Iterator<Item = (&'a str, &'a Value)>,
    depth: usize,
) -> Result<(), String> {
    sink.push("{").map_err(full)?;
    for (index, (name, value)) in entries.enumerate() {
        sink.push(if index == 0 { "" } else { "," }).map_err(full)?;
        string(sink, name).map_err(full)?;
        sink.push(":").map_err(full)?;
        write(sink, value, depth + 1)?;
    }
    sink.push("}").map_err(full)
}

/// Without exponent between 1e-6 and 1e21, as JavaScript writes numbers.
fn float(number: f64) -> String {
    let magnitude = number.abs();
    if magnitude != 0.0 && !(1e-6..1e21).contains(&magnitude) {
        let text = format!("{number:e}");
        return match text.split_once('e') {
            Some((digits, exponent)) if !exponent.starts_with('-') => format!("{digits}e+{exponent}"),
            _ => text,
        };
    }
    number.to_string()
}

fn string(sink: &mut Sink, text: &str) -> std::fmt::Result {
    sink.push("\"")?;
    for c in text.chars() {
        match c {
            '"' => sink.push("\\\"")?,
            '\\' => sink.push("\\\\")?,
            '\n' => sink.push("\\n")?,
            '\r' => sink.push("\\r")?,
            '\t' => sink.push("\\t")?,
            '\u{8}' => sink.push("\\b")?,
            '\u{c}' => sink.push("\\f")?,
            '<' | '>' | '&' | '\u{2028}' | '\u{2029}' | '\0'..='\u{1f}' => write!(sink, "\\u{:04x}", u32::from(c))?,
            c => sink.write_char(c)?,
        }
    }
    sink.push("\"")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::Kv;

    #[test]
    fn json_as_go_writes_it() {
        let json = |value: Value| to_json(&value, 1000).unwrap();
        assert_eq!(json("a<\n\u{1}\"é".into()), "\"a\\u003c\\n\\u0001\\\"é\"");
        assert_eq!(json(Kv::null().into()), "null");
        assert_eq!(json(Kv::new([("b", "1"), ("a", "2")]).into()), "{\"a\":\"2\",\"b\":\"1\"}");
        assert_eq!(json(vec![1.5.into(), 1e21.into(), 1e-7.into(), Value::Nil].into()), "[1.5,1e+21,1e-7,null]");
        assert_eq!(json(lgtm_model::TimestampNs(1_500_000_000).into()), "\"1970-01-01T00:00:01.5Z\"");
        assert!(to_json(&f64::NAN.into(), 1000).unwrap_err().contains("unsupported value"));
        assert!(to_json(&"long text".into(), 5).is_err());
    }
}
