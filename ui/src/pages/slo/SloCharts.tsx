import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import type { Slo } from "../../api/lgtm/slos";
import type { Matrix } from "../../api/prometheus/matrix";
import { queryRange } from "../../api/prometheus/client";
import { useTime } from "../../components/TimeContext";
import { type Frame, stepTimes, toFrame } from "../../lib/chart/matrix";
import { TailCache } from "../../lib/chart/tail";
import { burnLabel } from "../../lib/slo/series";
import { formatBurn, formatShare } from "../../lib/slo/text";
import type { Window } from "../../lib/time/range";
import { stepFor } from "../../lib/time/step";
import { ChartPanel, type PanelData } from "../../panels/ChartPanel";
import type { Threshold } from "../../panels/options";
import css from "./slo.module.css";

const cache = new TailCache();

type Naming = (metrics: Record<string, string>[]) => (metric: Record<string, string>) => string;

// Shares are drawn in percent.
function scaled(matrix: Matrix, factor: number): Matrix {
  if (factor === 1) return matrix;
  return { ...matrix, result: matrix.result.map(({ metric, values }) => ({ metric, values: (values ?? []).map(([time, value]): [number, string] => [time, String(Number(value) * factor)]) })) };
}

function useSeries(query: string, window: Window, naming: Naming, factor: number): PanelData {
  const step = stepFor(window.to - window.from);
  const from = Math.ceil(window.from / step) * step;
  const to = Math.floor(window.to / step) * step;
  const result = useQuery({
    queryKey: ["slo-series", query, step, from, to],
    queryFn: async ({ signal }): Promise<Frame> => {
      const matrix = scaled(await cache.range(`${step}|${query}`, from, to, (start, end) => queryRange(query, start, end, step, signal)), factor);
      return toFrame(stepTimes(from, to, step), [{ matrix, label: naming(matrix.result.map(({ metric }) => metric)) }]);
    },
    enabled: query !== "",
    placeholderData: (previous, previousQuery) => (previousQuery?.queryKey[1] === query ? keepPreviousData(previous) : undefined),
    gcTime: 10_000,
  });
  return { frame: result.data, error: result.error, fetching: result.isFetching, retry: () => void result.refetch() };
}

function thresholdsOf(slo: Slo): Threshold[] {
  const found = new Map<number, Threshold>();
  for (const { threshold, severity } of slo.burnRates) found.set(threshold, { value: threshold, severity: severity === "critical" ? "critical" : "warning" });
  return [...found.values()];
}

const alone = (label: string): Naming => () => () => label;

/** How fast the budget burns, with the alerts' thresholds, and what is left of it. */
export function SloCharts({ slo }: { slo: Slo }) {
  const { window } = useTime();
  const burn = useSeries(slo.queries.burn, window, burnLabel, 1);
  const budget = useSeries(slo.queries.budget, window, alone("budget left"), 100);
  const thresholds = useMemo(() => thresholdsOf(slo), [slo]);
  const highest = Math.max(1, ...thresholds.map(({ value }) => value));
  const lines = thresholds.map(({ value, severity }) => `${severity} at ${formatBurn(value)}`).join(", ");
  return (
    <div className={css.charts}>
      <ChartPanel id="slo-burn" title="Burn rate" hint={lines === "" ? "1× uses the budget exactly" : lines} unit="times" data={burn} window={window} thresholds={thresholds} top={highest * 1.15} empty={<>The rules that record burn rates have not run yet, or the range lies before them. The query is <code>{slo.queries.burn}</code>.</>} />
      <ChartPanel
        id="slo-budget"
        title="Error budget left"
        hint={`of ${formatShare(1 - slo.objective)} that may fail`}
        unit="percent"
        data={budget}
        window={window}
        thresholds={BUDGET_THRESHOLDS}
        top={100}
        empty={<>Nothing was recorded for this range. The query is <code>{slo.queries.budget}</code>.</>}
      />
    </div>
  );
}

// Half used: review; three quarters used: pause.
const BUDGET_THRESHOLDS: readonly Threshold[] = [
  { value: 50, severity: "warning" },
  { value: 25, severity: "critical" },
];
