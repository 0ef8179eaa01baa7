import { expect, test } from "vitest";
import { logsOf, panelOf, runbookOf, targetOf } from "./links";
import { type Alert, mergeAlerts } from "./model";

const ORIGIN = "http://127.0.0.1:3000";
const SINCE = Date.parse("2026-11-25T03:00:00Z");
const NOW = SINCE + 60_000;

function alert(annotations: Record<string, string>, labels: Record<string, string> = {}): Alert {
  const [made] = mergeAlerts([{ labels: { alertname: "CPUHigh", ...labels }, annotations, state: "firing", activeAt: "2026-11-25T03:00:00Z", value: "1" }], []);
  if (made === undefined) throw new Error("no alert");
  return made;
}

test("only web addresses are links", () => {
  expect(targetOf("javascript:alert(1)", ORIGIN)).toBeUndefined();
  expect(targetOf("data:text/html,x", ORIGIN)).toBeUndefined();
  expect(targetOf("  ", ORIGIN)).toBeUndefined();
  expect(targetOf("see the wiki", ORIGIN)).toBeUndefined();
  expect(targetOf("//elsewhere.example/x", ORIGIN)).toEqual({ kind: "site", url: "http://elsewhere.example/x" });
  expect(targetOf("https://wiki.example/cpu?x=1", ORIGIN)).toEqual({ kind: "site", url: "https://wiki.example/cpu?x=1" });
  expect(targetOf(`${ORIGIN}/logs?service=shop`, ORIGIN)).toEqual({ kind: "page", to: "/logs?service=shop" });
});

test("the server's own address is this app, by whatever name the browser calls it", () => {
  const own = { ...alert({ dashboard_url: "https://lgtm.example/slo?slo=shop#burn" }), home: "https://lgtm.example" };
  expect(panelOf(own, ORIGIN, NOW)).toEqual({ kind: "page", to: `/slo?slo=shop&from=${SINCE - 900_000}&to=${NOW}#burn` });
  expect(panelOf({ ...own, home: undefined }, ORIGIN, NOW)).toEqual({ kind: "site", url: "https://lgtm.example/slo?slo=shop#burn" });
});

test("a panel shows the alert's time unless the rule chose one", () => {
  const window = `from=${SINCE - 900_000}&to=${NOW}`;
  expect(panelOf(alert({}), ORIGIN, NOW)).toEqual({ kind: "page", to: `/?${window}` });
  expect(panelOf(alert({ panel_url: "/slo?slo=shop#burn" }), ORIGIN, NOW)).toEqual({ kind: "page", to: `/slo?slo=shop&${window}#burn` });
  expect(panelOf(alert({ dashboard: `${ORIGIN}/?from=1700000000000&to=now` }), ORIGIN, NOW)).toEqual({ kind: "page", to: "/?from=1700000000000&to=now" });
  expect(panelOf(alert({ panel_url: "https://grafana.example/d/1" }), ORIGIN, NOW)).toEqual({ kind: "site", url: "https://grafana.example/d/1" });
});

test("a runbook of ours opens here, whatever host the rule wrote", () => {
  const known = [{ name: "CPUHigh", title: "CPU", alerts: ["CPUHigh", "CPUCritical"] }];
  const ours = { kind: "page", to: "/runbooks/CPUHigh" };
  expect(runbookOf(alert({ runbook_url: "https://lgtm.example/runbooks/CPUHigh" }), ORIGIN, known)).toEqual(ours);
  expect(runbookOf(alert({ runbook: "content/runbooks/CPUHigh.md" }), ORIGIN, known)).toEqual(ours);
  expect(runbookOf(alert({}), ORIGIN, known)).toEqual(ours);
  expect(runbookOf(alert({}), ORIGIN, [])).toBeUndefined();
  expect(runbookOf(alert({ runbook_url: "https://wiki.example/cpu" }), ORIGIN, known)).toEqual({ kind: "site", url: "https://wiki.example/cpu" });
});

test("log lines need a service", () => {
  expect(logsOf(alert({}), NOW)).toBeUndefined();
  expect(logsOf(alert({}, { service: "check out" }), NOW)).toEqual({ kind: "page", to: `/logs?service=check+out&from=${SINCE - 900_000}&to=${NOW}` });
});
