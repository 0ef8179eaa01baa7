/** One trace found by a search. */
export interface FoundTrace {
  traceID: string;
  rootServiceName?: string;
  rootTraceName?: string;
  startTimeUnixNano?: string;
  durationMs?: number;
}

/** The answer of `/tempo/api/search`. */
export interface SearchAnswer {
  traces?: FoundTrace[];
}
