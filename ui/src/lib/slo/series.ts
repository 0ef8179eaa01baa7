import { distinguishingLabels } from "../chart/names";

/** Names the lines of a burn chart: their window alone where that tells them apart. */
export function burnLabel(metrics: readonly Record<string, string>[]): (metric: Record<string, string>) => string {
  const names = distinguishingLabels(metrics);
  if (names.length === 0) return () => "burn rate";
  const window = names.find((name) => /window/i.test(name));
  if (window !== undefined && new Set(metrics.map((metric) => metric[window])).size === metrics.length) return (metric) => `over ${metric[window] ?? "?"}`;
  return (metric) => names.map((name) => `${name} ${metric[name] ?? "–"}`).join(", ");
}
