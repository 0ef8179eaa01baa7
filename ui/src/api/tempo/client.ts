import { fetchJson } from "../http";
import { path, withParams } from "../url";
import type { FoundTrace, SearchAnswer } from "./search";
import { tagsParam } from "./tags";
import type { TraceAnswer } from "./trace";

/** What a search asks for; times in milliseconds. */
export interface TraceSearch {
  service: string;
  minDuration: string;
  from: number;
  to: number;
  limit: number;
}

/** One trace by its hex id. */
export function trace(id: string, signal?: AbortSignal): Promise<TraceAnswer> {
  return fetchJson<TraceAnswer>(path("tempo", "api", "traces", id), signal);
}

/** Traces of a service that took at least a while; Tempo's times are whole seconds. */
export async function search(wanted: TraceSearch, signal?: AbortSignal): Promise<FoundTrace[]> {
  const url = withParams("/tempo/api/search", {
    tags: wanted.service === "" ? undefined : tagsParam({ "service.name": wanted.service }),
    minDuration: wanted.minDuration === "" ? undefined : wanted.minDuration,
    start: Math.floor(wanted.from / 1000),
    end: Math.ceil(wanted.to / 1000),
    limit: wanted.limit,
  });
  return (await fetchJson<SearchAnswer>(url, signal)).traces ?? [];
}
