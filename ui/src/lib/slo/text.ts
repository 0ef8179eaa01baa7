import type { BurnRate, PolicyState, Slo } from "../../api/lgtm/slos";
import { formatDuration, formatValue, significant } from "../units";

/** The policy's states: how bad each is, and what a team does in it. */
export const POLICY: Record<PolicyState, { level: "ok" | "warn" | "bad" | "unknown"; title: string; advice: string }> = {
  normal: { level: "ok", title: "Normal", advice: "Less than half of the budget is used: feature work goes on." },
  review: { level: "warn", title: "Review", advice: "More than half of the budget is used: review what is being changed, and watch closely." },
  pause: { level: "bad", title: "Paused", advice: "Three quarters of the budget are used: deployments that can wait do wait, and the incident team stands by." },
  freeze: { level: "bad", title: "Frozen", advice: "The budget is used up: only work on reliability is released, and the objective is reviewed within a day." },
  unknown: { level: "unknown", title: "Unknown", advice: "Nothing was measured, so nothing can be said about the budget. Unmeasured time is neither good nor bad." },
};

/** A share with as many digits as the distance to 100% needs: 99.5%, 99.95%, 99.9987%. */
export function formatShare(share: number | null): string {
  if (share === null || !Number.isFinite(share)) return "–";
  const missing = Math.abs(1 - share) * 100;
  if (missing === 0 || missing >= 10) return `${significant(share * 100, 3)}%`;
  const decimals = Math.min(Math.max(1 - Math.floor(Math.log10(missing)), 1), 5);
  // Cut off, not rounded up: 99.9996% is not 100%.
  const factor = 10 ** decimals;
  return `${Number((Math.floor(share * 100 * factor + 1e-6) / factor).toFixed(decimals))}%`;
}

/** A part of the budget: whole percents, with one digit near the edges. */
export function formatBudget(share: number | null): string {
  if (share === null || !Number.isFinite(share)) return "–";
  const percent = share * 100;
  return `${significant(Math.abs(percent) < 10 ? Number(percent.toFixed(1)) : Math.round(percent), 4)}%`;
}

/** `14.4×` */
export function formatBurn(rate: number | null): string {
  return formatValue(rate, "times");
}

/** The budget as time: how much is left of how much, on the windows that are measured. */
export function budgetTime(slo: Slo): string {
  const total = slo.effectiveWindowSeconds * (1 - slo.objective);
  if (slo.budgetRemaining === null) return `of ${formatDuration(Math.round(total))}`;
  const left = Math.round(total * slo.budgetRemaining);
  return left < 0 ? `overspent by ${formatDuration(-left)}` : `${formatDuration(left)} of ${formatDuration(Math.round(total))}`;
}

/** When the budget will be used up, in words. */
export function exhaustionText(slo: Slo): string {
  if (slo.budgetRemaining === null) return "unknown while nothing is measured";
  if (slo.budgetRemaining <= 0) return "used up";
  if (slo.exhaustsInSeconds === null) return "not at the present rate";
  return `in ${formatDuration(Math.round(slo.exhaustsInSeconds))} at the present rate`;
}

/** The rate that is nearest to, or furthest beyond, its threshold. */
export function worstBurn(rates: readonly BurnRate[]): BurnRate | undefined {
  const closeness = ({ rate, threshold }: BurnRate) => (rate === null ? -1 : rate / threshold);
  return rates.reduce<BurnRate | undefined>((worst, rate) => (worst === undefined || closeness(rate) > closeness(worst) ? rate : worst), undefined);
}

/** Says that the windows are scaled, with examples; undefined when they are not. */
export function scaleNotice(scale: number, slos: readonly Slo[]): string | undefined {
  if (scale === 1) return undefined;
  const examples = new Map<string, string>();
  for (const { burnRates } of slos) for (const { window, effectiveWindow } of burnRates) examples.set(window, effectiveWindow);
  const [first] = slos;
  const words = [...examples].map(([declared, measured]) => `${declared} is ${measured}`);
  if (first !== undefined) words.push(`${formatDuration(first.windowSeconds)} are ${formatDuration(first.effectiveWindowSeconds)}`);
  return `Windows are scaled ${significant(scale)}:1${words.length === 0 ? "" : `: ${words.join(", ")}`}. Everything burns and recovers ${significant(scale)} times as fast as it would in production.`;
}

/** Worst first: what fires, then by policy, then by what is left. */
export function inOrder(slos: readonly Slo[]): Slo[] {
  const rank: Record<PolicyState, number> = { freeze: 0, pause: 1, review: 2, unknown: 3, normal: 4 };
  const quiet = ({ alerts }: Slo) => Number(!alerts.some(({ state: found }) => found === "firing"));
  const left = ({ budgetRemaining }: Slo) => budgetRemaining ?? 2;
  return slos.toSorted((a, b) => quiet(a) - quiet(b) || rank[a.state] - rank[b.state] || left(a) - left(b) || (a.name < b.name ? -1 : 1));
}

/** The other objective of the same service that a reader of this one wants beside it: latency beside availability. */
export function sibling(slo: Slo, slos: readonly Slo[]): Slo | undefined {
  const others = slos.filter((other) => other.service === slo.service && other.name !== slo.name);
  const isLatency = ({ name, displayName }: Slo) => /latency|slow|fast/i.test(`${name} ${displayName ?? ""}`);
  return others.find((other) => isLatency(other) !== isLatency(slo)) ?? others[0];
}

/** Where a gauge of shares begins, so that the objective is neither at its edge nor out of sight. */
export function gaugeFloor(slo: Slo): number {
  const span = (1 - slo.objective) * 4;
  return Math.max(0, 1 - Math.max(span, slo.sli === null ? 0 : (1 - slo.sli) * 1.1));
}
