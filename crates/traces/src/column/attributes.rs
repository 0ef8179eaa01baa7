//! Attributes as a list of `{key, value, kind}`: the value as text that people and SQL can read, the kind to restore it.
//!
//! Kinds: 0 text, 1 bool, 2 int, 3 double, 4 bytes in hexadecimal, 5 list and 6 map in JSON. Within lists and maps bytes
//! become hexadecimal texts and NaN and infinities become null, since JSON has no others.

use super::{Elements, list};
use datafusion::arrow::array::{Array, Int8Array, Int8Builder, ListArray, StringArray, StringBuilder};
use datafusion::arrow::datatypes::{DataType, Field, Fields};
use datafusion::arrow::error::ArrowError;
use lgtm_model::{AttributeValue, Attributes};
use serde_json::Value;
use std::sync::Arc;

const TEXT: i8 = 0;
const BOOL: i8 = 1;
const INT: i8 = 2;
const DOUBLE: i8 = 3;
const BYTES: i8 = 4;
const ARRAY: i8 = 5;
const MAP: i8 = 6;

/// The fields of one attribute.
pub fn attribute_fields() -> Fields {
    Fields::from(vec![
        Field::new("key", DataType::Utf8, false),
        Field::new("value", DataType::Utf8, false),
        Field::new("kind", DataType::Int8, false),
    ])
}

/// Collects the attributes of many rows.
#[derive(Default)]
pub struct AttributesBuilder {
    keys: StringBuilder,
    values: StringBuilder,
    kinds: Int8Builder,
    lengths: Vec<usize>,
}

impl AttributesBuilder {
    /// Adds a row.
    pub fn push(&mut self, attributes: &Attributes) {
        for (name, value) in attributes.iter() {
            let (kind, text) = encode(value);
            self.keys.append_value(name);
            self.values.append_value(text);
            self.kinds.append_value(kind);
        }
        self.lengths.push(attributes.len());
    }

    /// The finished column.
    pub fn finish(mut self) -> Result<ListArray, ArrowError> {
        let columns: Vec<Arc<dyn Array>> =
            vec![Arc::new(self.keys.finish()), Arc::new(self.values.finish()), Arc::new(self.kinds.finish())];
        list(attribute_fields(), columns, self.lengths)
    }
}

/// Reads rows back.
pub struct AttributesReader<'a> {
    elements: Elements<'a>,
    keys: &'a StringArray,
    values: &'a StringArray,
    kinds: &'a Int8Array,
}

impl<'a> AttributesReader<'a> {
    /// `None` when the column is not one of attributes.
    pub fn new(column: &'a dyn Array) -> Option<Self> {
        let elements = Elements::new(column)?;
        let (keys, values) = (elements.column("key")?, elements.column("value")?);
        let kinds = elements.column("kind")?;
        Some(Self { elements, keys, values, kinds })
    }

    /// The attributes of a row.
    pub fn read(&self, row: usize) -> Attributes {
        let range = self.elements.range(row);
        range.map(|at| (self.keys.value(at).to_owned(), decode(self.kinds.value(at), self.values.value(at)))).collect()
    }
}

fn encode(value: &AttributeValue) -> (i8, String) {
    match value {
        AttributeValue::Text(text) => (TEXT, text.clone()),
        AttributeValue::Bool(value) => (BOOL, value.to_string()),
        AttributeValue::Int(value) => (INT, value.to_string()),
        AttributeValue::Double(value) => (DOUBLE, value.to_string()),
        AttributeValue::Bytes(bytes) => (BYTES, hex::encode(bytes)),
        AttributeValue::Array(_) => (ARRAY, to_json(value).to_string()),
        AttributeValue::Map(_) => (MAP, to_json(value).to_string()),
    }
}

/// What cannot be read back as its kind is still shown, as the text that it is.
fn decode(kind: i8, text: &str) -> AttributeValue {
    let value = match kind {
        BOOL => text.parse().ok().map(AttributeValue::Bool),
        INT => text.parse().ok().map(AttributeValue::Int),
        DOUBLE => text.parse().ok().map(AttributeValue::Double),
        BYTES => hex::decode(text).ok().map(AttributeValue::Bytes),
        ARRAY | MAP => serde_json::from_str(text).ok().map(from_json),
        _ => None,
    };
    value.unwrap_or_else(|| AttributeValue::Text(text.to_owned()))
}

fn to_json(value: &AttributeValue) -> Value {
    match value {
        AttributeValue::Text(text) => Value::from(text.as_str()),
        AttributeValue::Bool(value) => Value::from(*value),
        AttributeValue::Int(value) => Value::from(*value),
        AttributeValue::Double(value) => Value::from(*value),
        AttributeValue::Bytes(bytes) => Value::from(hex::encode(bytes)),
        AttributeValue::Array(values) => values.iter().map(to_json).collect(),
        AttributeValue::Map(map) => map.iter().map(|(name, value)| (name.to_owned(), to_json(value))).collect(),
    }
}

fn from_json(value: Value) -> AttributeValue {
    match value {
        Value::Null => AttributeValue::Text(String::new()),
        Value::Bool(value) => AttributeValue::Bool(value),
        Value::Number(number) => match number.as_i64() {
            Some(value) => AttributeValue::Int(value),
            None => AttributeValue::Double(number.as_f64().unwrap_or(f64::NAN)),
        },
        Value::String(text) => AttributeValue::Text(text),
        Value::Array(values) => AttributeValue::Array(values.into_iter().map(from_json).collect()),
        Value::Object(map) => {
            AttributeValue::Map(map.into_iter().map(|(name, value)| (name, from_json(value))).collect())
        }
    }
}
