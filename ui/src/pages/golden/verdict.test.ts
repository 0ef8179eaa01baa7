import { expect, test } from "vitest";
import type { Frame } from "../../lib/chart/matrix";
import { type Evidence, verdict } from "./verdict";

const frame = (lines: Record<string, (number | null)[]>): Frame => ({
  times: [10, 20, 30, 40],
  lines: Object.entries(lines).map(([label, values]) => ({ label, values })),
});

const calm: Evidence = {
  latency: frame({ p50: [0.02, 0.02, 0.02, 0.02], p99: [0.2, 0.2, 0.2, 0.2] }),
  traffic: frame({ "/a": [5, 5, 5, 5], "/b": [7, 7, 7, 7] }),
  errors: frame({ "all endpoints": [0, 0.1, 0, 0.2] }),
  errorsByEndpoint: frame({ "/a": [0, 0.2, 0, 0.3], "/b": [0, 0, 0, 0] }),
  saturation: [frame({ "CPU shop": [20, 30, 20, 25] })],
};

test("calm signals are healthy", () => {
  const found = verdict(calm, true);
  expect(found.health).toBe("healthy");
  expect(found.findings.map(({ value }) => value)).toEqual(["200 ms", "12 /s", "0.2%", "25%"]);
});

test("an error burst names the endpoint and the beginning", () => {
  const found = verdict({ ...calm, errors: frame({ "all endpoints": [0, 2, 9, 12] }), errorsByEndpoint: frame({ "/a": [0, 9, 40, 62] }) }, true);
  expect(found.health).toBe("critical");
  expect(found.headline).toBe("12% of requests fail, most on /a (62%)");
  expect(found.since).toBe(20_000);
});

test("one failing endpoint shows although the total is low", () => {
  expect(verdict({ ...calm, errorsByEndpoint: frame({ "/a": [null, 10, 20, 30] }) }, true).health).toBe("degraded");
});

test("a pinned window is judged by its worst moment", () => {
  const past = { ...calm, errors: frame({ "all endpoints": [0, 20, 3, 0] }) };
  expect(verdict(past, true).health).toBe("healthy");
  expect(verdict(past, false).health).toBe("critical");
});

test("no data is unknown, not healthy", () => {
  const none = frame({});
  const found = verdict({ latency: none, traffic: none, errors: none, errorsByEndpoint: none, saturation: calm.saturation }, true);
  expect(found).toMatchObject({ health: "unknown", headline: "No request metrics in this time range" });
  expect(verdict({ latency: undefined, traffic: undefined, errors: undefined, errorsByEndpoint: undefined, saturation: [] }, true).health).toBe("unknown");
});
