import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { queryLogs } from "../../api/loki/client";
import { type LogLine, mergeLines, toLines } from "../../lib/logs/line";
import { logQuery, type LogFilter } from "../../lib/logs/query";
import type { Window } from "../../lib/time/range";

/** Lines asked for at first, and after "Load older lines" (Loki's own default limit). */
export const LINES_FIRST = 1000;
export const LINES_MAX = 5000;

/** Lines may arrive this late; a refresh asks for them again. */
const LATE_NANOS = 10_000_000_000n;

interface Known {
  key: string;
  from: bigint;
  to: bigint;
  lines: LogLine[];
}

// One question at a time is on the screen, so one answer is remembered.
let known: Known | undefined;

const nanos = (ms: number) => BigInt(Math.floor(ms)) * 1_000_000n;

async function load(query: string, window: Window, limit: number, signal: AbortSignal): Promise<LogLine[]> {
  const key = `${limit}|${query}`;
  const [from, to] = [nanos(window.from), nanos(window.to)];
  const before = known;
  const covers = before !== undefined && before.key === key && before.from <= from && before.to > from && before.to <= to;
  const newest = covers ? before.to - LATE_NANOS : from;
  const since = newest > from ? newest : from;
  const fresh = toLines(await queryLogs(query, since, to, limit, signal));
  const lines = covers ? mergeLines(before.lines, fresh, since, from, limit) : fresh;
  known = { key, from, to, lines };
  return lines;
}

/** The newest lines of a window that pass the filter; a refresh asks for the new ones only. */
export function useLogs(window: Window, filter: LogFilter, limit: number) {
  const query = logQuery(filter);
  const result = useQuery({
    queryKey: ["logs", query, window.from, window.to, limit],
    queryFn: ({ signal }) => load(query, window, limit, signal),
    // Lines of another filter would be a wrong answer; those of the window before are merely a little old.
    placeholderData: (previous, previousQuery) => (previousQuery?.queryKey[1] === query ? keepPreviousData(previous) : undefined),
    gcTime: 10_000,
  });
  return { ...result, query };
}
