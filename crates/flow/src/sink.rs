//! The sink traits: owned by collection, which writes to them; implemented by storage, queues and peers.

use crate::{SampleBatch, SinkError};
use async_trait::async_trait;
use lgtm_model::{Alert, LogRecord, Span};
use std::sync::Arc;

/// Takes metric samples.
///
/// `Ok` is an acknowledgement: the batch is on stable storage and can be queried. Called from many tasks at once. When
/// the future is dropped half-way the batch may or may not have been stored; the caller must treat it as not.
#[async_trait]
pub trait SampleSink: Send + Sync {
    /// Stores a batch, whole or not at all.
    async fn write_samples(&self, batch: SampleBatch) -> Result<(), SinkError>;
}

/// Takes log records; the same contract as [`SampleSink`].
#[async_trait]
pub trait LogSink: Send + Sync {
    /// Stores the records, all or none. They need not be in order.
    async fn write_logs(&self, records: Vec<LogRecord>) -> Result<(), SinkError>;
}

/// Takes spans; the same contract as [`SampleSink`].
#[async_trait]
pub trait SpanSink: Send + Sync {
    /// Stores the spans, all or none. They need not be in order, nor of one trace.
    async fn write_spans(&self, spans: Vec<Span>) -> Result<(), SinkError>;
}

/// Takes alerts from whoever evaluates rules.
///
/// `Ok` means that the receiver has them and will tell people as its routes say, also after a crash. The sender repeats
/// every active alert well before its `ends_at`, so that a lost call is made good by the next.
#[async_trait]
pub trait AlertSink: Send + Sync {
    /// Hands over alerts, active and ended ones.
    async fn send_alerts(&self, alerts: Vec<Alert>) -> Result<(), SinkError>;
}

/// One sink a signal: what a receiver of all three is given.
#[derive(Clone)]
pub struct Sinks {
    /// Where samples go.
    pub samples: Arc<dyn SampleSink>,
    /// Where log records go.
    pub logs: Arc<dyn LogSink>,
    /// Where spans go.
    pub spans: Arc<dyn SpanSink>,
}
