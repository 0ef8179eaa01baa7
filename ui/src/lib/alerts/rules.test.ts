import { expect, test } from "vitest";
import type { RuleGroups } from "../../api/prometheus/rules";
import { ruleTable, summarise } from "./rules";

const NEVER = "0001-01-01T00:00:00Z";
const base = { query: "up == 0", health: "ok" as const, lastEvaluation: "2026-11-25T03:00:00Z", evaluationTime: 0.001 };

const GROUPS: RuleGroups = {
  groups: [
    { name: "host", file: "host.yml", interval: 15, evaluationTime: 20, rules: [{ ...base, type: "recording", name: "host:cpu" }, { ...base, type: "alerting", name: "CPUHigh", state: "firing", duration: 300, lastEvaluation: "2026-11-25T03:00:10Z" }] },
    { name: "slo", file: "slo.yml", interval: 30, evaluationTime: 0.1, rules: [{ ...base, type: "alerting", name: "Burn", state: "inactive", duration: 0, health: "err", lastError: "too many samples", lastEvaluation: NEVER }] },
  ],
};

test("sums", () => {
  expect(summarise(GROUPS)).toEqual({ groups: 2, alerting: 2, recording: 1, failing: 1, lastEvaluation: Date.parse("2026-11-25T03:00:10Z"), late: ["host"] });
  expect(summarise({ groups: [] })).toMatchObject({ alerting: 0, lastEvaluation: undefined });
});

test("broken rules lead, then firing ones", () => {
  const names = (show: "all" | "alerting" | "failing", text = "") => ruleTable(GROUPS, { show, text }).map(({ group, rules }) => [group.name, ...rules.map(({ name }) => name)]);
  expect(names("all")).toEqual([["slo", "Burn"], ["host", "CPUHigh", "host:cpu"]]);
  expect(names("alerting")).toEqual([["slo", "Burn"], ["host", "CPUHigh"]]);
  expect(names("failing")).toEqual([["slo", "Burn"]]);
  expect(names("all", "SAMPLES")).toEqual([["slo", "Burn"]]);
  expect(names("all", "host:")).toEqual([["host", "host:cpu"]]);
});
