//! Exemplars: the trace and span as labels `trace_id` and `span_id`, and what attributes came with them.

use super::super::name::label_name;
use super::super::proto::common::v1::KeyValue;
use super::super::proto::metrics::v1::Exemplar as ProtoExemplar;
use super::super::proto::metrics::v1::exemplar::Value;
use super::super::value::{text_pair, to_text};
use lgtm_model::{Exemplar, Labels, LabelsBuilder, SpanId, TimestampNs, TraceId};

/// Characters that all labels of an exemplar may have together (OpenMetrics 1.0); beyond it attributes are left out.
const CHARACTERS_MAX: usize = 128;

/// Translates an exemplar; `None` when it has no value.
pub(super) fn translated(exemplar: &ProtoExemplar) -> Option<Exemplar> {
    let mut labels = identifiers(exemplar);
    let characters = |labels: &LabelsBuilder| -> usize {
        labels.iter().map(|(name, value)| name.chars().count() + value.chars().count()).sum()
    };
    let mut with_attributes = labels.clone();
    for pair in &exemplar.filtered_attributes {
        if let Some(name) = label_name(&pair.key) {
            with_attributes.set(name, to_text(pair.value.as_ref()));
        }
    }
    if characters(&with_attributes) <= CHARACTERS_MAX {
        labels = with_attributes;
    }
    sealed(exemplar, labels)
}

/// The exemplar with its attributes as they are: what [`to_proto`] wrote.
pub(super) fn verbatim(exemplar: &ProtoExemplar) -> Option<Exemplar> {
    let mut labels = identifiers(exemplar);
    for pair in &exemplar.filtered_attributes {
        labels.set(pair.key.as_str(), to_text(pair.value.as_ref()));
    }
    sealed(exemplar, labels)
}

fn identifiers(exemplar: &ProtoExemplar) -> LabelsBuilder {
    let mut labels = LabelsBuilder::default();
    if let Some(id) = TraceId::from_bytes(&exemplar.trace_id) {
        labels.set("trace_id", id.to_hex());
    }
    if let Some(id) = SpanId::from_bytes(&exemplar.span_id) {
        labels.set("span_id", id.to_hex());
    }
    labels
}

fn sealed(exemplar: &ProtoExemplar, labels: LabelsBuilder) -> Option<Exemplar> {
    let value = match exemplar.value? {
        Value::AsDouble(value) => value,
        Value::AsInt(value) => value as f64,
    };
    let time = exemplar.time_unix_nano.cast_signed();
    let timestamp = (time != 0).then(|| TimestampNs(time).to_ms());
    Some(Exemplar { labels: labels.build(), value, timestamp })
}

/// The exemplar as OTLP's message; identifiers go to their own fields where they are whole ones.
pub(super) fn to_proto(exemplar: &Exemplar) -> ProtoExemplar {
    let trace_id = exemplar.labels.get("trace_id").and_then(|text| whole(text, TraceId::from_hex, TraceId::to_hex));
    let span_id = exemplar.labels.get("span_id").and_then(|text| whole(text, SpanId::from_hex, SpanId::to_hex));
    ProtoExemplar {
        filtered_attributes: attributes_but(&exemplar.labels, trace_id.is_some(), span_id.is_some()),
        time_unix_nano: exemplar.timestamp.map_or(0, |timestamp| timestamp.to_ns().0.cast_unsigned()),
        span_id: span_id.map(|id| id.0.to_vec()).unwrap_or_default(),
        trace_id: trace_id.map(|id| id.0.to_vec()).unwrap_or_default(),
        value: Some(Value::AsDouble(exemplar.value)),
    }
}

/// The identifier, if writing it again gives the same text.
fn whole<T: Copy>(text: &str, read: impl Fn(&str) -> Option<T>, write: impl Fn(T) -> String) -> Option<T> {
    read(text).filter(|id| write(*id) == text)
}

fn attributes_but(labels: &Labels, without_trace: bool, without_span: bool) -> Vec<KeyValue> {
    let kept = labels.iter().filter(|(name, _)| match *name {
        "trace_id" => !without_trace,
        "span_id" => !without_span,
        _ => true,
    });
    kept.map(|(name, value)| text_pair(name, value)).collect()
}
