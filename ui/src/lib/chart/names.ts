/** Names a series by the labels that tell it from its siblings. */
export function distinguishingLabels(metrics: readonly Record<string, string>[]): string[] {
  const names = [...new Set(metrics.flatMap((metric) => Object.keys(metric)))].toSorted();
  return names.filter((name) => new Set(metrics.map((metric) => metric[name] ?? "")).size > 1);
}
