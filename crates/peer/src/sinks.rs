//! The sink traits for a peer: each batch becomes one request.

use crate::OtlpPeer;
use async_trait::async_trait;
use lgtm_flow::{LogSink, SampleBatch, SampleSink, SinkError, SpanSink};
use lgtm_model::{LogRecord, Span};
use lgtm_wire::otlp::{Signal, logs_request, metrics_request, traces_request};
use prost::Message;

#[async_trait]
impl SampleSink for OtlpPeer {
    async fn write_samples(&self, batch: SampleBatch) -> Result<(), SinkError> {
        self.export(Signal::Metrics, metrics_request(&batch).encode_to_vec().into()).await
    }
}

#[async_trait]
impl LogSink for OtlpPeer {
    async fn write_logs(&self, records: Vec<LogRecord>) -> Result<(), SinkError> {
        self.export(Signal::Logs, logs_request(&records).encode_to_vec().into()).await
    }
}

#[async_trait]
impl SpanSink for OtlpPeer {
    async fn write_spans(&self, spans: Vec<Span>) -> Result<(), SinkError> {
        self.export(Signal::Traces, traces_request(&spans).encode_to_vec().into()).await
    }
}
