/** An OTLP attribute value in JSON; 64-bit integers arrive as text. */
export interface AnyValue {
  stringValue?: string;
  boolValue?: boolean;
  intValue?: string | number;
  doubleValue?: number;
  bytesValue?: string;
  arrayValue?: { values?: AnyValue[] };
  kvlistValue?: { values?: KeyValue[] };
}

/** An OTLP attribute. */
export interface KeyValue {
  key: string;
  value?: AnyValue;
}

/** An OTLP span event. */
export interface OtlpEvent {
  name?: string;
  timeUnixNano?: string | number;
  attributes?: KeyValue[];
}

/** An OTLP span; ids are base64 (protobuf JSON) or hex (OTLP JSON). */
export interface OtlpSpan {
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  name: string;
  kind?: string | number;
  startTimeUnixNano: string | number;
  endTimeUnixNano: string | number;
  attributes?: KeyValue[];
  status?: { code?: string | number; message?: string };
  events?: OtlpEvent[];
}

/** The spans of one instrumentation scope. */
export interface ScopeSpans {
  scope?: { name?: string; version?: string };
  spans?: OtlpSpan[];
}

/** The spans of one resource. */
export interface ResourceSpans {
  resource?: { attributes?: KeyValue[] };
  scopeSpans?: ScopeSpans[];
  /** The name of `scopeSpans` before OTLP 0.15. */
  instrumentationLibrarySpans?: ScopeSpans[];
}

/** The answer of `/tempo/api/traces/{id}`: `batches` in Tempo's version 1 API, `resourceSpans` in plain OTLP. */
export interface TraceAnswer {
  batches?: ResourceSpans[];
  resourceSpans?: ResourceSpans[];
  /** Tempo's version 2 API wraps the trace. */
  trace?: TraceAnswer;
}
