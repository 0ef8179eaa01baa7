//! OTLP requests by hand, each with one record of a known number, and sending them over HTTP.
#![allow(dead_code, reason = "each test file uses its own part")]

use opentelemetry_proto::tonic::collector::logs::v1::ExportLogsServiceRequest;
use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::common::v1::{AnyValue, KeyValue};
use opentelemetry_proto::tonic::logs::v1::{LogRecord, ResourceLogs, ScopeLogs};
use opentelemetry_proto::tonic::metrics::v1::{
    Gauge, Metric, NumberDataPoint, ResourceMetrics, ScopeMetrics, metric, number_data_point,
};
use opentelemetry_proto::tonic::resource::v1::Resource;
use opentelemetry_proto::tonic::trace::v1::{ResourceSpans, ScopeSpans, Span};
use prost::Message;

fn text(value: &str) -> Option<AnyValue> {
    Some(AnyValue { value: Some(Value::StringValue(value.to_owned())) })
}

fn resource() -> Option<Resource> {
    let service = KeyValue { key: "service.name".to_owned(), value: text("torture"), ..KeyValue::default() };
    Some(Resource { attributes: vec![service], ..Resource::default() })
}

/// A log line `line <number>`.
pub fn logs(number: u64, time_ns: u64) -> Vec<u8> {
    let record = LogRecord { time_unix_nano: time_ns, body: text(&format!("line {number}")), ..LogRecord::default() };
    let scope_logs = vec![ScopeLogs { log_records: vec![record], ..ScopeLogs::default() }];
    let resource_logs = vec![ResourceLogs { resource: resource(), scope_logs, ..ResourceLogs::default() }];
    ExportLogsServiceRequest { resource_logs }.encode_to_vec()
}

/// A span of the trace with this number.
pub fn traces(number: u64, time_ns: u64) -> Vec<u8> {
    let span = Span {
        trace_id: trace_id(number).to_vec(),
        span_id: [7; 8].to_vec(),
        name: format!("span {number}"),
        start_time_unix_nano: time_ns,
        end_time_unix_nano: time_ns + 1_000_000,
        ..Span::default()
    };
    let scope_spans = vec![ScopeSpans { spans: vec![span], ..ScopeSpans::default() }];
    let resource_spans = vec![ResourceSpans { resource: resource(), scope_spans, ..ResourceSpans::default() }];
    ExportTraceServiceRequest { resource_spans }.encode_to_vec()
}

/// The id of the trace with this number.
pub fn trace_id(number: u64) -> [u8; 16] {
    let mut id = [0xab; 16];
    id[8..].copy_from_slice(&number.to_be_bytes());
    id
}

/// A sample of the gauge `torture_number` with the number as its value.
pub fn metrics(number: u64, time_ns: u64) -> Vec<u8> {
    let point = NumberDataPoint {
        time_unix_nano: time_ns,
        value: Some(number_data_point::Value::AsInt(i64::try_from(number).expect("small"))),
        ..NumberDataPoint::default()
    };
    let data = Some(metric::Data::Gauge(Gauge { data_points: vec![point] }));
    let metrics = vec![Metric { name: "torture_number".to_owned(), data, ..Metric::default() }];
    let scope_metrics = vec![ScopeMetrics { metrics, ..ScopeMetrics::default() }];
    let resource_metrics = vec![ResourceMetrics { resource: resource(), scope_metrics, ..ResourceMetrics::default() }];
    ExportMetricsServiceRequest { resource_metrics }.encode_to_vec()
}

/// Sends a request; true when it was acknowledged.
pub async fn send(client: &reqwest::Client, url: &str, body: Vec<u8>) -> bool {
    let request = client.post(url).header("content-type", "application/x-protobuf").body(body);
    request.send().await.is_ok_and(|answer| answer.status().is_success())
}
