//! The agent between a client and a server that comes and goes.

use async_trait::async_trait;
use lgtm_agent::{AgentError, Backoff, Config, Deps, Handle, start};
use lgtm_flow::queue::QueueError;
use lgtm_flow::{LogSink, SampleBatch, SampleRow, SampleSink, SinkError, Sinks, SpanSink};
use lgtm_model::{Labels, LogRecord, Resource, Severity, Span, SpanId, SpanKind, SpanStatus, TraceId};
use lgtm_model::{Metadata, MetadataRow, MetricType, TimestampMs, TimestampNs};
use lgtm_peer::OtlpPeer;
use lgtm_receive::ListenAddress;
use lgtm_runtime::metrics::Registry;
use lgtm_runtime::{Random, ShutdownTrigger, SystemClock};
use parking_lot::Mutex;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;

/// What the server has taken.
struct Memory {
    logs: Mutex<Vec<String>>,
    spans: Mutex<Vec<Span>>,
    samples: Mutex<SampleBatch>,
    items: watch::Sender<usize>,
}

impl Memory {
    fn new() -> Arc<Self> {
        let items = watch::Sender::new(0);
        Arc::new(Self { logs: Mutex::default(), spans: Mutex::default(), samples: Mutex::default(), items })
    }

    fn took(&self, count: usize) -> Result<(), SinkError> {
        self.items.send_modify(|items| *items += count);
        Ok(())
    }

    async fn has(&self, count: usize) {
        self.items.subscribe().wait_for(|items| *items >= count).await.unwrap();
    }

    fn sorted_logs(&self) -> Vec<String> {
        let mut logs = self.logs.lock().clone();
        logs.sort();
        logs
    }
}

#[async_trait]
impl LogSink for Memory {
    async fn write_logs(&self, records: Vec<LogRecord>) -> Result<(), SinkError> {
        self.logs.lock().extend(records.iter().map(|record| record.body.clone()));
        self.took(records.len())
    }
}

#[async_trait]
impl SpanSink for Memory {
    async fn write_spans(&self, spans: Vec<Span>) -> Result<(), SinkError> {
        let count = spans.len();
        self.spans.lock().extend(spans);
        self.took(count)
    }
}

#[async_trait]
impl SampleSink for Memory {
    async fn write_samples(&self, batch: SampleBatch) -> Result<(), SinkError> {
        let count = batch.rows.len();
        let mut samples = self.samples.lock();
        samples.rows.extend(batch.rows);
        samples.metadata.extend(batch.metadata);
        drop(samples);
        self.took(count)
    }
}

/// A server on `address`, until its trigger fires.
async fn serve(address: SocketAddr, memory: &Arc<Memory>) -> (lgtm_receive::Handle, ShutdownTrigger) {
    let config = lgtm_receive::Config {
        grpc_listen: ListenAddress::loopback(0, "grpc"),
        http_listen: ListenAddress { address, setting: "http".to_owned() },
        ..lgtm_receive::Config::default()
    };
    let sinks = Sinks { samples: memory.clone(), logs: memory.clone(), spans: memory.clone() };
    let deps = lgtm_receive::Deps { sinks, clock: SystemClock::shared(), registry: Registry::default() };
    let (trigger, shutdown) = ShutdownTrigger::new();
    (lgtm_receive::start(config, deps, shutdown).await.unwrap(), trigger)
}

async fn free_address() -> SocketAddr {
    tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap()
}

async fn agent(directory: &Path, server: SocketAddr) -> (Handle, ShutdownTrigger) {
    let peer = lgtm_peer::Config { endpoint: format!("http://{server}"), ..lgtm_peer::Config::default() };
    let mut config = Config::new(directory.to_owned(), peer);
    config.receive.grpc_listen.address.set_port(0);
    config.receive.http_listen.address.set_port(0);
    config.batch.delay = Duration::from_millis(5);
    config.backoff = Backoff { first: Duration::from_millis(5), max: Duration::from_millis(50) };
    loop {
        let registry = Registry::default();
        let deps = Deps { clock: SystemClock::shared(), random: Random::from_seed(7), registry };
        let (trigger, shutdown) = ShutdownTrigger::new();
        match start(config.clone(), deps, shutdown).await {
            Ok(handle) => return (handle, trigger),
            // The tasks of the agent that was killed before let go of the queue in their own time.
            Err(AgentError::Queue(QueueError::Locked(_))) => tokio::task::yield_now().await,
            Err(error) => panic!("{error}"),
        }
    }
}

