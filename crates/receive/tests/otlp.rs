//! The receiver over real sockets, with sinks that remember or refuse.

use async_trait::async_trait;
use flate2::Compression;
use flate2::write::GzEncoder;
use lgtm_flow::{LogSink, SampleBatch, SampleSink, SinkError, Sinks, SpanSink};
use lgtm_model::{LogRecord, Span, TimestampNs};
use lgtm_receive::{Config, Deps, Handle, ListenAddress, start};
use lgtm_runtime::metrics::Registry;
use lgtm_runtime::{ManualClock, ShutdownTrigger, SystemClock};
use lgtm_wire::otlp::proto::collector::logs::v1::logs_service_client::LogsServiceClient;
use lgtm_wire::otlp::proto::collector::logs::v1::{ExportLogsServiceRequest, ExportLogsServiceResponse};
use lgtm_wire::otlp::proto::collector::trace::v1::trace_service_client::TraceServiceClient;
use lgtm_wire::otlp::proto::collector::trace::v1::{ExportTraceServiceRequest, ExportTraceServiceResponse};
use lgtm_wire::otlp::proto::logs::v1::{LogRecord as ProtoRecord, ResourceLogs, ScopeLogs};
use lgtm_wire::otlp::proto::trace::v1::{ResourceSpans, ScopeSpans, Span as ProtoSpan};
use lgtm_wire::otlp::{RpcStatus, metrics_request};
use parking_lot::Mutex;
use prost::Message;
use std::io::Write;
use std::sync::Arc;
use std::time::Duration;
use tonic::codec::CompressionEncoding;

#[derive(Default)]
struct Memory {
    logs: Mutex<Vec<LogRecord>>,
    spans: Mutex<Vec<Span>>,
    samples: Mutex<Vec<SampleBatch>>,
    refuse: Mutex<Option<SinkError>>,
}

impl Memory {
    fn answer(&self) -> Result<(), SinkError> {
        self.refuse.lock().clone().map_or(Ok(()), Err)
    }
}

#[async_trait]
impl LogSink for Memory {
    async fn write_logs(&self, records: Vec<LogRecord>) -> Result<(), SinkError> {
        self.answer()?;
        self.logs.lock().extend(records);
        Ok(())
    }
}

#[async_trait]
impl SpanSink for Memory {
    async fn write_spans(&self, spans: Vec<Span>) -> Result<(), SinkError> {
        self.answer()?;
        self.spans.lock().extend(spans);
        Ok(())
    }
}

#[async_trait]
impl SampleSink for Memory {
    async fn write_samples(&self, batch: SampleBatch) -> Result<(), SinkError> {
        self.answer()?;
        self.samples.lock().push(batch);
        Ok(())
    }
}

struct House {
    memory: Arc<Memory>,
    handle: Handle,
    trigger: ShutdownTrigger,
    registry: Registry,
    http: reqwest::Client,
}

fn config() -> Config {
    Config {
        grpc_listen: ListenAddress::loopback(0, "receive.grpc_listen"),
        http_listen: ListenAddress::loopback(0, "receive.http_listen"),
        request_bytes_max: 1 << 20,
        ..Config::default()
    }
}

fn deps(memory: &Arc<Memory>, registry: &Registry) -> Deps {
    let sinks = Sinks { samples: memory.clone(), logs: memory.clone(), spans: memory.clone() };
    Deps { sinks, clock: ManualClock::starting_at(TimestampNs(42)), registry: registry.clone() }
}

async fn open() -> House {
    let (memory, registry) = (Arc::new(Memory::default()), Registry::default());
    let (trigger, shutdown) = ShutdownTrigger::new();
    let handle = start(config(), deps(&memory, &registry), shutdown).await.unwrap();
    House { memory, handle, trigger, registry, http: reqwest::Client::new() }
}

