import { expect, test } from "vitest";
import type { Matrix } from "../../api/prometheus/matrix";
import { OVERLAP_MS, TailCache } from "./tail";

// A model server: series `a` is its own time in seconds; `b` starts at 200 s.
function answer(from: number, to: number): Matrix {
  const points = (start: number): [number, string][] => {
    const values: [number, string][] = [];
    for (let ms = Math.max(from, start); ms <= to; ms += 5000) values.push([ms / 1000, String(ms / 1000)]);
    return values;
  };
  const result = [
    { metric: { name: "a" }, values: points(0) },
    { metric: { name: "b" }, values: points(200_000) },
  ].filter((series) => series.values.length > 0);
  return { resultType: "matrix", result };
}

test("a moving window equals a full query at every step and asks for its tail only", async () => {
  const cache = new TailCache();
  const asked: number[] = [];
  for (let to = 150_000; to <= 400_000; to += 5000) {
    const got = await cache.range("k", to - 120_000, to, (from, end) => {
      asked.push(end - from);
      return Promise.resolve(answer(from, end));
    });
    expect(got).toEqual(answer(to - 120_000, to));
  }
  expect(asked[0]).toBe(120_000);
  expect(Math.max(...asked.slice(1))).toBe(OVERLAP_MS + 5000);
});

test("a window that was not covered is asked for in full", async () => {
  const cache = new TailCache();
  const asked: [number, number][] = [];
  const fetch = (from: number, to: number) => {
    asked.push([from, to]);
    return Promise.resolve(answer(from, to));
  };
  await cache.range("k", 100_000, 200_000, fetch);
  await cache.range("k", 50_000, 200_000, fetch);
  await cache.range("k", 900_000, 1_000_000, fetch);
  expect(asked).toEqual([
    [100_000, 200_000],
    [50_000, 200_000],
    [900_000, 1_000_000],
  ]);
});

test("a failed refresh keeps what was known", async () => {
  const cache = new TailCache();
  await cache.range("k", 0, 120_000, (from, to) => Promise.resolve(answer(from, to)));
  await expect(cache.range("k", 5000, 125_000, () => Promise.reject(new Error("down")))).rejects.toThrow("down");
  const got = await cache.range("k", 10_000, 130_000, (from, to) => Promise.resolve(answer(from, to)));
  expect(got).toEqual(answer(10_000, 130_000));
});
