//! The example files of the OTLP specification, read as JSON and translated.

use lgtm_model::{AttributeValue, Severity, SpanKind, TimestampMs, TimestampNs};
use lgtm_wire::otlp::decode::{from_json, from_protobuf};
use lgtm_wire::otlp::{self, Payload};

/// Reads an example and checks that protobuf and JSON carry the same message.
fn example<T: Payload + PartialEq>(name: &str) -> Option<T> {
    let Ok(root) = std::env::var("LGTM_CONFORMANCE") else {
        eprintln!("SKIPPED: OTLP example {name} (LGTM_CONFORMANCE is not set)");
        return None;
    };
    let bytes = std::fs::read(format!("{root}/otlp/examples/{name}")).unwrap();
    let message: T = from_json(&bytes).unwrap();
    assert!(from_protobuf::<T>(&message.encode_to_vec()).unwrap() == message);
    let json = serde_json::to_vec(&message).unwrap();
    assert!(from_json::<T>(&json).unwrap() == message);
    Some(message)
}

#[test]
fn logs() {
    let Some(request) = example("logs.json") else { return };
    let records = otlp::log_records(request, TimestampNs(0));
    assert_eq!(records.len(), 1);
    let record = &records[0];
    assert_eq!(record.stream.to_string(), r#"{service_name="my.service"}"#);
    assert_eq!((record.timestamp.0, record.severity), (1_544_712_660_300_000_000, Severity(10)));
    assert_eq!(record.body, "Example log record");
    assert_eq!(record.trace_id.unwrap().to_hex(), "5b8efff798038103d269b633813fc60c");
    assert_eq!(record.attributes.get("severity_text"), Some("Information"));
    assert_eq!(record.attributes.get("string_attribute"), Some("some string"));
    assert_eq!(record.attributes.get("int_attribute"), Some("10"));
    assert_eq!(record.attributes.get("double_attribute"), Some("637.704"));
    assert_eq!(record.attributes.get("array_attribute"), Some(r#"["many","values"]"#));
    assert_eq!(record.attributes.get("scope_name"), Some("my.library"));
}

#[test]
fn events() {
    let Some(request) = example("events.json") else { return };
    let records = otlp::log_records(request, TimestampNs(0));
    assert!(!records.is_empty());
    assert!(records.iter().all(|record| record.attributes.get("event_name").is_some()), "{records:?}");
}

#[test]
fn traces() {
    let Some(request) = example("trace.json") else { return };
    let outcome = otlp::spans(request);
    assert_eq!((outcome.rejected, outcome.data.len()), (0, 1));
    let span = &outcome.data[0];
    assert_eq!((span.resource.service.as_str(), span.kind), ("my.service", SpanKind::Server));
    assert_eq!(span.span_id.to_hex(), "eee19b7ec3c1b174");
    assert_eq!(span.attributes.get("my.span.attr"), Some(&AttributeValue::Text("some value".to_owned())));
}

#[test]
fn metrics() {
    let Some(request) = example("metrics.json") else { return };
    let outcome = otlp::samples(request, TimestampMs(0));
    // The example's counter and histograms are deltas.
    assert!(outcome.message().contains("my.counter"), "{}", outcome.message());
    let lines: Vec<String> =
        outcome.data.rows.iter().map(|row| format!("{} {} {}", row.labels, row.value, row.timestamp.0)).collect();
    assert_eq!(lines[0], r#"my_gauge_ratio{job="my.service", my_gauge_attr="some value"} 10 1544712660300"#);
}
