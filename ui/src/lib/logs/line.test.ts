import { expect, test } from "vitest";
import { mergeLines, toLines } from "./line";

test("streams become lines, newest first, with their labels", () => {
  const lines = toLines([
    { stream: { service_name: "a" }, values: [["1000000000000000002", "two"], ["1000000000000000001", "one"]] },
    { stream: { service_name: "b", level: "error" }, values: [["1000000000000000003", "three", { trace_id: "x" }]] },
  ]);
  expect(lines.map((line) => [line.text, line.service, line.level])).toEqual([
    ["three", "b", "error"],
    ["two", "a", "unknown"],
    ["one", "a", "unknown"],
  ]);
  expect(lines[0]?.labels).toEqual({ service_name: "b", level: "error", trace_id: "x" });
});

test("equal lines of one instant are all kept", () => {
  const lines = toLines([{ stream: { service_name: "a" }, values: [["5", "same"], ["5", "same"]] }]);
  expect(new Set(lines.map((line) => line.key)).size).toBe(2);
});

test("a refresh replaces the overlap and drops what left the window", () => {
  const at = (...times: string[]) => toLines([{ stream: {}, values: times.map((time) => [time, time]) }]);
  const merged = mergeLines(at("1", "5", "8"), at("7", "8", "9"), 7n, 2n, 10);
  expect(merged.map((line) => line.text)).toEqual(["9", "8", "7", "5"]);
  expect(mergeLines(at("1"), at("2", "3"), 2n, 0n, 2).map((line) => line.text)).toEqual(["3", "2"]);
});
