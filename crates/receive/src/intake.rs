//! From a decoded request to its sink, the same for gRPC and HTTP.
//!
//! 1. The request's bytes are counted against `in_flight_bytes_max` for as long as it is being stored, so that many
//!    large requests cannot fill the memory: what does not fit is told to come back.
//! 2. It is translated; what cannot be is counted for the partial success.
//! 3. The sink stores it, all or nothing.

use crate::meter::Meter;
use crate::{Config, Deps, Refusal};
use lgtm_flow::SinkError;
use lgtm_wire::otlp::proto::collector::logs::v1::{
    ExportLogsPartialSuccess, ExportLogsServiceRequest, ExportLogsServiceResponse,
};
use lgtm_wire::otlp::proto::collector::metrics::v1::{
    ExportMetricsPartialSuccess, ExportMetricsServiceRequest, ExportMetricsServiceResponse,
};
use lgtm_wire::otlp::proto::collector::trace::v1::{
    ExportTracePartialSuccess, ExportTraceServiceRequest, ExportTraceServiceResponse,
};
use lgtm_wire::otlp::{self, Payload, Signal};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// When a client that met a full house should come back.
const RETRY_AFTER: Duration = Duration::from_secs(1);

/// The way in, shared by all connections of both protocols. Cheap to clone.
#[derive(Clone)]
pub struct Intake {
    deps: Deps,
    meters: Arc<[Meter; 3]>,
    budget: Arc<Semaphore>,
    in_flight_bytes_max: usize,
    /// Bytes that one request may have.
    pub(crate) request_bytes_max: usize,
}

impl Intake {
    /// The way into `deps.sinks` within the limits of `config`.
    pub fn new(config: &Config, deps: Deps) -> Self {
        // Permits are handed out as u32 and one request may take them all.
        let in_flight_bytes_max = config.in_flight_bytes_max.clamp(1, u32::MAX as usize >> 4);
        Self {
            meters: Arc::new(Signal::ALL.map(|signal| Meter::new(&deps.registry, signal))),
            deps,
            budget: Arc::new(Semaphore::new(in_flight_bytes_max)),
            in_flight_bytes_max,
            request_bytes_max: config.request_bytes_max,
        }
    }

    pub(crate) fn meter(&self, signal: Signal) -> &Meter {
        &self.meters[signal as usize]
    }

    /// Counts a request that ended before it reached [`Accepts::accept`], or there.
    pub(crate) fn count<T>(&self, signal: Signal, result: &Result<T, Refusal>) {
        self.meter(signal).request(result.as_ref().map_or_else(Refusal::outcome, |_| "accepted"));
    }

    /// Takes `bytes` of the budget until the permit is dropped. A request larger than the whole budget takes all of it.
    fn reserve(&self, bytes: usize) -> Result<OwnedSemaphorePermit, Refusal> {
        let permits = u32::try_from(bytes.clamp(1, self.in_flight_bytes_max)).unwrap_or(u32::MAX);
        Arc::clone(&self.budget).try_acquire_many_owned(permits).map_err(|_full| {
            let limit = format!(
                "requests being stored have reached in_flight_bytes_max = {} bytes (raise receive.in_flight_bytes_max)",
                self.in_flight_bytes_max
            );
            Refusal::Sink(SinkError::Overloaded { limit, retry_after: RETRY_AFTER })
        })
    }
}

/// A request that an [`Intake`] can take.
pub(crate) trait Accepts: Payload + Send + 'static {
    /// The signal it carries.
    const SIGNAL: Signal;

    /// Stores the request, whose encoded form had `bytes` bytes, and builds the answer.
    fn accept(self, intake: &Intake, bytes: usize) -> impl Future<Output = Result<Self::Response, Refusal>> + Send;
}

impl Accepts for ExportLogsServiceRequest {
    const SIGNAL: Signal = Signal::Logs;

    async fn accept(self, intake: &Intake, bytes: usize) -> Result<ExportLogsServiceResponse, Refusal> {
        let _permit = intake.reserve(bytes)?;
        let records = otlp::log_records(self, intake.deps.clock.now());
        let count = records.len() as u64;
        if count > 0 {
            intake.deps.sinks.logs.write_logs(records).await?;
        }
        intake.meter(Self::SIGNAL).accepted_items.add(count);
        Ok(ExportLogsServiceResponse { partial_success: None::<ExportLogsPartialSuccess> })
    }
}

impl Accepts for ExportTraceServiceRequest {
    const SIGNAL: Signal = Signal::Traces;

    async fn accept(self, intake: &Intake, bytes: usize) -> Result<ExportTraceServiceResponse, Refusal> {
        let _permit = intake.reserve(bytes)?;
        let outcome = otlp::spans(self);
        let (count, rejected, error_message) = (outcome.data.len() as u64, outcome.rejected, outcome.message());
        if count > 0 {
            intake.deps.sinks.spans.write_spans(outcome.data).await?;
        }
        intake.meter(Self::SIGNAL).accepted_items.add(count);
        intake.meter(Self::SIGNAL).rejected_items.add(rejected);
        let partial = ExportTracePartialSuccess { rejected_spans: rejected.cast_signed(), error_message };
        Ok(ExportTraceServiceResponse { partial_success: (rejected > 0).then_some(partial) })
    }
}

impl Accepts for ExportMetricsServiceRequest {
    const SIGNAL: Signal = Signal::Metrics;

    async fn accept(self, intake: &Intake, bytes: usize) -> Result<ExportMetricsServiceResponse, Refusal> {
        let _permit = intake.reserve(bytes)?;
        let outcome = otlp::samples(self, intake.deps.clock.now_ms());
        let (count, rejected, error_message) = (outcome.data.rows.len() as u64, outcome.rejected, outcome.message());
        if count > 0 || !outcome.data.metadata.is_empty() || !outcome.data.exemplars.is_empty() {
            intake.deps.sinks.samples.write_samples(outcome.data).await?;
        }
        intake.meter(Self::SIGNAL).accepted_items.add(count);
        intake.meter(Self::SIGNAL).rejected_items.add(rejected);
        let partial = ExportMetricsPartialSuccess { rejected_data_points: rejected.cast_signed(), error_message };
        Ok(ExportMetricsServiceResponse { partial_success: (rejected > 0).then_some(partial) })
    }
}
