/** One alert as the rules see it; `/api/v1/alerts` lists them. */
export interface RuleAlert {
  labels: Record<string, string>;
  annotations: Record<string, string>;
  state: "pending" | "firing" | "inactive";
  /** RFC 3339: when the condition became true. */
  activeAt?: string;
  /** RFC 3339: since when it fires only because of `keep_firing_for`. */
  keepFiringSince?: string;
  value: string;
}

/** `data` of `/api/v1/alerts`. */
export interface RuleAlerts {
  alerts: RuleAlert[];
}
