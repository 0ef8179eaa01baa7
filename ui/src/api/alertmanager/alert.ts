/** One alert as the notifier keeps it. */
export interface NotifierAlert {
  labels: Record<string, string>;
  annotations: Record<string, string>;
  /** RFC 3339: when it began to fire. */
  startsAt: string;
  endsAt: string;
  updatedAt: string;
  fingerprint: string;
  generatorURL?: string;
  receivers: { name: string }[];
  status: {
    state: "unprocessed" | "active" | "suppressed";
    /** Silences by id. */
    silencedBy: string[];
    /** Alerts by fingerprint. */
    inhibitedBy: string[];
    /** Time intervals by name; older notifiers do not say. */
    mutedBy?: string[];
  };
}
