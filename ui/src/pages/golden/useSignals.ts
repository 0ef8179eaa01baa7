import { keepPreviousData, useQueries } from "@tanstack/react-query";
import { useMemo } from "react";
import { queryRange } from "../../api/prometheus/client";
import { type Frame, stepTimes, toFrame } from "../../lib/chart/matrix";
import { TailCache } from "../../lib/chart/tail";
import type { Window } from "../../lib/time/range";
import { rateWindowFor, stepFor } from "../../lib/time/step";
import type { PanelData } from "../../panels/ChartPanel";
import { legendText, type Signal, SIGNALS } from "./signals";

const cache = new TailCache();

async function load(signal: Signal, window: Window, step: number, abort: AbortSignal): Promise<Frame> {
  const from = Math.ceil(window.from / step) * step;
  const to = Math.floor(window.to / step) * step;
  const answers = await Promise.all(
    signal.queries.map(async ({ expr, legend }) => {
      const query = expr.replaceAll("$window", rateWindowFor(step));
      const matrix = await cache.range(`${step}|${query}`, from, to, (start, end) => queryRange(query, start, end, step, abort));
      return { matrix, label: (metric: Record<string, string>) => legendText(legend, metric) };
    }),
  );
  return toFrame(stepTimes(from, to, step), answers);
}

/** The data of every signal over the window. The last answer stays while the next is on its way. */
export function useSignals(window: Window): Map<string, PanelData> {
  const step = stepFor(window.to - window.from);
  // Within one step nothing new can be seen, so nothing is asked.
  const slot = Math.floor(window.to / step);
  const results = useQueries({
    queries: SIGNALS.map((signal) => ({
      queryKey: ["signal", signal.id, step, Math.ceil(window.from / step), slot],
      queryFn: ({ signal: abort }: { signal: AbortSignal }) => load(signal, window, step, abort),
      placeholderData: keepPreviousData,
      gcTime: 10_000,
    })),
  });
  return useMemo(
    () =>
      new Map(
        SIGNALS.map((signal, index) => {
          const result = results[index];
          return [signal.id, { frame: result?.data, error: result?.error, fetching: result?.isFetching ?? true, retry: () => void result?.refetch() }];
        }),
      ),
    [results],
  );
}
