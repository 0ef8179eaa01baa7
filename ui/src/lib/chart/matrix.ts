import type { Matrix } from "../../api/prometheus/matrix";

/** A line of a chart: one value an instant, `null` where there is none (uPlot breaks the line there). */
export interface Line {
  label: string;
  values: (number | null)[];
}

/** Aligned columns: every line has one value for each time. */
export interface Frame {
  /** Seconds, as uPlot wants them. */
  times: number[];
  lines: Line[];
}

/** Prometheus writes `NaN`, `+Inf` and `-Inf`; none of them can be drawn. */
export function parseValue(text: string): number | null {
  const value = Number(text);
  return Number.isFinite(value) ? value : null;
}

/** The times a query from `from` to `to` with this step answers for (milliseconds in, seconds out). */
export function stepTimes(from: number, to: number, step: number): number[] {
  const times: number[] = [];
  for (let ms = Math.ceil(from / step) * step; ms <= to; ms += step) times.push(ms / 1000);
  return times;
}

/**
 * Puts the series of several queries on one grid of steps. Absent steps become `null`, so that a gap in the data is a
 * gap in the line; an empty query adds no line.
 */
export function toFrame(times: number[], answers: { matrix: Matrix; label: (metric: Record<string, string>) => string }[]): Frame {
  const position = new Map(times.map((time, index) => [Math.round(time * 1000), index]));
  const lines: Line[] = [];
  for (const { matrix, label } of answers) {
    for (const series of matrix.result) {
      const values: (number | null)[] = Array.from({ length: times.length }, () => null);
      for (const [time, text] of series.values ?? []) {
        const index = position.get(Math.round(time * 1000));
        if (index !== undefined) values[index] = parseValue(text);
      }
      lines.push({ label: label(series.metric), values });
    }
  }
  return { times, lines };
}

/** Whether no line has any value. */
export function isEmpty(frame: Frame): boolean {
  return frame.lines.every((line) => line.values.every((value) => value === null));
}

/** The last value that is present, looking back at most `steps` steps: older ones are no longer the current state. */
export function lastValue(values: readonly (number | null)[], steps = 12): number | null {
  for (let index = values.length - 1; index >= Math.max(0, values.length - steps); index--) {
    const value = values[index];
    if (value !== null && value !== undefined) return value;
  }
  return null;
}

/** The greatest value and its index. */
export function maxValue(values: readonly (number | null)[]): { value: number; index: number } | null {
  let best: { value: number; index: number } | null = null;
  values.forEach((value, index) => {
    if (value !== null && (best === null || value > best.value)) best = { value, index };
  });
  return best;
}
