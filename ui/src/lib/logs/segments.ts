/** A part of a line: plain text, or a trace id to link. */
export type Segment = { kind: "text"; text: string } | { kind: "trace"; text: string; traceId: string };

// `traceID=…`, `trace_id: "…"`, `"traceId":"…"`: the name is case-insensitive, the value is 32 hex digits on their own.
const TRACE_ID = /(trace_?-?id"?\s*[=:]\s*"?)([0-9a-f]{32})(?![0-9a-f])/gi;

/** Splits a line at its trace ids. */
export function segments(line: string): Segment[] {
  const parts: Segment[] = [];
  let end = 0;
  for (const match of line.matchAll(TRACE_ID)) {
    const id = match[2] ?? "";
    const start = match.index + (match[1] ?? "").length;
    if (/^0+$/.test(id)) continue;
    if (start > end) parts.push({ kind: "text", text: line.slice(end, start) });
    parts.push({ kind: "trace", text: id, traceId: id.toLowerCase() });
    end = start + id.length;
  }
  if (end < line.length || parts.length === 0) parts.push({ kind: "text", text: line.slice(end) });
  return parts;
}
