/** The zone times are shown in. */
export type Zone = "utc" | "local";

/** Formatters are costly to make and few. */
const formatters = new Map<string, Intl.DateTimeFormat>();

function formatter(zone: Zone, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `${zone}${JSON.stringify(options)}`;
  let found = formatters.get(key);
  if (found === undefined) {
    // Swedish writes 2026-11-24 01:02:03: sortable, 24 hours, no ambiguity of day and month.
    found = new Intl.DateTimeFormat("sv-SE", { ...options, hourCycle: "h23", ...(zone === "utc" ? { timeZone: "UTC" } : {}) });
    formatters.set(key, found);
  }
  return found;
}

const TIME: Intl.DateTimeFormatOptions = { hour: "2-digit", minute: "2-digit", second: "2-digit" };
const DATE: Intl.DateTimeFormatOptions = { year: "numeric", month: "2-digit", day: "2-digit" };

/** `14:03:27` */
export function formatTime(ms: number, zone: Zone): string {
  return formatter(zone, TIME).format(ms);
}

/** `14:03:27.512` */
export function formatTimeMillis(ms: number, zone: Zone): string {
  return `${formatTime(ms, zone)}.${String(Math.floor(ms) % 1000).padStart(3, "0")}`;
}

/** `2026-11-24 14:03:27` */
export function formatDateTime(ms: number, zone: Zone): string {
  return formatter(zone, { ...DATE, ...TIME }).format(ms);
}

/** `14:03:27 – 14:05:00`, with dates when the ends lie on different days. */
export function formatWindow(from: number, to: number, zone: Zone): string {
  const sameDay = formatter(zone, DATE).format(from) === formatter(zone, DATE).format(to);
  return sameDay
    ? `${formatDateTime(from, zone)} – ${formatTime(to, zone)}`
    : `${formatDateTime(from, zone)} – ${formatDateTime(to, zone)}`;
}

/** Axis labels: seconds only when the ticks are that close, dates when they are far apart. */
export function formatTick(ms: number, tickMs: number, zone: Zone): string {
  if (tickMs < 60_000) return formatTime(ms, zone);
  const time = formatter(zone, { hour: "2-digit", minute: "2-digit" }).format(ms);
  if (tickMs < 43_200_000 && time !== "00:00") return time;
  return formatter(zone, DATE).format(ms).slice(5);
}

/** The value of a `datetime-local` input for a moment. */
export function toInputValue(ms: number, zone: Zone): string {
  return formatDateTime(ms, zone).replace(" ", "T");
}

/** The moment a `datetime-local` input names in the zone. */
export function fromInputValue(value: string, zone: Zone): number | undefined {
  const ms = Date.parse(zone === "utc" ? `${value}Z` : value);
  return Number.isNaN(ms) ? undefined : ms;
}
