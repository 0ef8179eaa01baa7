/** Steps a reader recognises on an axis. */
const STEPS_S = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 21_600, 43_200, 86_400];

/** Points a chart gets at most; more would fall on the same pixels. */
export const POINTS_MAX = 240;

/** The finest step worth asking for: below it every point repeats the sample before. */
const STEP_MS_MIN = 5000;

/** The query step for a window, in milliseconds. */
export function stepFor(windowMs: number): number {
  const wanted = Math.max(windowMs / POINTS_MAX, STEP_MS_MIN);
  for (const step of STEPS_S) if (step * 1000 >= wanted) return step * 1000;
  return Math.ceil(wanted / 86_400_000) * 86_400_000;
}

/** The window of `rate()`: a minute, or longer when the step is, so that no sample falls between two points. */
export function rateWindowFor(stepMs: number): string {
  return `${Math.max(60, Math.ceil(stepMs / 1000))}s`.replace(/^60s$/, "1m");
}
