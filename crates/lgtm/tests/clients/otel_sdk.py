"""Sends one log record, one metric and one span with the OpenTelemetry SDK: otel_sdk.py grpc|http ENDPOINT SERVICE."""

import logging
import sys

from opentelemetry._logs import set_logger_provider
from opentelemetry.sdk._logs import LoggerProvider, LoggingHandler
from opentelemetry.sdk._logs.export import BatchLogRecordProcessor
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor

protocol, endpoint, service = sys.argv[1:]
if protocol == "grpc":
    from opentelemetry.exporter.otlp.proto.grpc._log_exporter import OTLPLogExporter
    from opentelemetry.exporter.otlp.proto.grpc.metric_exporter import OTLPMetricExporter
    from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter

    exporters = [make(endpoint=endpoint, insecure=True) for make in (OTLPLogExporter, OTLPMetricExporter, OTLPSpanExporter)]
else:
    from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter
    from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter

    exporters = [
        OTLPLogExporter(endpoint=endpoint + "/v1/logs"),
        OTLPMetricExporter(endpoint=endpoint + "/v1/metrics"),
        OTLPSpanExporter(endpoint=endpoint + "/v1/traces"),
    ]
log_exporter, metric_exporter, span_exporter = exporters
resource = Resource.create({"service.name": service})

tracers = TracerProvider(resource=resource)
tracers.add_span_processor(BatchSpanProcessor(span_exporter))
loggers = LoggerProvider(resource=resource)
loggers.add_log_record_processor(BatchLogRecordProcessor(log_exporter))
set_logger_provider(loggers)
meters = MeterProvider(resource=resource, metric_readers=[PeriodicExportingMetricReader(metric_exporter)])

log = logging.getLogger("client")
log.setLevel(logging.INFO)
log.addHandler(LoggingHandler(logger_provider=loggers))
meters.get_meter("client").create_counter("client.orders", unit="1").add(3, {"kind": "test"})
with tracers.get_tracer("client").start_as_current_span("client-work") as span:
    log.info("hello from %s", protocol)
    print(format(span.get_span_context().trace_id, "032x"))

for provider in (tracers, loggers, meters):
    assert provider.force_flush() is not False
    provider.shutdown()
