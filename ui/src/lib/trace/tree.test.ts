import { expect, test } from "vitest";
import { readSpans } from "./model";
import { buildTrace, covered, isDatabase } from "./tree";

const TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";

function span(spanId: string, parentSpanId: string, name: string, start: number, end: number, extra = {}) {
  return { traceId: TRACE, spanId: spanId.padStart(16, "0"), parentSpanId: parentSpanId && parentSpanId.padStart(16, "0"), name, startTimeUnixNano: String(start), endTimeUnixNano: String(end), ...extra };
}

function build(...spans: ReturnType<typeof span>[]) {
  const resource = { attributes: [{ key: "service.name", value: { stringValue: "shop" } }] };
  return buildTrace(readSpans({ batches: [{ resource, scopeSpans: [{ spans }] }] }));
}

test("spans nest, sort by start and know their own time", () => {
  const trace = build(span("3", "1", "db.query", 60, 95), span("1", "", "POST", 0, 100), span("2", "1", "auth", 10, 20), span("4", "3", "fetch", 70, 80));
  expect(trace.nodes.map((node) => [node.span.name, node.depth, node.self])).toEqual([
    ["POST", 0, 55],
    ["auth", 1, 10],
    ["db.query", 1, 25],
    ["fetch", 2, 10],
  ]);
  expect(trace.duration).toBe(100);
  expect(trace.slowest?.span.name).toBe("POST");
});

test("the critical path covers the root without overlap", () => {
  const trace = build(span("1", "", "root", 0, 100), span("2", "1", "a", 10, 60), span("3", "1", "b", 20, 90), span("4", "1", "late", 85, 88));
  const parts = trace.nodes.flatMap((node) => node.critical);
  expect(covered(parts, 0, 100)).toBe(100);
  expect(parts.reduce((sum, [from, to]) => sum + to - from, 0)).toBe(100);
  // `b` ended last and began at 20; before it the root waited for `a`, which had started at 10.
  expect(trace.nodes.find((node) => node.span.name === "b")?.critical).toEqual([[20, 90]]);
  expect(trace.nodes.find((node) => node.span.name === "a")?.critical).toEqual([[10, 20]]);
  expect(trace.nodes.find((node) => node.span.name === "late")?.critical).toEqual([]);
});

test("missing parents and cycles lose no span", () => {
  const trace = build(span("1", "9", "orphan", 0, 10), span("2", "3", "x", 0, 5), span("3", "2", "y", 0, 5), span("4", "4", "self", 1, 2));
  expect(trace.nodes.length).toBe(4);
  expect(trace.orphans).toBe(3);
});

test("ids in base64 and status codes in words are understood", () => {
  const spans = readSpans({
    batches: [
      {
        scopeSpans: [
          {
            scope: { name: "shop", version: "1" },
            spans: [
              { traceId: "S/kvNXezTaajzpKdDg5HNg==", spanId: "AAAAAAAAAAE=", name: "root", kind: "SPAN_KIND_SERVER", startTimeUnixNano: "1", endTimeUnixNano: "3", status: { code: "STATUS_CODE_ERROR", message: "boom" } },
              { traceId: TRACE, spanId: "0000000000000002", parentSpanId: "AAAAAAAAAAE=", name: "db.query", kind: 3, startTimeUnixNano: 1, endTimeUnixNano: 2, status: { code: 2 }, attributes: [{ key: "db.rows", value: { intValue: "7" } }] },
            ],
          },
        ],
      },
    ],
  });
  expect(spans.map((found) => [found.traceId, found.id, found.parentId, found.kind, found.status])).toEqual([
    [TRACE, "0000000000000001", "", "server", "error"],
    [TRACE, "0000000000000002", "0000000000000001", "client", "error"],
  ]);
  expect(spans[1]?.attributes).toEqual([{ key: "db.rows", value: "7" }]);
  expect(spans.map(isDatabase)).toEqual([false, true]);
});

test("an empty trace is no failure", () => {
  expect(buildTrace([])).toMatchObject({ nodes: [], duration: 0, slowest: undefined });
});
