import { expect, test } from "vitest";
import type { NotifierAlert } from "../../api/alertmanager/alert";
import { countStates, group, matching, notificationTitles, parseFilter, toggledState, worstOf } from "./filter";
import { type Alert, mergeAlerts } from "./model";

const filterOf = (search: string) => parseFilter(new URLSearchParams(search));

const alert = (alertname: string, severity: string, state: Alert["state"], minute: number, extra: Record<string, string> = {}): Alert => {
  const labels = { alertname, severity, ...extra };
  const activeAt = `2026-11-25T03:${String(minute).padStart(2, "0")}:00Z`;
  const [made] = mergeAlerts([{ labels, annotations: { summary: `${alertname} is unwell` }, state: "firing", activeAt, value: "1" }], []);
  if (made === undefined) throw new Error("no alert");
  return { ...made, state };
};

const ALERTS = [
  alert("CPUHigh", "warning", "firing", 1, { instance: "a:9100" }),
  alert("CPUHigh", "warning", "inhibited", 2, { instance: "b:9100" }),
  alert("ServiceDown", "critical", "firing", 3, { instance: "b:9100", service: "shop" }),
  alert("DiskFull", "critical", "pending", 4, { instance: "a:9100" }),
  alert("Latency", "critical", "firing", 5, { service: "shop" }),
  alert("Watchdog", "none", "firing", 0),
];

test("the URL says what is shown; nonsense is left out", () => {
  expect(filterOf("")).toEqual({ states: [], severity: undefined, text: "", by: "severity" });
  expect(filterOf("state=pending,firing,burning&severity=critical&q=+shop+&by=service")).toEqual({ states: ["firing", "pending"], severity: "critical", text: "shop", by: "service" });
  expect(filterOf("severity=awful&by=colour")).toMatchObject({ severity: undefined, by: "severity" });
});

test("switching states", () => {
  expect(toggledState([], "pending")).toBe("pending");
  expect(toggledState(["pending"], "firing")).toBe("firing,pending");
  expect(toggledState(["firing", "pending"], "firing")).toBe("pending");
  expect(toggledState(["firing"], "firing")).toBe("");
});

test("words are sought in names, labels and summaries", () => {
  const names = (search: string) => matching(ALERTS, filterOf(search)).map(({ name }) => name);
  expect(names("q=cpu")).toEqual(["CPUHigh", "CPUHigh"]);
  expect(names("q=instance=b:9100 down")).toEqual(["ServiceDown"]);
  expect(names('q=service="shop"&severity=critical')).toEqual(["ServiceDown", "Latency"]);
  expect(names("q=unwell").length).toBe(6);
  expect(names("q=nowhere")).toEqual([]);
});

test("groups are ordered by severity, alerts by state and age", () => {
  const groups = group(ALERTS, filterOf(""));
  expect(groups.map(({ title, alerts }) => [title, ...alerts.map(({ name }) => name)])).toEqual([
    ["critical", "Latency", "ServiceDown", "DiskFull"],
    ["warning", "CPUHigh", "CPUHigh"],
    ["none", "Watchdog"],
  ]);
  expect(group(ALERTS, filterOf("state=inhibited")).map(({ title, alerts }) => [title, alerts.length])).toEqual([["warning", 1]]);
  expect(group(ALERTS, filterOf("by=instance")).map(({ title, severity }) => [title, severity])).toEqual([
    ["a:9100", "critical"],
    ["b:9100", "critical"],
    ["no instance", "critical"],
  ]);
});

test("an alert stands under each notification that tells of it", () => {
  const [cpu, disk] = [ALERTS[0], ALERTS[3]].map((found, index) => ({ ...(found as Alert), fingerprint: `f${index}` }));
  const told = (name: string, labels: Record<string, string>, fingerprint: string) => ({ receiver: { name }, labels, alerts: [{ fingerprint }] as NotifierAlert[] });
  const titles = notificationTitles([told("slack", { alertname: "CPUHigh", zone: "1" }, "f0"), told("mail", {}, "f0")]);
  expect(group([cpu as Alert, disk as Alert], filterOf("by=notification"), titles).map(({ title, alerts }) => [title, ...alerts.map(({ name }) => name)])).toEqual([
    ["told to nobody yet", "DiskFull"],
    ["mail: everything together", "CPUHigh"],
    ['slack: alertname="CPUHigh", zone="1"', "CPUHigh"],
  ]);
});

test("counts and the worst", () => {
  expect(countStates(ALERTS)).toEqual({ firing: 4, pending: 1, silenced: 0, inhibited: 1, muted: 0 });
  expect(worstOf(ALERTS)).toBe("critical");
  expect(worstOf([])).toBe("none");
});
