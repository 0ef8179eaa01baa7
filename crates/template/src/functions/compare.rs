//! `eq`, `ne`, `lt`, `le`, `gt`, `ge`: values of one kind only, as in Go. A whole number is no number with a fraction.

use super::{Call, Functions, Param};
use crate::value::{Shape, Value};
use std::cmp::Ordering;

const ANY: Param = Param::Any;

pub fn add(functions: &mut Functions) {
    functions.add_variadic(&[("eq", &[ANY], ANY, eq)]);
    functions.add(&[
        ("ne", &[ANY, ANY], |call| Ok((!equal(&call.value(0), &call.value(1))?).into())),
        ("lt", &[ANY, ANY], |call| Ok(order(call)?.is_some_and(Ordering::is_lt).into())),
        ("le", &[ANY, ANY], |call| Ok(order(call)?.is_some_and(Ordering::is_le).into())),
        // Go defines these by the two above, which shows where one side is not a number: NaN is greater than all.
        ("gt", &[ANY, ANY], |call| Ok((!order(call)?.is_some_and(Ordering::is_le)).into())),
        ("ge", &[ANY, ANY], |call| Ok((!order(call)?.is_some_and(Ordering::is_lt)).into())),
    ]);
}

/// Whether the first equals any of the others.
fn eq(call: &mut Call<'_>) -> Result<Value, String> {
    let Some((first, others)) = call.args.split_first() else { return Ok(false.into()) };
    if others.is_empty() {
        return Err("missing argument for comparison".to_owned());
    }
    for other in others {
        if equal(first, other)? {
            return Ok(true.into());
        }
    }
    Ok(false.into())
}

fn equal(a: &Value, b: &Value) -> Result<bool, String> {
    let (a, b) = (simple(a), simple(b));
    match (&a, &b) {
        (Value::Nil, Value::Nil) => Ok(true),
        (Value::Nil, other) | (other, Value::Nil) if is_basic(other) => Ok(false),
        (Value::Nil, _) | (_, Value::Nil) => Ok(false),
        (Value::Bool(a), Value::Bool(b)) => Ok(a == b),
        (Value::Int(a), Value::Int(b)) => Ok(a == b),
        (Value::Float(a), Value::Float(b)) => Ok(a == b),
        (Value::Time(a), Value::Time(b)) => Ok(a == b),
        _ => match (a.as_str(), b.as_str()) {
            (Some(a), Some(b)) => Ok(a == b),
            _ if is_basic(&a) && is_basic(&b) => Err(incompatible(&a, &b)),
            _ => Err(format!("non-comparable types {} and {}", a.type_name(), b.type_name())),
        },
    }
}

/// The order of two values; `None` when one of them is NaN.
fn order(call: &Call<'_>) -> Result<Option<Ordering>, String> {
    let (a, b) = (simple(&call.value(0)), simple(&call.value(1)));
    match (&a, &b) {
        (Value::Int(a), Value::Int(b)) => Ok(Some(a.cmp(b))),
        (Value::Float(a), Value::Float(b)) => Ok(a.partial_cmp(b)),
        _ => match (a.as_str(), b.as_str()) {
            (Some(a), Some(b)) => Ok(Some(a.cmp(b))),
            _ if is_basic(&a) && is_basic(&b) && !matches!(a, Value::Bool(_)) => Err(incompatible(&a, &b)),
            _ => Err(format!("invalid type for comparison: {} and {}", a.type_name(), b.type_name())),
        },
    }
}

/// Durations and months are numbers underneath.
fn simple(value: &Value) -> Value {
    match value {
        Value::Duration(duration) => duration.nanoseconds().into(),
        Value::Object(object) => match object.shape() {
            Shape::Scalar(value) => value,
            _ => value.clone(),
        },
        _ => value.clone(),
    }
}

fn is_basic(value: &Value) -> bool {
    matches!(value, Value::Bool(_) | Value::Int(_) | Value::Float(_) | Value::String(_) | Value::Trusted(..))
}

fn incompatible(a: &Value, b: &Value) -> String {
    let hint = match (a, b) {
        (Value::Float(_), Value::Int(number)) | (Value::Int(number), Value::Float(_)) => {
            format!("; write the whole number with a fraction: {number}.0")
        }
        _ => String::new(),
    };
    format!("incompatible types for comparison: {} and {}{hint}", a.type_name(), b.type_name())
}
