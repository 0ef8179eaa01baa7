import type { NotifierAlert } from "../../api/alertmanager/alert";
import type { RuleAlert } from "../../api/prometheus/alerts";
import { type Severity, severityOf } from "./severity";

/** What became of an alert, from the most to the least urgent. */
export const STATES = ["firing", "pending", "silenced", "inhibited", "muted"] as const;

export type AlertState = (typeof STATES)[number];

/** One alert as rules and notifier together know it. */
export interface Alert {
  /** Tells it from all others of one answer, and is the same in the next. */
  key: string;
  name: string;
  severity: Severity;
  state: AlertState;
  labels: Record<string, string>;
  annotations: Record<string, string>;
  /** What the rule measured, in words where the rule has words for it. */
  value: string;
  /** Milliseconds: when the condition became true. */
  since: number;
  /** Milliseconds: when it began to fire. */
  firingSince: number | undefined;
  /** Whether it fires only because its rule holds it for a while. */
  kept: boolean;
  /** Where the rule's expression can be read. */
  generatorUrl: string | undefined;
  /** The origin under which this server writes links to itself; undefined when the alert is not of its rules. */
  home: string | undefined;
  /** By what the notifier knows it; without one it has not arrived there. */
  fingerprint: string | undefined;
  silencedBy: readonly string[];
  inhibitedBy: readonly string[];
  receivers: readonly string[];
}

// The values of these labels as one text.
function valuesKey(labels: Record<string, string>, names: readonly string[]): string {
  return JSON.stringify(names.map((name) => labels[name] ?? ""));
}

// A whole label set as one text.
function labelsKey(labels: Record<string, string>): string {
  return JSON.stringify(Object.entries(labels).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

/** The expression that a generator URL (`…/graph?g0.expr=…`) carries. */
export function exprOf(generatorUrl: string | undefined): string | undefined {
  if (generatorUrl === undefined || generatorUrl === "") return undefined;
  try {
    return new URL(generatorUrl, "http://unused").searchParams.get("g0.expr") ?? undefined;
  } catch {
    return undefined;
  }
}

/** Prometheus writes 9.3e+01; a person reads 93. */
export function valueText(value: string | undefined): string {
  if (value === undefined || value === "") return "";
  const number = Number(value);
  return Number.isFinite(number) ? String(Number(number.toPrecision(4))) : value;
}

function originOf(url: string | undefined): string | undefined {
  return /^https?:\/\/[^/?#]+/i.exec(url ?? "")?.[0].toLowerCase();
}

function notifierState(status: NotifierAlert["status"]): AlertState {
  if (status.silencedBy.length > 0) return "silenced";
  if (status.inhibitedBy.length > 0) return "inhibited";
  return (status.mutedBy ?? []).length > 0 ? "muted" : "firing";
}

function milliseconds(time: string | undefined): number | undefined {
  const ms = Date.parse(time ?? "");
  // Go's zero time is the year 1.
  return Number.isNaN(ms) || ms <= 0 ? undefined : ms;
}

function merged(key: string, rule: RuleAlert | undefined, notified: NotifierAlert | undefined): Alert {
  const labels = rule?.labels ?? notified?.labels ?? {};
  const annotations = rule?.annotations ?? notified?.annotations ?? {};
  const firingSince = milliseconds(notified?.startsAt);
  return {
    key,
    name: labels.alertname ?? "unnamed",
    severity: severityOf(labels.severity),
    state: rule?.state === "pending" ? "pending" : notified === undefined ? "firing" : notifierState(notified.status),
    labels,
    annotations,
    value: annotations.value ?? valueText(rule?.value),
    since: milliseconds(rule?.activeAt) ?? firingSince ?? 0,
    firingSince: rule?.state === "pending" ? undefined : firingSince,
    kept: milliseconds(rule?.keepFiringSince) !== undefined,
    generatorUrl: notified?.generatorURL,
    home: rule === undefined ? undefined : originOf(notified?.generatorURL),
    fingerprint: notified?.fingerprint,
    silencedBy: notified?.status.silencedBy ?? [],
    inhibitedBy: notified?.status.inhibitedBy ?? [],
    receivers: (notified?.receivers ?? []).map(({ name }) => name),
  };
}

const nameOf = (labels: Record<string, string>) => labels.alertname ?? "";

function grouped<T extends { labels: Record<string, string> }>(list: readonly T[]): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of list) {
    const group = groups.get(nameOf(item.labels));
    if (group === undefined) groups.set(nameOf(item.labels), [item]);
    else group.push(item);
  }
  return groups;
}

/**
 * Joins what the rules say (value, pending) with what the notifier says (silenced, inhibited, since when it fires).
 * On its way to the notifier an alert gains external labels, so that the label sets need not be equal: alerts of one
 * name are compared by the labels that the rules give them.
 */
export function mergeAlerts(rules: readonly RuleAlert[], notified: readonly NotifierAlert[]): Alert[] {
  const alerts: Alert[] = [];
  const byName = grouped(notified);
  for (const [name, mine] of grouped(rules.filter(({ state }) => state !== "inactive"))) {
    const names = [...new Set(mine.flatMap(({ labels }) => Object.keys(labels)))].toSorted();
    const theirs = new Map((byName.get(name) ?? []).map((alert) => [valuesKey(alert.labels, names), alert]));
    for (const rule of mine) {
      const key = valuesKey(rule.labels, names);
      alerts.push(merged(key, rule, theirs.get(key)));
      theirs.delete(key);
    }
    byName.set(name, [...theirs.values()]);
  }
  for (const rest of byName.values()) for (const alert of rest) alerts.push(merged(labelsKey(alert.labels), undefined, alert));
  return alerts;
}

/** Whether an alert asks for somebody: it fires, nothing suppresses it, and it is no heartbeat. */
export function isCalling(alert: Alert): boolean {
  return alert.state === "firing" && alert.severity !== "none";
}