fn logs(range: std::ops::Range<usize>) -> Vec<LogRecord> {
    let record = |index| LogRecord {
        stream: Labels::from_pairs([("service_name", "shop")]),
        timestamp: TimestampNs(1),
        severity: Severity(9),
        body: format!("line {index:04}"),
        trace_id: None,
        span_id: None,
        attributes: Labels::empty(),
    };
    range.map(record).collect()
}

fn span(id: u8) -> Span {
    Span {
        trace_id: TraceId([id; 16]),
        span_id: SpanId([id; 8]),
        parent_span_id: None,
        trace_state: String::new(),
        name: "work".to_owned(),
        kind: SpanKind::Internal,
        start: TimestampNs(1),
        end: TimestampNs(2),
        status: SpanStatus::default(),
        resource: Arc::new(Resource { service: "unknown_service".to_owned(), ..Resource::default() }),
        attributes: lgtm_model::Attributes::default(),
        events: Vec::new(),
        links: Vec::new(),
    }
}

fn host_metrics() -> SampleBatch {
    let labels = Labels::from_pairs([("__name__", "node_cpu_seconds_total"), ("cpu", "0"), ("mode", "idle")]);
    let metadata = Metadata { metric_type: MetricType::Counter, help: "Seconds.".to_owned(), unit: String::new() };
    SampleBatch {
        rows: vec![SampleRow { labels, timestamp: TimestampMs(1_000), value: 12.5 }],
        metadata: vec![MetadataRow { name: "node_cpu_seconds_total".to_owned(), metadata }],
        exemplars: Vec::new(),
    }
}

#[tokio::test]
async fn what_was_acknowledged_while_the_server_was_down_arrives_after_a_kill() {
    let directory = tempfile::tempdir().unwrap();
    let (server, memory) = (free_address().await, Memory::new());

    let (handle, _trigger) = agent(directory.path(), server).await;
    let client = lgtm_peer::Config { endpoint: format!("http://{}", handle.http), ..lgtm_peer::Config::default() };
    let client = OtlpPeer::new(&client, &Registry::default()).unwrap();
    for start in 0..20 {
        client.write_logs(logs(start * 10..start * 10 + 10)).await.unwrap();
    }
    client.write_spans(vec![span(1), span(2)]).await.unwrap();
    handle.sinks().samples.write_samples(host_metrics()).await.unwrap();
    assert!(handle.queued_bytes() > 0);
    drop(handle);

    let (_server, _stop) = serve(server, &memory).await;
    let (handle, trigger) = agent(directory.path(), server).await;
    memory.has(203).await;
    assert_eq!(memory.sorted_logs(), logs(0..200).iter().map(|record| record.body.clone()).collect::<Vec<_>>());
    assert_eq!(*memory.spans.lock(), [span(1), span(2)]);
    let samples = memory.samples.lock().clone();
    assert_eq!(samples.rows.len(), 1);
    assert_eq!(samples.rows[0].labels, host_metrics().rows[0].labels);
    assert_eq!(samples.metadata, host_metrics().metadata);
    trigger.fire();
    assert_eq!(handle.drain(Duration::from_secs(10)).await, 0);
}

#[tokio::test]
async fn a_restart_of_the_server_loses_and_doubles_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let (address, memory) = (free_address().await, Memory::new());
    let (handle, trigger) = agent(directory.path(), address).await;
    let (server, stop) = serve(address, &memory).await;
    handle.sinks().logs.write_logs(logs(0..5)).await.unwrap();
    memory.has(5).await;
    stop.fire();
    assert_eq!(server.drain(&SystemClock::shared(), Duration::from_secs(10)).await, 0);
    drop(server);
    handle.sinks().logs.write_logs(logs(5..9)).await.unwrap();
    let (_server, _stop) = serve(address, &memory).await;
    memory.has(9).await;
    assert_eq!(memory.sorted_logs(), logs(0..9).iter().map(|record| record.body.clone()).collect::<Vec<_>>());
    trigger.fire();
    assert_eq!(handle.drain(Duration::from_secs(10)).await, 0);
}

#[tokio::test]
async fn stopping_sends_what_was_taken() {
    let directory = tempfile::tempdir().unwrap();
    let (address, memory) = (free_address().await, Memory::new());
    let (_server, _stop) = serve(address, &memory).await;
    let (handle, trigger) = agent(directory.path(), address).await;
    let sinks = handle.sinks();
    sinks.logs.write_logs(logs(0..50)).await.unwrap();
    trigger.fire();
    assert_eq!(handle.drain(Duration::from_secs(10)).await, 0);
    assert_eq!(memory.logs.lock().len(), 50);
    assert!(matches!(sinks.logs.write_logs(logs(0..1)).await, Err(SinkError::Unavailable(_))));
}
