import { expect, test } from "vitest";
import { culprit, shareOf } from "./insight";
import { readSpans } from "./model";
import { buildTrace } from "./tree";

function build(databaseEnd: number) {
  const span = (spanId: string, parentSpanId: string, name: string, end: number) => ({ traceId: "1".repeat(32), spanId: spanId.repeat(16), parentSpanId: parentSpanId.repeat(16), name, startTimeUnixNano: "0", endTimeUnixNano: String(end) });
  return buildTrace(readSpans({ batches: [{ scopeSpans: [{ spans: [span("1", "", "root", 100), span("2", "1", "db.query", databaseEnd)] }] }] }));
}

test("a slow database span is named, a quick one is not", () => {
  const slow = build(80);
  expect(culprit(slow)?.span.name).toBe("db.query");
  expect(shareOf(culprit(slow)!, slow)).toBe(80);
  expect(culprit(build(10))?.span.name).toBe("root");
});
