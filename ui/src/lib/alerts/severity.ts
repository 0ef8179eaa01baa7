/** Severities in the order in which they are looked at. */
export const SEVERITIES = ["critical", "warning", "info", "none"] as const;

/** How bad an alert is. */
export type Severity = (typeof SEVERITIES)[number];

/** What a severity asks of its reader. */
export const SEVERITY_TEXT: Record<Severity, string> = {
  critical: "act now",
  warning: "needs attention before it grows",
  info: "good to know",
  none: "heartbeats, and what asks nothing of anybody",
};

const NAMES: Record<string, Severity> = {
  critical: "critical",
  page: "critical",
  emergency: "critical",
  error: "critical",
  high: "critical",
  warning: "warning",
  warn: "warning",
  ticket: "warning",
  medium: "warning",
  info: "info",
  information: "info",
  notice: "info",
  low: "info",
};

/** The severity that a label's value means; teams have several words for one thing. */
export function severityOf(label: string | undefined): Severity {
  return NAMES[(label ?? "").toLowerCase()] ?? "none";
}

/** Where a severity stands in the order. */
export function severityRank(severity: Severity): number {
  return SEVERITIES.indexOf(severity);
}
