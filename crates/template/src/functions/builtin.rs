//! Go's own functions, except comparison and escaping.

use super::{Call, Functions, Param, Run, compare, escape, list_of};
use crate::format::{print_all, print_line, printf as print_format};
use crate::value::{List, Map, Shape, Value};

pub fn add(functions: &mut Functions) {
    const ANY: Param = Param::Any;
    functions.insert("and", &[ANY], Some(ANY), Run::Logic { until: false });
    functions.insert("or", &[ANY], Some(ANY), Run::Logic { until: true });
    functions.add(&[("not", &[ANY], |call| Ok((!call.value(0).is_true()).into())), ("len", &[ANY], len)]);
    functions.add_variadic(&[
        ("index", &[ANY], ANY, index),
        ("slice", &[ANY], ANY, slice),
        ("call", &[ANY], ANY, |call| Err(format!("non-function of type {}", call.value(0).type_name()))),
        ("print", &[], ANY, |call| call.written(|sink| print_all(sink, call.args)).map(Into::into)),
        ("println", &[], ANY, |call| call.written(|sink| print_line(sink, call.args)).map(Into::into)),
        ("printf", &[Param::Text], ANY, printf),
    ]);
    compare::add(functions);
    escape::add(functions);
}

fn printf(call: &mut Call<'_>) -> Result<Value, String> {
    let format = call.text(0);
    let values = call.args.get(1..).unwrap_or_default();
    call.written(|sink| print_format(sink, &format, values)).map(Into::into)
}

fn map_of(value: &Value) -> Option<Map> {
    match value {
        Value::Map(map) => Some(map.clone()),
        Value::Object(object) => match object.shape() {
            Shape::Map(map) => Some(map),
            _ => None,
        },
        _ => None,
    }
}

fn len(call: &mut Call<'_>) -> Result<Value, String> {
    let value = call.value(0).scalar();
    let length = match (value.as_str(), list_of(&value), map_of(&value)) {
        (Some(text), ..) => text.len(),
        (_, Some(list), _) => list.len(),
        (_, _, Some(map)) => map.len(),
        _ if matches!(value, Value::Nil) => return Err("len of nil pointer".to_owned()),
        _ => return Err(format!("len of type {}", value.type_name())),
    };
    Ok(length.into())
}

/// `index x 1 "a"` is x[1]["a"].
fn index(call: &mut Call<'_>) -> Result<Value, String> {
    let mut value = call.value(0);
    for key in call.args.iter().skip(1) {
        value = match (list_of(&value), map_of(&value), value.as_str()) {
            (Some(list), ..) => {
                let index = position(key, list.len())?;
                list.get(index).cloned().ok_or_else(|| format!("index out of range: {index}"))?
            }
            (_, Some(map), _) => match key.as_str() {
                Some(key) => map.get_or_missing(key),
                None => return Err(format!("value has type {}; should be string", key.type_name())),
            },
            (_, _, Some(text)) => {
                let index = position(key, text.len())?;
                let byte = text.as_bytes().get(index).copied();
                i64::from(byte.ok_or_else(|| format!("index out of range: {index}"))?).into()
            }
            _ if matches!(value, Value::Nil) => return Err("index of untyped nil".to_owned()),
            _ => return Err(format!("can't index item of type {}", value.type_name())),
        };
    }
    Ok(value)
}

/// A key as a position; `limit` itself is one, too, for slices.
fn position(key: &Value, limit: usize) -> Result<usize, String> {
    match key.scalar() {
        Value::Int(number) => match usize::try_from(number) {
            Ok(index) if index <= limit => Ok(index),
            _ => Err(format!("index out of range: {number}")),
        },
        Value::Nil => Err("cannot index slice/array with nil".to_owned()),
        _ => Err(format!("cannot index slice/array with type {}", key.type_name())),
    }
}

/// `slice x 1 2` is x[1:2].
fn slice(call: &mut Call<'_>) -> Result<Value, String> {
    let value = call.value(0);
    let (list, text) = (list_of(&value), value.as_str());
    let length = match (&list, text) {
        (Some(list), _) => list.len(),
        (_, Some(text)) => text.len(),
        _ => return Err(format!("can't slice item of type {}", value.type_name())),
    };
    let count = call.args.len() - 1;
    if count > 3 {
        return Err(format!("too many slice indexes: {count}"));
    }
    if count == 3 && text.is_some() {
        return Err("cannot 3-index slice a string".to_owned());
    }
    let start = call.args.get(1).map_or(Ok(0), |key| position(key, length))?;
    let end = call.args.get(2).map_or(Ok(length), |key| position(key, length))?;
    call.args.get(3).map_or(Ok(length), |key| position(key, length))?;
    if start > end {
        return Err(format!("invalid slice index: {start} > {end}"));
    }
    match (list, text) {
        (Some(list), _) => Ok(Value::List(List::new(list.get(start..end).unwrap_or_default().to_vec()))),
        // Bytes, as in Go; what a cut inside of a letter leaves is replaced.
        (_, Some(text)) => {
            Ok(String::from_utf8_lossy(text.as_bytes().get(start..end).unwrap_or_default()).into_owned().into())
        }
        _ => Ok(Value::Nil),
    }
}
