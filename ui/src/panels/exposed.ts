import type { Frame } from "../lib/chart/matrix";

/** What a chart draws, for tests and for a curious reader at the console. */
export interface ExposedChart extends Frame {
  title: string;
  unit: string;
  /** The ends of the time axis, in milliseconds. */
  window: { from: number; to: number };
}

declare global {
  interface Window {
    /** The data of every chart on the page, by its id. */
    __charts?: Record<string, ExposedChart>;
  }
}

/** Publishes a chart's data under `window.__charts`; the returned function withdraws it. */
export function exposeChart(id: string, chart: ExposedChart): () => void {
  const charts = (window.__charts ??= {});
  charts[id] = chart;
  return () => {
    if (charts[id] === chart) delete charts[id];
  };
}
