import { type Frame, lastValue, maxValue } from "../../lib/chart/matrix";
import { formatDuration, formatValue } from "../../lib/units";

/** How things are, worst last. */
export type Health = "unknown" | "healthy" | "degraded" | "critical";

/** The frames the verdict looks at. */
export interface Evidence {
  latency: Frame | undefined;
  traffic: Frame | undefined;
  errors: Frame | undefined;
  errorsByEndpoint: Frame | undefined;
  saturation: readonly (Frame | undefined)[];
}

/** One of the four signals in a word and a number. */
export interface Finding {
  signal: "Latency" | "Traffic" | "Errors" | "Saturation";
  health: Health;
  value: string;
  note: string;
}

/** The answer to "healthy now? since when? which component?". */
export interface Verdict {
  health: Health;
  headline: string;
  /** When the worst signal crossed its limit, in milliseconds. */
  since: number | undefined;
  findings: Finding[];
}

/** Above these a signal is degraded, then critical. */
export const LIMITS = { errorPercent: [1, 5], p99Seconds: [1, 3], saturationPercent: [80, 95] } as const;

type Measure = (values: readonly (number | null)[]) => number | null;

function judge(value: number | null, [warning, critical]: readonly [number, number]): Health {
  if (value === null) return "unknown";
  if (value > critical) return "critical";
  return value > warning ? "degraded" : "healthy";
}

// The start of the last stretch above the limit; gaps within it do not end it.
function crossedAt(frame: Frame, label: string, limit: number): number | undefined {
  const values = frame.lines.find((line) => line.label === label)?.values ?? [];
  let since: number | undefined;
  values.forEach((value, index) => {
    if (value !== null && value > limit) since ??= (frame.times[index] ?? 0) * 1000;
    else if (value !== null) since = undefined;
  });
  return since;
}

function worstLine(frame: Frame | undefined, measure: Measure): { label: string; value: number } | undefined {
  let worst: { label: string; value: number } | undefined;
  for (const line of frame?.lines ?? []) {
    const value = measure(line.values);
    if (value !== null && (worst === undefined || value > worst.value)) worst = { label: line.label, value };
  }
  return worst;
}

function findErrors(evidence: Evidence, measure: Measure): Finding {
  const value = worstLine(evidence.errors, measure)?.value ?? null;
  const worst = worstLine(evidence.errorsByEndpoint, measure);
  const health = judge(value, LIMITS.errorPercent);
  const endpointHealth = judge(worst?.value ?? null, LIMITS.errorPercent);
  const note = worst !== undefined && worst.value > LIMITS.errorPercent[0] ? `${worst.label} ${formatValue(worst.value, "percent")}` : "of all answers";
  // One endpoint that fails is trouble, even if the others hide it in the total.
  const combined = endpointHealth === "critical" && health === "healthy" ? "degraded" : health;
  return { signal: "Errors", health: combined, value: formatValue(value, "percent"), note };
}

function findLatency(evidence: Evidence, measure: Measure): Finding {
  const of = (label: string) => measure(evidence.latency?.lines.find((line) => line.label === label)?.values ?? []);
  const p99 = of("p99");
  return { signal: "Latency", health: judge(p99, LIMITS.p99Seconds), value: formatValue(p99, "seconds"), note: `p99 · p50 ${formatValue(of("p50"), "seconds")}` };
}

function findTraffic(evidence: Evidence, measure: Measure): Finding {
  const rates = (evidence.traffic?.lines ?? []).map((line) => measure(line.values)).filter((value) => value !== null);
  if (rates.length === 0) return { signal: "Traffic", health: "unknown", value: "–", note: "no requests seen" };
  const total = rates.reduce((sum, value) => sum + value, 0);
  return { signal: "Traffic", health: "healthy", value: formatValue(total, "per-second"), note: `${rates.length} endpoints` };
}

function findSaturation(evidence: Evidence, measure: Measure): Finding {
  const worst = evidence.saturation
    .map((frame) => worstLine(frame, measure))
    .reduce((most, found) => (found !== undefined && (most === undefined || found.value > most.value) ? found : most), undefined);
  return {
    signal: "Saturation",
    health: judge(worst?.value ?? null, LIMITS.saturationPercent),
    value: formatValue(worst?.value, "percent"),
    note: worst?.label ?? "nothing measured",
  };
}

const RANK: Record<Health, number> = { unknown: 0, healthy: 1, degraded: 2, critical: 3 };

function headline(health: Health, findings: Finding[], evidence: Evidence, measure: Measure, live: boolean): string {
  const bad = findings.filter((finding) => finding.health === health);
  const endpoint = worstLine(evidence.errorsByEndpoint, measure);
  if (health === "unknown") return "No request metrics in this time range";
  if (health === "healthy") return live ? "All four signals are within their limits" : "All four signals stayed within their limits in this window";
  const parts = bad.map(({ signal, value, note }) => {
    if (signal === "Errors") {
      const where = endpoint !== undefined && endpoint.value > LIMITS.errorPercent[0] ? `, most on ${endpoint.label} (${formatValue(endpoint.value, "percent")})` : "";
      return `${value} of requests ${live ? "fail" : "failed at the worst"}${where}`;
    }
    if (signal === "Latency") return `p99 ${live ? "is" : "reached"} ${value}`;
    return `${note} ${live ? "is" : "reached"} ${value}`;
  });
  return parts.join("; ");
}

function sinceWhen(health: Health, findings: Finding[], evidence: Evidence): number | undefined {
  if (RANK[health] < RANK.degraded) return undefined;
  const worst = findings.find((finding) => finding.health === health)?.signal;
  const first = (frame: Frame | undefined, label: string | undefined, limit: number) =>
    frame === undefined || label === undefined ? undefined : crossedAt(frame, label, limit);
  if (worst === "Errors") {
    return (
      first(evidence.errors, evidence.errors?.lines[0]?.label, LIMITS.errorPercent[0]) ??
      first(evidence.errorsByEndpoint, worstLine(evidence.errorsByEndpoint, lastValue)?.label, LIMITS.errorPercent[0])
    );
  }
  if (worst === "Latency") return first(evidence.latency, "p99", LIMITS.p99Seconds[0]);
  const frame = evidence.saturation.find((found) => RANK[judge(worstLine(found, lastValue)?.value ?? null, LIMITS.saturationPercent)] >= RANK.degraded);
  return first(frame, worstLine(frame, lastValue)?.label, LIMITS.saturationPercent[0]);
}

/** Judges the signals: live by their last values, a pinned window by its worst. */
export function verdict(evidence: Evidence, live: boolean): Verdict {
  const measure: Measure = live ? lastValue : (values) => maxValue(values)?.value ?? null;
  const findings = [findLatency(evidence, measure), findTraffic(evidence, measure), findErrors(evidence, measure), findSaturation(evidence, measure)];
  const requests = findings.slice(0, 3);
  const health = requests.every((finding) => finding.health === "unknown")
    ? "unknown"
    : findings.reduce<Health>((worst, finding) => (RANK[finding.health] > RANK[worst] ? finding.health : worst), "unknown");
  return { health, headline: headline(health, findings, evidence, measure, live), since: live ? sinceWhen(health, findings, evidence) : undefined, findings };
}

/** `since 14:03, for 2 min` in words. */
export function sinceText(since: number, now: number, time: string): string {
  return `since ${time}, for ${formatDuration(Math.max(1, Math.round((now - since) / 1000)))}`;
}
