//! `AnyValue` and `KeyValue` to attributes and back, and to the texts that labels and log lines need.

use super::proto::common::v1::any_value::Value;
use super::proto::common::v1::{AnyValue, ArrayValue, KeyValue, KeyValueList};
use base64::prelude::{BASE64_STANDARD, Engine};
use lgtm_model::{AttributeValue, Attributes};

/// A typed value; one that says nothing is the empty text.
pub fn value_from_proto(value: Option<AnyValue>) -> AttributeValue {
    match value.and_then(|value| value.value) {
        None => AttributeValue::Text(String::new()),
        Some(Value::StringValue(text)) => AttributeValue::Text(text),
        Some(Value::BoolValue(value)) => AttributeValue::Bool(value),
        Some(Value::IntValue(value)) => AttributeValue::Int(value),
        Some(Value::DoubleValue(value)) => AttributeValue::Double(value),
        Some(Value::BytesValue(bytes)) => AttributeValue::Bytes(bytes),
        // An index into a table that only profiles carry; without the table the number is all there is.
        Some(Value::StringValueStrindex(index)) => AttributeValue::Int(i64::from(index)),
        Some(Value::ArrayValue(array)) => {
            AttributeValue::Array(array.values.into_iter().map(|value| value_from_proto(Some(value))).collect())
        }
        Some(Value::KvlistValue(list)) => AttributeValue::Map(attributes_from_proto(list.values)),
    }
}

/// Attributes in the order in which they were sent.
pub fn attributes_from_proto(pairs: Vec<KeyValue>) -> Attributes {
    pairs.into_iter().map(|pair| (pair.key, value_from_proto(pair.value))).collect()
}

/// The value as OTLP's message.
pub fn value_to_proto(value: &AttributeValue) -> AnyValue {
    let value = match value {
        AttributeValue::Text(text) => Value::StringValue(text.clone()),
        AttributeValue::Bool(value) => Value::BoolValue(*value),
        AttributeValue::Int(value) => Value::IntValue(*value),
        AttributeValue::Double(value) => Value::DoubleValue(*value),
        AttributeValue::Bytes(bytes) => Value::BytesValue(bytes.clone()),
        AttributeValue::Array(values) => {
            Value::ArrayValue(ArrayValue { values: values.iter().map(value_to_proto).collect() })
        }
        AttributeValue::Map(map) => Value::KvlistValue(KeyValueList { values: attributes_to_proto(map) }),
    };
    AnyValue { value: Some(value) }
}

/// The attributes as OTLP's messages, in their order.
pub fn attributes_to_proto(attributes: &Attributes) -> Vec<KeyValue> {
    let pair = |(key, value): (&str, &AttributeValue)| KeyValue {
        key: key.to_owned(),
        value: Some(value_to_proto(value)),
        ..KeyValue::default()
    };
    attributes.iter().map(pair).collect()
}

/// A pair whose value is a text.
pub(super) fn text_pair(key: &str, value: &str) -> KeyValue {
    KeyValue {
        key: key.to_owned(),
        value: Some(AnyValue { value: Some(Value::StringValue(value.to_owned())) }),
        ..KeyValue::default()
    }
}

/// The text under `key`, when it is there, a text and not empty.
pub(super) fn text_of<'a>(pairs: &'a [KeyValue], key: &str) -> Option<&'a str> {
    let pair = pairs.iter().find(|pair| pair.key == key)?;
    match pair.value.as_ref()?.value.as_ref()? {
        Value::StringValue(text) if !text.is_empty() => Some(text),
        _ => None,
    }
}

/// The value as one text: texts as they are, bytes in base64, lists and maps as JSON (what OpenTelemetry's `AsString`
/// does).
pub(super) fn to_text(value: Option<&AnyValue>) -> String {
    match value.and_then(|value| value.value.as_ref()) {
        None => String::new(),
        Some(Value::StringValue(text)) => text.clone(),
        Some(Value::BoolValue(value)) => value.to_string(),
        Some(Value::IntValue(value)) => value.to_string(),
        Some(Value::DoubleValue(value)) => value.to_string(),
        Some(Value::StringValueStrindex(index)) => index.to_string(),
        Some(Value::BytesValue(bytes)) => base64_of(bytes),
        Some(other @ (Value::ArrayValue(_) | Value::KvlistValue(_))) => to_json(Some(other)).to_string(),
    }
}

fn to_json(value: Option<&Value>) -> serde_json::Value {
    use serde_json::Value as Json;
    match value {
        None => Json::Null,
        Some(Value::StringValue(text)) => Json::from(text.as_str()),
        Some(Value::BoolValue(value)) => Json::from(*value),
        Some(Value::IntValue(value)) => Json::from(*value),
        // JSON has no NaN and no infinities.
        Some(Value::DoubleValue(value)) if !value.is_finite() => Json::from(value.to_string()),
        Some(Value::DoubleValue(value)) => Json::from(*value),
        Some(Value::StringValueStrindex(index)) => Json::from(*index),
        Some(Value::BytesValue(bytes)) => Json::from(base64_of(bytes)),
        Some(Value::ArrayValue(array)) => array.values.iter().map(|value| to_json(value.value.as_ref())).collect(),
        Some(Value::KvlistValue(list)) => {
            let pair = |pair: &KeyValue| {
                (pair.key.clone(), to_json(pair.value.as_ref().and_then(|value| value.value.as_ref())))
            };
            Json::Object(list.values.iter().map(pair).collect())
        }
    }
}

fn base64_of(bytes: &[u8]) -> String {
    BASE64_STANDARD.encode(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_survive_the_round_trip() {
        let value = AttributeValue::Map(Attributes(vec![
            ("a".to_owned(), AttributeValue::Array(vec![AttributeValue::Int(-1), AttributeValue::Bool(true)])),
            ("b".to_owned(), AttributeValue::Bytes(vec![0, 255])),
            ("c".to_owned(), AttributeValue::Double(1.5)),
            ("d".to_owned(), AttributeValue::Text(String::new())),
        ]));
        assert_eq!(value_from_proto(Some(value_to_proto(&value))), value);
    }

    #[test]
    fn structured_values_become_json() {
        let value = value_to_proto(&AttributeValue::Map(Attributes(vec![
            (
                "a".to_owned(),
                AttributeValue::Array(vec![AttributeValue::Double(0.5), AttributeValue::Bytes(vec![102])]),
            ),
            ("z".to_owned(), AttributeValue::Text("x\"y".to_owned())),
        ])));
        assert_eq!(to_text(Some(&value)), r#"{"a":[0.5,"Zg=="],"z":"x\"y"}"#);
    }
}