impl House {
    async fn post(&self, path: &str, content_type: &str, gzip: bool, body: Vec<u8>) -> reqwest::Response {
        let url = format!("http://{}{path}", self.handle.http);
        let mut request = self.http.post(url).header("content-type", content_type);
        if gzip {
            request = request.header("content-encoding", "gzip");
        }
        request.body(body).send().await.unwrap()
    }

    fn requests(&self, outcome: &str) -> f64 {
        let families = self.registry.snapshot();
        let family = families.iter().find(|family| family.name == "lgtm_receive_requests_total").unwrap();
        let points = family.points.iter().filter(|(_, labels, _)| labels.get("outcome") == Some(outcome));
        points.map(|(_, _, value)| value).sum()
    }
}

const PROTOBUF: &str = "application/x-protobuf";

fn logs(bodies: usize) -> ExportLogsServiceRequest {
    let scope_logs = vec![ScopeLogs { log_records: vec![ProtoRecord::default(); bodies], ..ScopeLogs::default() }];
    ExportLogsServiceRequest { resource_logs: vec![ResourceLogs { scope_logs, ..ResourceLogs::default() }] }
}

fn spans(ids: &[u8]) -> ExportTraceServiceRequest {
    let span = |id: &u8| ProtoSpan { trace_id: vec![*id; 16], span_id: vec![*id; 8], ..ProtoSpan::default() };
    let scope_spans = vec![ScopeSpans { spans: ids.iter().map(span).collect(), ..ScopeSpans::default() }];
    ExportTraceServiceRequest { resource_spans: vec![ResourceSpans { scope_spans, ..ResourceSpans::default() }] }
}

#[tokio::test]
async fn http_takes_protobuf_json_and_gzip() {
    let house = open().await;
    let response = house.post("/v1/logs", PROTOBUF, false, logs(2).encode_to_vec()).await;
    assert_eq!((response.status().as_u16(), response.headers()["content-type"].to_str().unwrap()), (200, PROTOBUF));
    let answer = ExportLogsServiceResponse::decode(response.bytes().await.unwrap()).unwrap();
    assert_eq!(answer, ExportLogsServiceResponse::default());
    assert_eq!(house.memory.logs.lock()[0].timestamp, TimestampNs(42));

    let json = br#"{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"body":{"stringValue":"hello"}}]}]}]}"#;
    let response = house.post("/v1/logs", "application/json; charset=utf-8", false, json.to_vec()).await;
    assert_eq!(response.status().as_u16(), 200);
    assert_eq!(house.memory.logs.lock()[2].body, "hello");

    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(&metrics_request(&SampleBatch::default()).encode_to_vec()).unwrap();
    let response = house.post("/v1/metrics", PROTOBUF, true, encoder.finish().unwrap()).await;
    assert_eq!(response.status().as_u16(), 200);
    assert_eq!(house.requests("accepted"), 3.0);
}

#[tokio::test]
async fn what_cannot_be_stored_is_a_partial_success() {
    let house = open().await;
    let response = house.post("/v1/traces", PROTOBUF, false, spans(&[1, 0, 2]).encode_to_vec()).await;
    assert_eq!(response.status().as_u16(), 200);
    let answer = ExportTraceServiceResponse::decode(response.bytes().await.unwrap()).unwrap();
    let partial = answer.partial_success.unwrap();
    assert_eq!(partial.rejected_spans, 1);
    assert!(partial.error_message.contains("not all zero"), "{}", partial.error_message);
    assert_eq!(house.memory.spans.lock().len(), 2);
}

#[tokio::test]
async fn truncated_protobuf_is_a_400_that_names_the_offset_and_changes_nothing() {
    let house = open().await;
    let mut bytes = spans(&[1, 2]).encode_to_vec();
    bytes.truncate(20);
    let response = house.post("/v1/traces", PROTOBUF, false, bytes).await;
    assert_eq!(response.status().as_u16(), 400);
    let status = RpcStatus::decode(response.bytes().await.unwrap()).unwrap();
    assert_eq!(status.code, 3);
    assert!(
        status.message.starts_with("malformed protobuf at byte 20: the data ends in Span.trace_id"),
        "{}",
        status.message
    );
    assert!(house.memory.spans.lock().is_empty());

    let response = house.post("/v1/logs", "application/json", false, b"{\"resourceLogs\": 7}".to_vec()).await;
    assert_eq!(response.status().as_u16(), 400);
    let text = response.text().await.unwrap();
    assert!(text.contains("line 1, column 18"), "{text}");
    assert_eq!(house.requests("malformed"), 2.0);
}

