import { expect, test } from "vitest";
import { burnLabel } from "./series";

const names = (metrics: Record<string, string>[]) => metrics.map(burnLabel(metrics));

test("burn lines are named by what tells them apart", () => {
  expect(names([{ slo: "a", window: "1h" }, { slo: "a", window: "6h" }])).toEqual(["over 1h", "over 6h"]);
  expect(names([{ slo: "a" }])).toEqual(["burn rate"]);
  expect(names([{ window: "1h", endpoint: "/a" }, { window: "1h", endpoint: "/b" }])).toEqual(["endpoint /a", "endpoint /b"]);
  expect(names([])).toEqual([]);
});
