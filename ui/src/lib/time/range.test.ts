import { expect, test } from "vitest";
import { DEFAULT_RANGE, formatSpan, isLive, lastSpan, parseRange, parseSpan, parseTyped, pinned, resolve, writeRange, zoomOut } from "./range";

test("spans parse and print", () => {
  expect(parseSpan("15m")).toBe(900_000);
  expect(parseSpan("1h30m")).toBe(5_400_000);
  expect(parseSpan(" 1H 30M ")).toBe(5_400_000);
  expect(parseSpan("7d")).toBe(604_800_000);
  for (const bad of ["", "m", "15", "15x", "-5m", "0s"]) expect(parseSpan(bad)).toBeUndefined();
  expect(formatSpan(5_400_000)).toBe("1h30m");
  expect(formatSpan(604_800_000)).toBe("7d");
});

test("a URL is read back as it was written", () => {
  for (const range of [lastSpan(21_600_000), pinned({ from: 1_764_000_000_000, to: 1_764_000_300_000 })]) {
    const { from, to } = writeRange(range);
    expect(parseRange(from, to)).toEqual(range);
  }
});

test("nonsense in a URL yields the default", () => {
  expect(parseRange(null, null)).toEqual(DEFAULT_RANGE);
  expect(parseRange("yesterday", "now")).toEqual(DEFAULT_RANGE);
  expect(parseRange("1764000300000", "1764000000000")).toEqual(DEFAULT_RANGE);
  expect(parseRange("now-1m", "now-5m")).toEqual(DEFAULT_RANGE);
});

test("typed ranges", () => {
  expect(parseTyped("6h")).toEqual(lastSpan(21_600_000));
  expect(parseTyped("last 6h")).toEqual(lastSpan(21_600_000));
  expect(parseTyped("now-6h")).toEqual(lastSpan(21_600_000));
  expect(parseTyped("now-2h to now-1h")).toEqual({
    from: { kind: "relative", backMs: 7_200_000 },
    to: { kind: "relative", backMs: 3_600_000 },
  });
  expect(parseTyped("now-1h to now-2h")).toBeUndefined();
  expect(parseTyped("soon")).toBeUndefined();
});

test("resolving, liveness and zooming out", () => {
  expect(resolve(lastSpan(60_000), 1_000_000)).toEqual({ from: 940_000, to: 1_000_000 });
  expect(isLive(lastSpan(1000))).toBe(true);
  expect(isLive(pinned({ from: 1, to: 2 }))).toBe(false);
  expect(zoomOut({ from: 100, to: 200 }, 10_000)).toEqual({ from: 50, to: 250 });
  expect(zoomOut({ from: 100, to: 200 }, 200)).toEqual({ from: 0, to: 200 });
});
