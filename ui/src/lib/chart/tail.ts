import type { Matrix, MatrixSeries } from "../../api/prometheus/matrix";

/** How far before the newest known point a refresh asks again: scrapes and pushes may arrive that late. */
export const OVERLAP_MS = 60_000;

/** Remembered answers; each holds at most a few hundred points a series. */
const ENTRIES_MAX = 64;

interface Entry {
  from: number;
  to: number;
  matrix: Matrix;
}

function seriesKey(series: MatrixSeries): string {
  return JSON.stringify(Object.entries(series.metric).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

/** Replaces everything from `since` on by the fresh answer and drops what lies before `from` (milliseconds). */
export function mergeTail(known: Matrix, fresh: Matrix, since: number, from: number): Matrix {
  const merged = new Map<string, MatrixSeries>();
  for (const series of known.result) {
    const values = (series.values ?? []).filter(([time]) => time * 1000 >= from && time * 1000 < since);
    merged.set(seriesKey(series), { metric: series.metric, values });
  }
  for (const series of fresh.result) {
    const key = seriesKey(series);
    const before = merged.get(key)?.values ?? [];
    merged.set(key, { metric: series.metric, values: [...before, ...(series.values ?? [])] });
  }
  return { resultType: "matrix", result: [...merged.values()].filter((series) => (series.values ?? []).length > 0) };
}

/** Remembers range answers, so that a refresh of a moving window asks for its new end only. */
export class TailCache {
  readonly #entries = new Map<string, Entry>();

  /** Asks `fetch(from, to)` for what is missing of a window whose ends lie on the step grid. */
  async range(key: string, from: number, to: number, fetch: (from: number, to: number) => Promise<Matrix>): Promise<Matrix> {
    const known = this.#entries.get(key);
    const covers = known !== undefined && known.from <= from && known.to >= from + OVERLAP_MS && known.to <= to;
    const since = covers ? Math.max(from, known.to - OVERLAP_MS) : from;
    const fresh = await fetch(since, to);
    const matrix = covers ? mergeTail(known.matrix, fresh, since, from) : fresh;
    this.#entries.delete(key);
    this.#entries.set(key, { from, to, matrix });
    if (this.#entries.size > ENTRIES_MAX) this.#entries.delete(this.#entries.keys().next().value ?? "");
    return matrix;
  }
}
