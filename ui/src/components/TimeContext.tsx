import { type Query, useIsFetching, useQueryClient } from "@tanstack/react-query";
import { createContext, type ReactNode, useCallback, useContext, useEffect, useMemo, useRef, useState } from "react";
import type { Zone } from "../lib/time/format";
import { formatSpan, isLive, parseRange, parseSpan, pinned, resolve, type TimeRange, type Window, writeRange, zoomOut } from "../lib/time/range";
import { useUrlState } from "../lib/urlState";

/** Refresh when the URL names none. */
const REFRESH_MS_DEFAULT = 5000;

/** When the page looks, how it writes times, and how to change both. */
export interface Time {
  range: TimeRange;
  /** The range on the clock of the last refresh. */
  window: Window;
  live: boolean;
  /** Milliseconds; 0 is off. */
  refreshMs: number;
  zone: Zone;
  setRange: (range: TimeRange) => void;
  setRefresh: (ms: number) => void;
  setZone: (zone: Zone) => void;
  refresh: () => void;
  zoomTo: (window: Window) => void;
  zoomOut: () => void;
}

const TimeContext = createContext<Time | undefined>(undefined);

/** The `meta` of queries that show the present, whatever the range: they have a rhythm of their own. */
export const BACKGROUND = { background: true };

const isBackground = (query: Query) => query.meta?.background === true;

function parseRefresh(text: string | null): number {
  if (text === "off") return 0;
  return parseSpan(text ?? "") ?? REFRESH_MS_DEFAULT;
}

// The clock moves while the tab is visible, and not while answers are under way: on a slow server each tick would
// otherwise cancel the queries of the one before.
function useClock(refreshMs: number, live: boolean): [number, () => void] {
  const [now, setNow] = useState(() => Date.now());
  const fetching = useRef(false);
  const inFlight = useIsFetching({ predicate: (query) => !isBackground(query) });
  useEffect(() => {
    fetching.current = inFlight > 0;
  }, [inFlight]);
  useEffect(() => {
    if (refreshMs === 0 || !live) return undefined;
    const timer = setInterval(() => {
      if (!fetching.current && document.visibilityState === "visible") setNow(Date.now());
    }, refreshMs);
    return () => clearInterval(timer);
  }, [refreshMs, live]);
  return [now, useCallback(() => setNow(Date.now()), [])];
}

/** Holds the time of all pages; the URL is its only memory. */
export function TimeProvider({ children }: { children: ReactNode }) {
  const [params, change] = useUrlState();
  const [from, to] = [params.get("from"), params.get("to")];
  const range = useMemo(() => parseRange(from, to), [from, to]);
  const refreshMs = parseRefresh(params.get("refresh"));
  const zone: Zone = params.get("tz") === "utc" ? "utc" : "local";
  const live = isLive(range);
  const [now, tick] = useClock(refreshMs, live);
  const queries = useQueryClient();
  const refresh = useCallback(() => {
    tick();
    void queries.invalidateQueries({ predicate: isBackground });
  }, [tick, queries]);
  const value = useMemo((): Time => {
    const window = resolve(range, now);
    const setRange = (next: TimeRange) => {
      change(writeRange(next), "push");
      tick();
    };
    return {
      range,
      window,
      live,
      refreshMs,
      zone,
      setRange,
      setRefresh: (ms) => change({ refresh: ms === 0 ? "off" : formatSpan(ms) }, "replace"),
      setZone: (next) => change({ tz: next === "utc" ? "utc" : undefined }, "replace"),
      refresh,
      zoomTo: (next) => setRange(pinned(next)),
      zoomOut: () => setRange(pinned(zoomOut(window, Date.now()))),
    };
  }, [range, now, live, refreshMs, zone, change, tick, refresh]);
  return <TimeContext value={value}>{children}</TimeContext>;
}

/** The page's time. */
export function useTime(): Time {
  const time = useContext(TimeContext);
  if (time === undefined) throw new Error("useTime needs a TimeProvider above it");
  return time;
}
