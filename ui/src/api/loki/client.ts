import { fetchJson } from "../http";
import { withParams } from "../url";
import type { LokiStream, LokiStreams } from "./streams";

/** Newest-first lines of a log query; times are nanoseconds as decimal text, since they exceed a double. */
export async function queryLogs(
  query: string,
  fromNanos: bigint,
  toNanos: bigint,
  limit: number,
  signal?: AbortSignal,
): Promise<LokiStream[]> {
  const url = withParams("/loki/api/v1/query_range", {
    query,
    start: fromNanos.toString(),
    end: toNanos.toString(),
    limit,
    direction: "backward",
  });
  const answer = await fetchJson<LokiStreams>(url, signal);
  return answer.data?.result ?? [];
}
