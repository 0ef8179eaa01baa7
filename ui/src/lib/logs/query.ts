/** What the log filters hold. */
export interface LogFilter {
  /** Empty for every service. */
  service: string;
  /** Looked for in any case. */
  text: string;
  /** A trace the lines must name; empty for any. */
  traceId?: string;
}

/** Quotes a LogQL string. */
export function quote(text: string): string {
  return JSON.stringify(text);
}

/** Escapes a text for an RE2 pattern. */
export function escapeRegex(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|]/g, String.raw`\$&`);
}

/** The LogQL of a filter. */
export function logQuery(filter: LogFilter): string {
  const parts = [filter.service === "" ? '{service_name=~".+"}' : `{service_name=${quote(filter.service)}}`];
  if (filter.traceId !== undefined && filter.traceId !== "") parts.push(`|= ${quote(filter.traceId)}`);
  const text = filter.text.trim();
  // Ids are written in one way only; an exact filter can use the token index.
  if (/^[0-9a-f]{16,}$/.test(text)) parts.push(`|= ${quote(text)}`);
  else if (text !== "") parts.push(`|~ ${quote(`(?i)${escapeRegex(text)}`)}`);
  return parts.join(" ");
}
