/** How far the budget's policy has gone. */
export type PolicyState = "normal" | "review" | "pause" | "freeze" | "unknown";

/** How fast the budget burns over one window, against the threshold of its alert. */
export interface BurnRate {
  /** As it is declared: `1h`. */
  window: string;
  /** As it is measured: `5m` where windows are scaled 12:1. */
  effectiveWindow: string;
  /** As it is declared; the alert asks for this one too, so that it ends soon. */
  shortWindow: string;
  rate: number | null;
  threshold: number;
  severity: string;
}

/** One objective and where it stands. */
export interface Slo {
  name: string;
  displayName?: string;
  service: string;
  description?: string;
  /** A share: 0.995. */
  objective: number;
  windowSeconds: number;
  effectiveWindowSeconds: number;
  /** A share; null when nothing was measured. */
  sli: number | null;
  good: number | null;
  total: number | null;
  budgetTotalSeconds: number;
  /** Shares of the budget; the rest is below 0 when it is overspent. */
  budgetRemaining: number | null;
  budgetConsumed: number | null;
  burnRates: BurnRate[];
  state: PolicyState;
  /** RFC 3339. */
  stateSince: string | null;
  /** RFC 3339: when paused deployments may go on if nothing more fails. */
  resumesAt?: string | null;
  exhaustsInSeconds: number | null;
  /** The share of the window for which there are measurements. */
  measuredFraction: number | null;
  /** Those that pend or fire. */
  alerts: { name: string; state: string; instance?: string | null }[];
  /** PromQL for charts. */
  queries: { sli: string; burn: string; budget: string };
}

/** `data` of `/lgtm/api/v1/slos`. */
export interface Slos {
  /** How many times shorter than declared the windows are; 1 outside of demos. */
  scale: number;
  slos: Slo[];
}
