//! The OpenTelemetry SDK, once a service: every service has its own resource, tracer and logger, as five processes would.

use super::plan::SERVICES;
use opentelemetry::logs::{AnyValue, LogRecord, Logger, LoggerProvider, Severity};
use opentelemetry::trace::{SpanContext, TracerProvider};
use opentelemetry::{InstrumentationScope, KeyValue};
use opentelemetry_otlp::{LogExporter, SpanExporter, WithExportConfig};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::logs::{BatchConfigBuilder as LogBatch, BatchLogProcessor, SdkLogger, SdkLoggerProvider};
use opentelemetry_sdk::trace::{BatchConfigBuilder as SpanBatch, BatchSpanProcessor, SdkTracer, SdkTracerProvider};
use std::time::Duration;

/// How long telemetry waits to be sent together; short, so that the demo is live.
const BATCH_DELAY: Duration = Duration::from_secs(1);

/// One service's way to tell what it does.
pub struct Service {
    /// The `service.name`.
    pub name: &'static str,
    /// Starts its spans.
    pub tracer: SdkTracer,
    logger: SdkLogger,
    tracers: SdkTracerProvider,
    loggers: SdkLoggerProvider,
}

/// All five services.
pub struct Services(Vec<Service>);

impl Services {
    /// Connects each service to the OTLP/gRPC endpoint. Connections are made when something is sent.
    pub fn connect(endpoint: &str) -> Result<Self, String> {
        SERVICES.iter().map(|name| Service::connect(name, endpoint)).collect::<Result<_, _>>().map(Self)
    }

    /// The service of that name; the gateway for a name that is not in the plan.
    pub fn get(&self, name: &str) -> &Service {
        self.0.iter().find(|service| service.name == name).unwrap_or(&self.0[0])
    }

    /// Sends what is left. Blocks.
    pub fn flush(&self) {
        for service in &self.0 {
            for result in [service.tracers.shutdown(), service.loggers.shutdown()] {
                if let Err(error) = result {
                    tracing::warn!(service = service.name, %error, "telemetry was lost at the end");
                }
            }
        }
    }
}

impl Service {
    fn connect(name: &'static str, endpoint: &str) -> Result<Self, String> {
        let resource = Resource::builder()
            .with_service_name(name)
            .with_attributes([
                KeyValue::new("service.namespace", "shop"),
                KeyValue::new("service.version", "1.4.2"),
                KeyValue::new("deployment.environment.name", "demo"),
            ])
            .build();
        let spans = SpanExporter::builder().with_tonic().with_endpoint(endpoint).build().map_err(|e| e.to_string())?;
        let span_batch = SpanBatch::default().with_scheduled_delay(BATCH_DELAY).build();
        let tracers = SdkTracerProvider::builder()
            .with_resource(resource.clone())
            .with_span_processor(BatchSpanProcessor::builder(spans).with_batch_config(span_batch).build())
            .build();
        let logs = LogExporter::builder().with_tonic().with_endpoint(endpoint).build().map_err(|e| e.to_string())?;
        let log_batch = LogBatch::default().with_scheduled_delay(BATCH_DELAY).build();
        let loggers = SdkLoggerProvider::builder()
            .with_resource(resource)
            .with_log_processor(BatchLogProcessor::builder(logs).with_batch_config(log_batch).build())
            .build();
        let scope = InstrumentationScope::builder("lgtm.shop").with_version(env!("CARGO_PKG_VERSION")).build();
        let (tracer, logger) = (tracers.tracer_with_scope(scope.clone()), loggers.logger_with_scope(scope));
        Ok(Self { name, tracer, logger, tracers, loggers })
    }

    /// Writes a log line that belongs to a span: the trace id stands in the line itself, as `traceID=<32 hex>`, and in
    /// the record's own field.
    pub fn log(&self, severity: Severity, message: &str, span: &SpanContext, fields: &[(&'static str, String)]) {
        let level = severity.name().to_ascii_lowercase();
        let mut line = format!("level={level} msg={message:?}");
        for (name, value) in fields {
            line.push_str(&format!(" {name}={value}"));
        }
        line.push_str(&format!(" traceID={}", span.trace_id()));
        let mut record = self.logger.create_log_record();
        record.set_severity_number(severity);
        record.set_severity_text(severity.name());
        record.set_body(AnyValue::String(line.into()));
        record.set_trace_context(span.trace_id(), span.span_id(), Some(span.trace_flags()));
        record.add_attributes(fields.iter().map(|(name, value)| (*name, value.clone())));
        self.logger.emit(record);
    }
}
