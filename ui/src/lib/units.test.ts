import { expect, test } from "vitest";
import { formatAge, formatDuration, formatValue } from "./units";

test("durations choose their unit", () => {
  expect(formatDuration(0)).toBe("0 s");
  expect(formatDuration(0.000_000_25)).toBe("250 ns");
  expect(formatDuration(0.000_85)).toBe("850 µs");
  expect(formatDuration(0.1824)).toBe("182 ms");
  expect(formatDuration(0.9999)).toBe("1 s");
  expect(formatDuration(1.418)).toBe("1.42 s");
  expect(formatDuration(185)).toBe("3 min 5 s");
  expect(formatDuration(3600)).toBe("1 h");
  expect(formatDuration(90_061)).toBe("1 d 1 h");
  expect(formatDuration(3661)).toBe("1 h 1 min");
});

test("values carry their unit, and no value is a dash", () => {
  expect(formatValue(12.345, "percent")).toBe("12.3%");
  expect(formatValue(0.123, "percent")).toBe("0.12%");
  expect(formatValue(100, "percent")).toBe("100%");
  expect(formatValue(42.51, "per-second")).toBe("42.5 /s");
  expect(formatValue(12_500, "count")).toBe("12.5 k");
  expect(formatValue(null, "count")).toBe("–");
  expect(formatValue(Number.NaN, "seconds")).toBe("–");
});

test("ages drop what no longer matters", () => {
  expect([-3, 0, 47.4, 65, 599, 605, 3725, 90_061, 1_000_000].map(formatAge)).toEqual(["0 s", "0 s", "47 s", "1 min 5 s", "9 min 59 s", "10 min", "1 h 2 min", "1 d 1 h", "11 d 13 h"]);
});
