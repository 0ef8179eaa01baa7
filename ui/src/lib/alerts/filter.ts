import type { NotifierGroup } from "../../api/alertmanager/group";
import { type Alert, type AlertState, STATES } from "./model";
import { SEVERITIES, type Severity, severityRank } from "./severity";

/** Which alerts a page shows, and in what groups. */
export interface AlertFilter {
  /** Empty: all. */
  states: readonly AlertState[];
  severity: Severity | undefined;
  /** Words; each must occur in the name, a `label=value` or the summary. */
  text: string;
  /** The label whose values make the groups. */
  by: string;
}

/** The labels that the groups can be made of, and what one notification tells together. */
export const GROUPINGS = ["severity", "alertname", "service", "instance", "notification"] as const;

/** Reads the filter of a URL; nonsense is left out. */
export function parseFilter(params: URLSearchParams): AlertFilter {
  const states = (params.get("state") ?? "").split(",");
  const by = params.get("by") ?? "severity";
  return {
    states: STATES.filter((state) => states.includes(state)),
    severity: SEVERITIES.find((severity) => severity === params.get("severity")),
    text: (params.get("q") ?? "").trim(),
    by: GROUPINGS.find((grouping) => grouping === by) ?? "severity",
  };
}

/** The `state` parameter after one state was switched. */
export function toggledState(states: readonly AlertState[], state: AlertState): string {
  return STATES.filter((candidate) => states.includes(candidate) !== (candidate === state)).join(",");
}

function haystack(alert: Alert): string {
  const labels = Object.entries(alert.labels).map(([name, value]) => `${name}=${value}`);
  return [alert.name, ...labels, alert.annotations.summary ?? "", alert.annotations.description ?? ""].join("\n").toLowerCase();
}

/** The alerts that pass severity and text; the states are counted among them before they are chosen. */
export function matching(alerts: readonly Alert[], filter: AlertFilter): Alert[] {
  const words = filter.text.toLowerCase().replaceAll('"', "").split(/\s+/).filter(Boolean);
  return alerts.filter((alert) => {
    if (filter.severity !== undefined && alert.severity !== filter.severity) return false;
    if (words.length === 0) return true;
    const text = haystack(alert);
    return words.every((word) => text.includes(word));
  });
}

/** How many alerts are in each state. */
export function countStates(alerts: readonly Alert[]): Record<AlertState, number> {
  const counts: Record<AlertState, number> = { firing: 0, pending: 0, silenced: 0, inhibited: 0, muted: 0 };
  for (const { state } of alerts) counts[state] += 1;
  return counts;
}

/** Alerts under one heading. */
export interface AlertGroup {
  title: string;
  severity: Severity;
  alerts: Alert[];
}

// What asks for somebody first, then the newest: an old alert has been seen.
function inOrder(a: Alert, b: Alert): number {
  return STATES.indexOf(a.state) - STATES.indexOf(b.state) || severityRank(a.severity) - severityRank(b.severity) || b.since - a.since || (a.key < b.key ? -1 : 1);
}

/** The notifications that tell of an alert, by its fingerprint: `slack: alertname="CPUHigh"`. */
export function notificationTitles(groups: readonly NotifierGroup[]): Map<string, string[]> {
  const titles = new Map<string, string[]>();
  for (const { receiver, labels, alerts } of groups) {
    const by = Object.entries(labels).map(([name, value]) => `${name}="${value}"`);
    const title = `${receiver.name}: ${by.length === 0 ? "everything together" : by.join(", ")}`;
    for (const { fingerprint } of alerts) titles.set(fingerprint, [...(titles.get(fingerprint) ?? []), title]);
  }
  return titles;
}

function titlesOf(alert: Alert, by: string, notifications: ReadonlyMap<string, string[]>): string[] {
  if (by === "severity") return [alert.severity];
  if (by === "notification") return notifications.get(alert.fingerprint ?? "") ?? ["told to nobody yet"];
  return [alert.labels[by] ?? `no ${by}`];
}

/** The alerts of the chosen states in their groups, worst group first. */
export function group(alerts: readonly Alert[], filter: AlertFilter, notifications: ReadonlyMap<string, string[]> = new Map()): AlertGroup[] {
  const groups = new Map<string, AlertGroup>();
  for (const alert of alerts) {
    if (filter.states.length > 0 && !filter.states.includes(alert.state)) continue;
    for (const title of titlesOf(alert, filter.by, notifications)) {
      const found = groups.get(title) ?? { title, severity: alert.severity, alerts: [] };
      if (severityRank(alert.severity) < severityRank(found.severity)) found.severity = alert.severity;
      found.alerts.push(alert);
      groups.set(title, found);
    }
  }
  for (const { alerts: members } of groups.values()) members.sort(inOrder);
  return [...groups.values()].toSorted((a, b) => severityRank(a.severity) - severityRank(b.severity) || (a.title < b.title ? -1 : 1));
}

/** The worst severity of those that call somebody, and how many there are. */
export function worstOf(alerts: readonly Alert[]): Severity {
  return alerts.reduce<Severity>((worst, { severity }) => (severityRank(severity) < severityRank(worst) ? severity : worst), "none");
}
