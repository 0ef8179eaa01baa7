//! One request's way through the shop.

use super::Deps;
use super::fault::{Fault, Faults};
use super::plan::{Endpoint, GATEWAY_WORK_MS, Hop, QUERY_MS};
use super::telemetry::{Service, Services};
use lgtm_runtime::metrics::Registry;
use lgtm_runtime::{Random, SharedClock};
use opentelemetry::logs::Severity;
use opentelemetry::trace::{SpanKind, Status, TraceContextExt, Tracer};
use opentelemetry::{Context, KeyValue};
use std::time::Duration;

/// How long a request takes under a fault, in milliseconds.
const FAULT_MS: (u64, u64) = (200, 2_000);

/// Bucket bounds of the request durations, in seconds (the default bounds of Prometheus' client libraries).
const DURATION_BOUNDS: &[f64] = &[0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0];

/// The shop's state.
pub struct Shop {
    services: Services,
    /// Which faults are on.
    pub faults: Faults,
    registry: Registry,
    clock: SharedClock,
    random: Random,
}

/// How one request will go: drawn before it starts, so that all its spans agree.
struct Fate {
    status: u16,
    query_ms: u64,
    order: u64,
}

impl Shop {
    /// A shop without customers.
    pub fn new(services: Services, faults: Faults, registry: Registry, deps: &Deps) -> Self {
        Self { services, faults, registry, clock: deps.clock.clone(), random: deps.random.clone() }
    }

    /// Answers a request and returns its status code.
    pub async fn handle(&self, endpoint: &'static Endpoint, method: &str) -> u16 {
        let started = self.clock.elapsed();
        let fate = self.draw_fate(endpoint);
        let gateway = self.services.get("gateway");
        let span = gateway
            .tracer
            .span_builder(format!("{method} {}", endpoint.path))
            .with_kind(SpanKind::Server)
            .with_attributes([
                KeyValue::new("http.request.method", method.to_owned()),
                KeyValue::new("http.route", endpoint.path),
                KeyValue::new("url.path", endpoint.path),
            ])
            .start_with_context(&gateway.tracer, &Context::new());
        let context = Context::new().with_span(span);
        self.work(GATEWAY_WORK_MS).await;
        self.pass_on(endpoint, endpoint.hops, &fate, &context).await;

        let took = self.clock.elapsed() - started;
        let span = context.span();
        span.set_attribute(KeyValue::new("http.response.status_code", i64::from(fate.status)));
        if fate.status >= 500 {
            span.set_status(Status::error(format!("HTTP {}", fate.status)));
        }
        let severity = if fate.status >= 500 { Severity::Error } else { Severity::Info };
        let fields = [
            ("method", method.to_owned()),
            ("endpoint", endpoint.path.to_owned()),
            ("status", fate.status.to_string()),
            ("duration_ms", took.as_millis().to_string()),
        ];
        gateway.log(severity, "request completed", span.span_context(), &fields);
        span.end();
        self.count(endpoint, method, fate.status, took);
        fate.status
    }

    fn draw_fate(&self, endpoint: &'static Endpoint) -> Fate {
        let order = self.random.in_range(100_000..1_000_000);
        let burst = self.faults.is_on(Fault::ErrorBurst, endpoint.path);
        let slow = burst || self.faults.is_on(Fault::SlowDatabase, endpoint.path);
        let (low, high) = if slow { FAULT_MS } else { QUERY_MS };
        let query_ms = self.random.in_range(low..high);
        let status = match self.random.fraction() {
            _ if burst => 500,
            chance if chance < endpoint.error_ratio => 500,
            chance if chance < endpoint.error_ratio + 0.01 => 404,
            _ => 200,
        };
        Fate { status, query_ms, order }
    }

    /// Lets the first of `hops` do its work, which includes calling the rest of them.
    async fn pass_on(&self, endpoint: &'static Endpoint, hops: &'static [Hop], fate: &Fate, caller: &Context) {
        let Some((hop, inner)) = hops.split_first() else { return };
        let service = self.services.get(hop.service);
        let span = service
            .tracer
            .span_builder(hop.operation)
            .with_kind(SpanKind::Server)
            .with_attributes([
                KeyValue::new("shop.endpoint", endpoint.path),
                KeyValue::new("shop.order", i64::try_from(fate.order).unwrap_or(i64::MAX)),
            ])
            .start_with_context(&service.tracer, caller);
        let context = Context::new().with_span(span);
        self.work(hop.work_ms).await;
        if let Some(statement) = hop.statement {
            self.query(service, statement, fate, &context).await;
        }
        Box::pin(self.pass_on(endpoint, inner, fate, &context)).await;
        if fate.status >= 500 {
            context.span().set_status(Status::error("downstream failed"));
        }
        context.span().end();
    }

    async fn query(&self, service: &Service, statement: &'static str, fate: &Fate, caller: &Context) {
        let span = service
            .tracer
            .span_builder("db.query")
            .with_kind(SpanKind::Client)
            .with_attributes([
                KeyValue::new("db.system.name", "postgresql"),
                KeyValue::new("db.namespace", service.name),
                KeyValue::new("db.query.text", statement),
            ])
            .start_with_context(&service.tracer, caller);
        let context = Context::new().with_span(span);
        self.clock.sleep(Duration::from_millis(fate.query_ms)).await;
        let span = context.span();
        let took = ("duration_ms", fate.query_ms.to_string());
        let order = ("order", fate.order.to_string());
        if fate.status >= 500 {
            span.set_status(Status::error("canceling statement due to lock timeout"));
            let fields = [took, order, ("error", "\"canceling statement due to lock timeout\"".to_owned())];
            service.log(Severity::Error, "db.query failed", span.span_context(), &fields);
        } else if fate.query_ms >= FAULT_MS.0 {
            service.log(Severity::Warn, "db.query is slow", span.span_context(), &[took, order]);
        } else {
            service.log(Severity::Debug, "db.query done", span.span_context(), &[took, order]);
        }
        span.end();
    }

    async fn work(&self, (low_ms, high_ms): (u64, u64)) {
        self.clock.sleep(Duration::from_millis(self.random.in_range(low_ms..high_ms))).await;
    }

    fn count(&self, endpoint: &'static Endpoint, method: &str, status: u16, took: Duration) {
        let status = status.to_string();
        let labels = [("method", method), ("endpoint", endpoint.path), ("status_code", status.as_str())];
        self.registry.counter("http_requests_total", "Requests answered.", &labels).increment();
        let help = "Time from request to answer, in seconds.";
        let labels = [("method", method), ("endpoint", endpoint.path)];
        let histogram = self.registry.histogram("http_request_duration_seconds", help, &labels, DURATION_BOUNDS);
        histogram.observe(took.as_secs_f64());
    }

    /// Sends what telemetry is left. Blocks.
    pub fn flush_telemetry(&self) {
        self.services.flush();
    }
}
