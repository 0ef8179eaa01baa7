//! The sinks that lead into the batchers.

use crate::batch::Door;
use async_trait::async_trait;
use lgtm_flow::{LogSink, SampleBatch, SampleSink, SinkError, SpanSink};
use lgtm_model::{LogRecord, Span};

#[async_trait]
impl SampleSink for Door<SampleBatch> {
    async fn write_samples(&self, batch: SampleBatch) -> Result<(), SinkError> {
        self.write(batch).await
    }
}

#[async_trait]
impl LogSink for Door<Vec<LogRecord>> {
    async fn write_logs(&self, records: Vec<LogRecord>) -> Result<(), SinkError> {
        self.write(records).await
    }
}

#[async_trait]
impl SpanSink for Door<Vec<Span>> {
    async fn write_spans(&self, spans: Vec<Span>) -> Result<(), SinkError> {
        self.write(spans).await
    }
}
