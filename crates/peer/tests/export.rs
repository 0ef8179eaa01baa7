//! The exporter against a real HTTP server that answers as it is told.

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri};
use flate2::read::GzDecoder;
use lgtm_flow::{LogSink, SampleBatch, SampleRow, SampleSink, SinkError};
use lgtm_model::{Labels, LogRecord, Severity, TimestampMs, TimestampNs};
use lgtm_peer::{Config, OtlpPeer};
use lgtm_runtime::metrics::Registry;
use lgtm_runtime::{Shutdown, ShutdownTrigger, Tasks};
use lgtm_wire::otlp::decode::from_protobuf;
use lgtm_wire::otlp::{RpcStatus, log_records, samples};
use parking_lot::Mutex;
use prost::Message;
use std::io::Read;
use std::sync::Arc;
use std::time::Duration;

type Answer = (StatusCode, Vec<(&'static str, &'static str)>, Vec<u8>);

struct Other {
    answer: Mutex<Answer>,
    seen: Mutex<Vec<(String, HeaderMap, Bytes)>>,
    endpoint: String,
    tasks: Tasks,
    _trigger: ShutdownTrigger,
}

async fn handle(
    State(other): State<Arc<Other>>,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> axum::response::Response {
    other.seen.lock().push((uri.path().to_owned(), headers, body));
    let (status, headers, body) = other.answer.lock().clone();
    let mut response = axum::response::Response::new(body.into());
    *response.status_mut() = status;
    for (name, value) in headers {
        response.headers_mut().insert(name, value.parse().unwrap());
    }
    response
}

async fn other() -> Arc<Other> {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}/otlp/", listener.local_addr().unwrap());
    let (trigger, shutdown): (_, Shutdown) = ShutdownTrigger::new();
    let answer = Mutex::new((StatusCode::OK, Vec::new(), Vec::new()));
    let other =
        Arc::new(Other { answer, seen: Mutex::default(), endpoint, tasks: Tasks::default(), _trigger: trigger });
    let router = Router::new().fallback(handle).with_state(other.clone());
    let tasks = other.tasks.clone();
    tasks.spawn(async move {
        let stop = async move { shutdown.requested().await };
        axum::serve(listener, router).with_graceful_shutdown(stop).await.unwrap();
    });
    other
}

fn peer(endpoint: &str) -> OtlpPeer {
    let headers = vec![("authorization".to_owned(), "Bearer x".to_owned())];
    let config =
        Config { endpoint: endpoint.to_owned(), timeout: Duration::from_secs(5), headers, ..Config::default() };
    OtlpPeer::new(&config, &Registry::default()).unwrap()
}

fn records(count: usize) -> Vec<LogRecord> {
    let record = LogRecord {
        stream: Labels::from_pairs([("service_name", "shop"), ("filename", "/var/log/x")]),
        timestamp: TimestampNs(7),
        severity: Severity(9),
        body: "a line that is long enough to be worth a little compression".to_owned(),
        trace_id: None,
        span_id: None,
        attributes: Labels::from_pairs([("k", "v")]),
    };
    vec![record; count]
}

#[tokio::test]
async fn batches_arrive_compressed_and_unchanged() {
    let other = other().await;
    let peer = peer(&other.endpoint);
    peer.write_logs(records(100)).await.unwrap();
    let labels = Labels::from_pairs([("__name__", "node_cpu_seconds_total"), ("cpu", "0")]);
    let rows = vec![SampleRow { labels, timestamp: TimestampMs(5), value: 1.5 }];
    peer.write_samples(SampleBatch { rows, ..SampleBatch::default() }).await.unwrap();

    let seen = other.seen.lock();
    let (path, headers, body) = &seen[0];
    assert_eq!(
        (path.as_str(), &headers["content-encoding"], &headers["authorization"]),
        ("/otlp/v1/logs", &"gzip".parse().unwrap(), &"Bearer x".parse().unwrap())
    );
    let mut plain = Vec::new();
    GzDecoder::new(&body[..]).read_to_end(&mut plain).unwrap();
    assert_eq!(log_records(from_protobuf(&plain).unwrap(), TimestampNs(0)), records(100));
    let (path, headers, body) = &seen[1];
    assert_eq!((path.as_str(), headers.get("content-encoding")), ("/otlp/v1/metrics", None));
    let batch = samples(from_protobuf(body).unwrap(), TimestampMs(0)).data;
    assert_eq!(batch.rows[0].labels.to_string(), r#"node_cpu_seconds_total{cpu="0"}"#);
}

#[tokio::test]
async fn answers_become_verdicts_with_the_other_sides_words() {
    let other = other().await;
    let peer = peer(&other.endpoint);
    let status = RpcStatus::new(8, "wal is full").encode_to_vec();
    let headers = vec![("retry-after", "4"), ("content-type", "application/x-protobuf")];
    *other.answer.lock() = (StatusCode::TOO_MANY_REQUESTS, headers, status);
    let error = peer.write_logs(records(1)).await.unwrap_err();
    assert!(
        matches!(&error, SinkError::Overloaded { limit, retry_after } if limit.ends_with("wal is full") && retry_after.as_secs() == 4),
        "{error}"
    );
    *other.answer.lock() = (StatusCode::BAD_REQUEST, Vec::new(), b"no".to_vec());
    assert!(matches!(peer.write_logs(records(1)).await.unwrap_err(), SinkError::Refused(text) if text.ends_with("no")));
}

#[tokio::test]
async fn nobody_there_is_unavailable() {
    let free = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let error = peer(&format!("http://{free}")).write_logs(records(1)).await.unwrap_err();
    assert!(matches!(&error, SinkError::Unavailable(text) if text.contains("refused")), "{error}");
}
