import { expect, test } from "vitest";
import type { NotifierAlert } from "../../api/alertmanager/alert";
import type { RuleAlert } from "../../api/prometheus/alerts";
import { exprOf, isCalling, mergeAlerts, valueText } from "./model";

const rule = (labels: Record<string, string>, extra: Partial<RuleAlert> = {}): RuleAlert => ({ labels, annotations: {}, state: "firing", activeAt: "2026-11-25T03:00:00Z", value: "9.3e+01", ...extra });

const notified = (labels: Record<string, string>, extra: Partial<NotifierAlert["status"]> = {}): NotifierAlert => ({
  labels,
  annotations: {},
  startsAt: "2026-11-25T03:05:00Z",
  endsAt: "2026-11-25T03:09:00Z",
  updatedAt: "2026-11-25T03:05:00Z",
  fingerprint: labelsText(labels),
  generatorURL: "http://host/graph?g0.expr=up+%3D%3D+0&g0.tab=1",
  receivers: [{ name: "slack" }],
  status: { state: "active", silencedBy: [], inhibitedBy: [], mutedBy: [], ...extra },
});

const labelsText = (labels: Record<string, string>) => Object.values(labels).join("-");

test("an alert is one although the notifier knows it with external labels", () => {
  const labels = { alertname: "CPUHigh", severity: "warning", instance: "a" };
  const alerts = mergeAlerts([rule(labels)], [notified({ ...labels, cluster: "eu" }, { silencedBy: ["s1"] })]);
  expect(alerts).toHaveLength(1);
  expect(alerts[0]).toMatchObject({
    name: "CPUHigh",
    severity: "warning",
    state: "silenced",
    value: "93",
    since: Date.parse("2026-11-25T03:00:00Z"),
    firingSince: Date.parse("2026-11-25T03:05:00Z"),
    silencedBy: ["s1"],
    receivers: ["slack"],
    generatorUrl: "http://host/graph?g0.expr=up+%3D%3D+0&g0.tab=1",
    home: "http://host",
  });
});

test("alerts of one name with different labels are told apart", () => {
  const alerts = mergeAlerts(
    [rule({ alertname: "Down", instance: "a" }), rule({ alertname: "Down", instance: "b", zone: "1" })],
    [notified({ alertname: "Down", instance: "b", zone: "1" }, { inhibitedBy: ["x"] }), notified({ alertname: "Down", instance: "a" })],
  );
  expect(alerts.map(({ labels, state }) => [labels.instance, state])).toEqual([
    ["a", "firing"],
    ["b", "inhibited"],
  ]);
});

test("each side alone yields alerts too", () => {
  const pending = rule({ alertname: "Slow" }, { state: "pending" });
  expect(mergeAlerts([], [notified({ alertname: "Pushed" })])[0]?.home).toBeUndefined();
  const alerts = mergeAlerts([pending, rule({ alertname: "Gone" }, { state: "inactive" })], [notified({ alertname: "Pushed", severity: "page" }, { mutedBy: ["night"] })]);
  expect(alerts.map(({ name, state, severity, fingerprint }) => [name, state, severity, fingerprint])).toEqual([
    ["Slow", "pending", "none", undefined],
    ["Pushed", "muted", "critical", "Pushed-page"],
  ]);
});

test("the words of a rule for its value win over the number", () => {
  const [alert] = mergeAlerts([rule({ alertname: "A" }, { annotations: { value: "93.4%" } })], []);
  expect(alert?.value).toBe("93.4%");
  expect([valueText("9.3e+01"), valueText("0.00012346"), valueText("NaN"), valueText("")]).toEqual(["93", "0.0001235", "NaN", ""]);
});

test("what calls somebody: firing, not suppressed, no heartbeat", () => {
  const critical = { alertname: "A", severity: "critical" };
  const calling = (...args: Parameters<typeof mergeAlerts>) => mergeAlerts(...args).filter(isCalling).length;
  expect(calling([rule(critical)], [])).toBe(1);
  expect(calling([rule(critical)], [notified(critical, { inhibitedBy: ["x"] })])).toBe(0);
  expect(calling([rule(critical, { state: "pending" })], [])).toBe(0);
  expect(calling([rule({ alertname: "Watchdog", severity: "none" })], [])).toBe(0);
});

test("a generator URL without an expression yields none", () => {
  expect([exprOf(undefined), exprOf(""), exprOf("http://host/somewhere"), exprOf("/graph?g0.expr=a%2Bb+%3D%3D+0&g0.tab=1")]).toEqual([undefined, undefined, undefined, "a+b == 0"]);
});
