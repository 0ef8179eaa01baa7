import type { Runbook } from "../../api/lgtm/runbooks";
import { DEFAULT_RANGE, resolve } from "../time/range";
import type { Alert } from "./model";

/** Where an annotation leads: a page of this app, or another site. */
export type Target = { kind: "page"; to: string } | { kind: "site"; url: string };

/** How much time before an alert its pages show: what led to it. */
const LEAD_MS = 15 * 60_000;

/**
 * Reads a link that a rule wrote. Only web addresses are followed: a rule file is not to run scripts in the browser.
 * What lies under `home` is this app too, though the browser may know it by another name, say through a tunnel.
 */
export function targetOf(text: string | undefined, origin: string, home?: string): Target | undefined {
  const trimmed = (text ?? "").trim();
  if (!/^(?:https?:\/\/|\/)/i.test(trimmed)) return undefined;
  try {
    const url = new URL(trimmed, origin);
    if (url.origin === origin || url.origin === home) return { kind: "page", to: url.pathname + url.search + url.hash };
    return /^https?:$/.test(url.protocol) ? { kind: "site", url: url.href } : undefined;
  } catch {
    return undefined;
  }
}

/** The time around an alert, as parameters. */
export function windowOf(since: number, now: number): { from: string; to: string } {
  const from = since > 0 ? since - LEAD_MS : resolve(DEFAULT_RANGE, now).from;
  return { from: String(Math.round(from)), to: String(Math.round(now)) };
}

function withWindow(to: string, since: number, now: number): string {
  const url = new URL(to, "http://unused");
  if (!url.searchParams.has("from")) for (const [name, value] of Object.entries(windowOf(since, now))) url.searchParams.set(name, value);
  return url.pathname + url.search + url.hash;
}

const PANEL_NAMES = ["panel_url", "panel", "dashboard_url", "dashboard", "panelURL", "dashboardURL", "link"];
const RUNBOOK_NAMES = ["runbook_url", "runbook", "runbookURL"];

function annotation(alert: Alert, names: readonly string[]): string | undefined {
  return names.map((name) => alert.annotations[name]).find((text) => text !== undefined && text !== "");
}

/** The panel that shows what the alert measures, over the alert's own time; the golden signals when the rule names none. */
export function panelOf(alert: Alert, origin: string, now: number): Target {
  const target = targetOf(annotation(alert, PANEL_NAMES), origin, alert.home) ?? { kind: "page", to: "/" };
  return target.kind === "page" ? { kind: "page", to: withWindow(target.to, alert.since, now) } : target;
}

/** The runbook: a page of this app whenever it is one of ours, whatever host the rule wrote. */
export function runbookOf(alert: Alert, origin: string, runbooks: readonly Runbook[]): Target | undefined {
  const text = annotation(alert, RUNBOOK_NAMES);
  const name = /(?:^|\/)([^/?#]+?)(?:\.md)?(?:[?#].*)?$/.exec(text ?? "")?.[1];
  const ours = runbooks.find((runbook) => runbook.name === name) ?? (text === undefined ? runbooks.find(({ alerts }) => alerts.includes(alert.name)) : undefined);
  if (ours !== undefined) return { kind: "page", to: `/runbooks/${encodeURIComponent(ours.name)}` };
  return targetOf(text, origin, alert.home);
}

/** The log lines of the alert's service around its beginning. */
export function logsOf(alert: Alert, now: number): Target | undefined {
  const service = alert.labels.service_name ?? alert.labels.service;
  return service === undefined ? undefined : { kind: "page", to: withWindow(`/logs?service=${encodeURIComponent(service)}`, alert.since, now) };
}
