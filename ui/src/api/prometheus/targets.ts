/** One scrape target as `/api/v1/targets` lists it. */
export interface ActiveTarget {
  discoveredLabels?: Record<string, string>;
  labels: Record<string, string>;
  scrapePool: string;
  scrapeUrl: string;
  globalUrl?: string;
  lastError: string;
  /** RFC 3339; the year 1 when it was never scraped. */
  lastScrape: string;
  /** Seconds. */
  lastScrapeDuration: number;
  health: "up" | "down" | "unknown";
  scrapeInterval?: string;
  scrapeTimeout?: string;
}

/** `data` of `/api/v1/targets`. */
export interface Targets {
  activeTargets: ActiveTarget[];
  droppedTargets?: unknown[];
}
