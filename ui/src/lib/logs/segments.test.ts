import { expect, test } from "vitest";
import { segments } from "./segments";

const ID = "4bf92f3577b34da6a3ce929d0e0e4736";

test("trace ids are found however their name is written", () => {
  for (const [before, after] of [
    ["level=error traceID=", " status=500"],
    ["trace_id=", ""],
    ['{"traceId":"', '"}'],
    ["trace-id: ", ","],
  ]) {
    const parts = segments(`${before}${ID}${after}`);
    expect(parts[0]).toEqual({ kind: "text", text: before });
    expect(parts[1]).toEqual({ kind: "trace", text: ID, traceId: ID });
    expect(parts.map((part) => part.text).join("")).toBe(`${before}${ID}${after}`);
  }
});

test("what is no trace id stays text", () => {
  for (const line of ["", "hello", `md5=${ID}`, `traceID=${ID}ff`, `traceID=${"0".repeat(32)}`, "traceID=abc"]) {
    expect(segments(line)).toEqual([{ kind: "text", text: line }]);
  }
});
