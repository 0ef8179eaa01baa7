import { expect, test } from "vitest";
import { isEmpty, lastValue, maxValue, parseValue, stepTimes, toFrame } from "./matrix";

const matrix = (values: [number, string][], metric: Record<string, string> = {}) =>
  ({ resultType: "matrix", result: [{ metric, values }] }) as const;

test("missing steps and undrawable values become gaps", () => {
  const frame = toFrame(stepTimes(10_000, 30_000, 5000), [
    { matrix: { ...matrix([[10, "1"], [20, "NaN"], [25, "2.5"]]), result: [...matrix([[10, "1"], [20, "NaN"], [25, "2.5"]]).result] }, label: () => "a" },
  ]);
  expect(frame.times).toEqual([10, 15, 20, 25, 30]);
  expect(frame.lines).toEqual([{ label: "a", values: [1, null, null, 2.5, null] }]);
});

test("empty answers add no line", () => {
  const frame = toFrame([1], [{ matrix: { resultType: "matrix", result: [] }, label: () => "a" }]);
  expect(frame.lines).toEqual([]);
  expect(isEmpty(frame)).toBe(true);
});

test("times lie on multiples of the step", () => {
  expect(stepTimes(11_000, 21_000, 5000)).toEqual([15, 20]);
});

test("values parse as Prometheus writes them", () => {
  expect([parseValue("1e3"), parseValue("NaN"), parseValue("+Inf"), parseValue("-Inf")]).toEqual([1000, null, null, null]);
});

test("last and max", () => {
  expect(lastValue([1, 2, null])).toBe(2);
  expect(lastValue([1, null, null], 2)).toBeNull();
  expect(maxValue([1, null, 5, 3])).toEqual({ value: 5, index: 2 });
  expect(maxValue([null])).toBeNull();
});
