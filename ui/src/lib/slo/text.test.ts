import { expect, test } from "vitest";
import type { Slo } from "../../api/lgtm/slos";
import { budgetTime, exhaustionText, formatBudget, formatBurn, formatShare, gaugeFloor, inOrder, scaleNotice, sibling, worstBurn } from "./text";

const burn = (window: string, effectiveWindow: string, rate: number | null, threshold: number) => ({ window, effectiveWindow, shortWindow: "5m", rate, threshold, severity: threshold > 10 ? "critical" : "warning" });

const slo = (name: string, extra: Partial<Slo> = {}): Slo => ({
  name,
  service: "shop",
  objective: 0.995,
  windowSeconds: 2_592_000,
  effectiveWindowSeconds: 216_000,
  sli: 0.9991,
  good: 9991,
  total: 10_000,
  budgetTotalSeconds: 12_960,
  budgetRemaining: 0.82,
  budgetConsumed: 0.18,
  burnRates: [burn("1h", "5m", 1.2, 14.4), burn("6h", "30m", 0.9, 5)],
  state: "normal",
  stateSince: null,
  exhaustsInSeconds: null,
  measuredFraction: 1,
  alerts: [],
  queries: { sli: "", burn: "", budget: "" },
  ...extra,
});

test("shares have the digits that matter and never round up to perfection", () => {
  expect([0.995, 0.9991, 0.999_996, 1, 0.5, 0, null].map(formatShare)).toEqual(["99.5%", "99.91%", "99.9996%", "100%", "50%", "0%", "–"]);
  expect([0.9, 0.99, 0.95].map(formatShare)).toEqual(["90%", "99%", "95%"]);
});

test("budgets and burn rates", () => {
  expect([0.823, 0.051, 0, -0.34, -3.2, null].map(formatBudget)).toEqual(["82%", "5.1%", "0%", "-34%", "-320%", "–"]);
  expect([0, 0.234, 1.24, 14.4, 199.6, null].map(formatBurn)).toEqual(["0×", "0.23×", "1.2×", "14.4×", "200×", "–"]);
});

test("the budget as time follows the window that is measured", () => {
  expect(budgetTime(slo("a"))).toBe("14 min 46 s of 18 min");
  expect(budgetTime(slo("a", { effectiveWindowSeconds: 2_592_000, budgetRemaining: 1 }))).toBe("3 h 36 min of 3 h 36 min");
  expect(budgetTime(slo("a", { budgetRemaining: -0.5 }))).toBe("overspent by 9 min");
  expect(budgetTime(slo("a", { budgetRemaining: null }))).toBe("of 18 min");
});

test("time to exhaustion in words", () => {
  expect(exhaustionText(slo("a"))).toBe("not at the present rate");
  expect(exhaustionText(slo("a", { exhaustsInSeconds: 7260 }))).toBe("in 2 h 1 min at the present rate");
  expect(exhaustionText(slo("a", { budgetRemaining: 0 }))).toBe("used up");
  expect(exhaustionText(slo("a", { budgetRemaining: null }))).toContain("unknown");
});

test("the worst burn rate is the one nearest to its threshold", () => {
  expect(worstBurn(slo("a").burnRates)?.window).toBe("6h");
  expect(worstBurn([burn("1h", "5m", null, 14.4), burn("6h", "30m", 0, 5)])?.window).toBe("6h");
  expect(worstBurn([])).toBeUndefined();
});

test("scaled windows say so", () => {
  expect(scaleNotice(1, [slo("a")])).toBeUndefined();
  expect(scaleNotice(12, [slo("a"), slo("b")])).toBe("Windows are scaled 12:1: 1h is 5m, 6h is 30m, 30 d are 2 d 12 h. Everything burns and recovers 12 times as fast as it would in production.");
  expect(scaleNotice(12, [])).toContain("scaled 12:1.");
});

test("the worst stands first, the sibling beside", () => {
  const slos = [slo("availability"), slo("latency", { state: "review", budgetRemaining: 0.4 }), slo("probes", { state: "normal", budgetRemaining: 0.5 }), slo("other", { service: "x", state: "freeze" })];
  expect(inOrder(slos).map(({ name }) => name)).toEqual(["other", "latency", "probes", "availability"]);
  expect(inOrder([...slos, slo("burning", { alerts: [{ name: "SLOFastBurn", state: "firing" }] })])[0]?.name).toBe("burning");
  expect(sibling(slos[0] as Slo, slos)?.name).toBe("latency");
  expect(sibling(slos[1] as Slo, slos)?.name).toBe("availability");
  expect(sibling(slos[3] as Slo, slos)).toBeUndefined();
});

test("a gauge begins below what it shows", () => {
  expect(gaugeFloor(slo("a"))).toBeCloseTo(0.98);
  expect(gaugeFloor(slo("a", { sli: 0.5 }))).toBeCloseTo(0.45);
  expect(gaugeFloor(slo("a", { sli: 0 }))).toBe(0);
});
