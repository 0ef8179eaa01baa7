import type { AnyValue, KeyValue, OtlpSpan, TraceAnswer } from "../../api/tempo/trace";
import { spanIdHex, traceIdHex } from "../ids";

/** An attribute, flattened to text. */
export interface Attribute {
  key: string;
  value: string;
}

/** Something that happened within a span. */
export interface SpanEvent {
  name: string;
  nanos: bigint;
  attributes: Attribute[];
}

/** A span with hex ids; times are nanoseconds since 1970. */
export interface Span {
  traceId: string;
  id: string;
  parentId: string;
  name: string;
  service: string;
  kind: string;
  start: bigint;
  end: bigint;
  status: "unset" | "ok" | "error";
  statusMessage: string;
  attributes: Attribute[];
  resource: Attribute[];
  scope: string;
  events: SpanEvent[];
}

/** An attribute value as text; nested values as JSON. */
export function valueText(value: AnyValue | undefined): string {
  if (value === undefined) return "";
  if (value.stringValue !== undefined) return value.stringValue;
  if (value.boolValue !== undefined) return String(value.boolValue);
  if (value.intValue !== undefined) return String(value.intValue);
  if (value.doubleValue !== undefined) return String(value.doubleValue);
  if (value.bytesValue !== undefined) return value.bytesValue;
  if (value.arrayValue !== undefined) return `[${(value.arrayValue.values ?? []).map(valueText).join(", ")}]`;
  if (value.kvlistValue !== undefined) {
    return `{${(value.kvlistValue.values ?? []).map((pair) => `${pair.key}: ${valueText(pair.value)}`).join(", ")}}`;
  }
  return "";
}

function attributes(pairs: readonly KeyValue[] | undefined): Attribute[] {
  return (pairs ?? []).map((pair) => ({ key: pair.key, value: valueText(pair.value) }));
}

const KINDS = ["unspecified", "internal", "server", "client", "producer", "consumer"];

function kindText(kind: string | number | undefined): string {
  if (typeof kind === "number") return KINDS[kind] ?? "unspecified";
  return (kind ?? "").replace(/^SPAN_KIND_/, "").toLowerCase() || "unspecified";
}

function statusOf(status: OtlpSpan["status"]): Span["status"] {
  switch (status?.code) {
    case 2:
    case "STATUS_CODE_ERROR":
      return "error";
    case 1:
    case "STATUS_CODE_OK":
      return "ok";
    default:
      return "unset";
  }
}

/** Reads the spans of an answer in any of Tempo's three shapes; a span that was stored twice appears once. */
export function readSpans(answer: TraceAnswer): Span[] {
  const batches = answer.batches ?? answer.resourceSpans ?? answer.trace?.batches ?? answer.trace?.resourceSpans ?? [];
  const spans = new Map<string, Span>();
  for (const batch of batches) {
    const resource = attributes(batch.resource?.attributes);
    const service = resource.find((attribute) => attribute.key === "service.name")?.value ?? "unknown service";
    for (const scoped of batch.scopeSpans ?? batch.instrumentationLibrarySpans ?? []) {
      for (const span of scoped.spans ?? []) {
        const id = spanIdHex(span.spanId);
        spans.set(id, {
          traceId: traceIdHex(span.traceId),
          id,
          parentId: spanIdHex(span.parentSpanId),
          name: span.name,
          service,
          kind: kindText(span.kind),
          start: BigInt(span.startTimeUnixNano),
          end: BigInt(span.endTimeUnixNano),
          status: statusOf(span.status),
          statusMessage: span.status?.message ?? "",
          attributes: attributes(span.attributes),
          resource,
          scope: [scoped.scope?.name, scoped.scope?.version].filter(Boolean).join(" "),
          events: (span.events ?? []).map((event) => ({
            name: event.name ?? "",
            nanos: BigInt(event.timeUnixNano ?? 0),
            attributes: attributes(event.attributes),
          })),
        });
      }
    }
  }
  return [...spans.values()];
}
