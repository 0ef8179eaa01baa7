/** A moment as a person writes it: an absolute time in milliseconds, or a distance back from now. */
export type Moment = { kind: "absolute"; ms: number } | { kind: "relative"; backMs: number };

/** What the picker holds; it is resolved against a clock when a query is made. */
export interface TimeRange {
  from: Moment;
  to: Moment;
}

/** A range with both ends known, in milliseconds. */
export interface Window {
  from: number;
  to: number;
}

const UNIT_MS: Record<string, number> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };

/** Parses `90s`, `15m`, `1h30m`, `7d` into milliseconds. */
export function parseSpan(text: string): number | undefined {
  const compact = text.trim().toLowerCase().replaceAll(/\s+/g, "");
  if (!/^(?:\d+(?:\.\d+)?[smhdw])+$/.test(compact)) return undefined;
  let total = 0;
  for (const [, amount, unit] of compact.matchAll(/(\d+(?:\.\d+)?)([smhdw])/g)) {
    total += Number(amount) * (UNIT_MS[unit ?? ""] ?? 0);
  }
  return total > 0 ? total : undefined;
}

/** Writes a span in its largest exact units: 5,400,000 → `1h30m`. */
export function formatSpan(ms: number): string {
  let rest = Math.round(ms / 1000);
  let text = "";
  for (const [unit, size] of [
    ["d", 86_400],
    ["h", 3600],
    ["m", 60],
    ["s", 1],
  ] as const) {
    const count = Math.floor(rest / size);
    rest -= count * size;
    if (count > 0) text += `${count}${unit}`;
  }
  return text === "" ? "0s" : text;
}

function parseMoment(text: string): Moment | undefined {
  const trimmed = text.trim();
  if (trimmed === "now") return { kind: "relative", backMs: 0 };
  if (trimmed.startsWith("now-")) {
    const backMs = parseSpan(trimmed.slice(4));
    return backMs === undefined ? undefined : { kind: "relative", backMs };
  }
  if (/^\d{12,14}$/.test(trimmed)) return { kind: "absolute", ms: Number(trimmed) };
  return undefined;
}

function writeMoment(moment: Moment): string {
  if (moment.kind === "absolute") return String(Math.round(moment.ms));
  return moment.backMs === 0 ? "now" : `now-${formatSpan(moment.backMs)}`;
}

/** The range that ends now. */
export function lastSpan(ms: number): TimeRange {
  return { from: { kind: "relative", backMs: ms }, to: { kind: "relative", backMs: 0 } };
}

/** A pinned range. */
export function pinned(window: Window): TimeRange {
  return { from: { kind: "absolute", ms: window.from }, to: { kind: "absolute", ms: window.to } };
}

/** What a page shows when the URL says nothing. */
export const DEFAULT_RANGE: TimeRange = lastSpan(15 * 60_000);

/** Reads `from` and `to` of a URL: `now-15m`, `now`, or milliseconds. Nonsense yields the default. */
export function parseRange(from: string | null, to: string | null): TimeRange {
  const start = parseMoment(from ?? "");
  const end = parseMoment(to ?? "now");
  if (start === undefined || end === undefined) return DEFAULT_RANGE;
  if (start.kind === end.kind && !isOrdered({ from: start, to: end })) return DEFAULT_RANGE;
  return { from: start, to: end };
}

function isOrdered(range: TimeRange): boolean {
  const { from, to } = resolve(range, 0);
  return from < to;
}

/** The `from` and `to` that `parseRange` reads back. */
export function writeRange(range: TimeRange): { from: string; to: string } {
  return { from: writeMoment(range.from), to: writeMoment(range.to) };
}

/** Puts the range on a clock. */
export function resolve(range: TimeRange, nowMs: number): Window {
  const at = (moment: Moment) => (moment.kind === "absolute" ? moment.ms : nowMs - moment.backMs);
  return { from: at(range.from), to: at(range.to) };
}

/** Whether the range moves with the clock, so that refreshing it makes sense. */
export function isLive(range: TimeRange): boolean {
  return range.to.kind === "relative";
}

/** Reads what a person types into the picker: `6h`, `now-6h`, `now-2h to now-1h`, milliseconds `to` milliseconds. */
export function parseTyped(text: string): TimeRange | undefined {
  const span = parseSpan(text.trim().replace(/^last\s+/i, ""));
  if (span !== undefined) return lastSpan(span);
  const [from, to = "now", ...rest] = text.split(/\s+to\s+/i);
  const start = parseMoment(from ?? "");
  const end = parseMoment(to);
  if (start === undefined || end === undefined || rest.length > 0) return undefined;
  const range = { from: start, to: end };
  return start.kind === end.kind && !isOrdered(range) ? undefined : range;
}

/** Twice the window around its middle, not beyond now. */
export function zoomOut(window: Window, nowMs: number): Window {
  const half = (window.to - window.from) / 2;
  const to = Math.min(window.to + half, nowMs);
  return { from: to - half * 4, to };
}
