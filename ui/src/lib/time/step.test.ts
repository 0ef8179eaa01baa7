import { expect, test } from "vitest";
import { POINTS_MAX, rateWindowFor, stepFor } from "./step";

test("steps bound the number of points", () => {
  for (const minutes of [1, 5, 15, 60, 360, 1440, 10_080, 400_000]) {
    const window = minutes * 60_000;
    expect(window / stepFor(window)).toBeLessThanOrEqual(POINTS_MAX);
  }
  expect(stepFor(900_000)).toBe(5000);
});

test("a rate covers at least its step", () => {
  expect(rateWindowFor(5000)).toBe("1m");
  expect(rateWindowFor(120_000)).toBe("120s");
});