#[tokio::test]
async fn limits_and_unknown_encodings_are_named() {
    let house = open().await;
    let response = house.post("/v1/logs", PROTOBUF, false, vec![0; (1 << 20) + 1]).await;
    assert_eq!(response.status().as_u16(), 413);
    let status = RpcStatus::decode(response.bytes().await.unwrap()).unwrap();
    assert!(status.message.contains("request_bytes_max = 1048576"), "{}", status.message);
    let response = house.post("/v1/logs", "text/plain", false, Vec::new()).await;
    assert_eq!(response.status().as_u16(), 415);
    assert!(response.text().await.unwrap().contains("text/plain"));
}

#[tokio::test]
async fn the_sinks_refusals_reach_the_client() {
    let house = open().await;
    let overloaded =
        SinkError::Overloaded { limit: "wal_bytes_max".to_owned(), retry_after: Duration::from_millis(2_500) };
    let cases = [
        (overloaded.clone(), 429, Some("3"), 8),
        (SinkError::Refused("too old".to_owned()), 400, None, 3),
        (SinkError::Unavailable("disk is gone".to_owned()), 503, None, 14),
    ];
    for (error, http, retry_after, code) in cases {
        *house.memory.refuse.lock() = Some(error);
        let response = house.post("/v1/logs", PROTOBUF, false, logs(1).encode_to_vec()).await;
        assert_eq!(response.status().as_u16(), http);
        assert_eq!(response.headers().get("retry-after").map(|value| value.to_str().unwrap()), retry_after);
        assert_eq!(RpcStatus::decode(response.bytes().await.unwrap()).unwrap().code, code);
    }
    *house.memory.refuse.lock() = Some(overloaded);
    let mut client = LogsServiceClient::connect(format!("http://{}", house.handle.grpc)).await.unwrap();
    let status = client.export(logs(1)).await.unwrap_err();
    assert_eq!(status.code(), tonic::Code::ResourceExhausted);
    let details = RpcStatus::decode(status.details()).unwrap().details;
    assert_eq!(details[0].type_url, "type.googleapis.com/google.rpc.RetryInfo");
}

#[tokio::test]
async fn grpc_takes_plain_and_gzip_and_stops_when_told() {
    let house = open().await;
    let mut client = LogsServiceClient::connect(format!("http://{}", house.handle.grpc)).await.unwrap();
    client.export(logs(3)).await.unwrap();
    let client = TraceServiceClient::connect(format!("http://{}", house.handle.grpc)).await.unwrap();
    let answer = client.send_compressed(CompressionEncoding::Gzip).export(spans(&[1, 0])).await.unwrap().into_inner();
    assert_eq!(answer.partial_success.unwrap().rejected_spans, 1);
    assert_eq!((house.memory.logs.lock().len(), house.memory.spans.lock().len()), (3, 1));
    house.trigger.fire();
    assert_eq!(house.handle.drain(&SystemClock::shared(), Duration::from_secs(10)).await, 0);
}

#[tokio::test]
async fn a_port_in_use_is_named_with_the_setting_that_moves_it() {
    let house = open().await;
    let mut config = config();
    config.http_listen.address = house.handle.http;
    let (_trigger, shutdown) = ShutdownTrigger::new();
    let error = start(config, deps(&house.memory, &house.registry), shutdown).await.unwrap_err().to_string();
    assert!(error.contains(&format!("port {} is in use", house.handle.http.port())), "{error}");
    assert!(error.contains("receive.http_listen"), "{error}");
}
