import type { RuleAlert } from "./alerts";

interface RuleFields {
  name: string;
  /** PromQL, or LogQL where the server takes it. */
  query: string;
  labels?: Record<string, string>;
  health: "ok" | "err" | "unknown";
  lastError?: string;
  /** RFC 3339; the year 1 when it was never evaluated. */
  lastEvaluation: string;
  /** Seconds. */
  evaluationTime: number;
}

/** A rule that raises alerts. */
export interface AlertingRule extends RuleFields {
  type: "alerting";
  state: "inactive" | "pending" | "firing" | "unknown";
  /** Seconds. */
  duration: number;
  /** Seconds. */
  keepFiringFor?: number;
  annotations?: Record<string, string>;
  alerts?: RuleAlert[];
}

/** A rule that records series. */
export interface RecordingRule extends RuleFields {
  type: "recording";
}

/** One rule of either kind. */
export type Rule = AlertingRule | RecordingRule;

/** Rules that are evaluated together. */
export interface RuleGroup {
  name: string;
  file: string;
  /** Seconds. */
  interval: number;
  limit?: number;
  lastEvaluation?: string;
  evaluationTime?: number;
  rules: Rule[];
}

/** `data` of `/api/v1/rules`. */
export interface RuleGroups {
  groups: RuleGroup[];
}
