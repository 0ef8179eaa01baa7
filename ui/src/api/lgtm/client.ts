import { ApiError, fetchJson, fetchText } from "../http";
import type { PromResponse } from "../prometheus/response";
import type { Runbook } from "./runbooks";
import type { Slos } from "./slos";

const BASE = "/lgtm/api/v1";

async function get<T>(endpoint: string, signal?: AbortSignal): Promise<T> {
  const url = `${BASE}/${endpoint}`;
  const answer = await fetchJson<PromResponse<T>>(url, signal);
  if (answer.status !== "success") throw new ApiError(answer.error ?? "the request failed", 200, url);
  return answer.data;
}

/** The objectives and where each stands. */
export function slos(signal?: AbortSignal): Promise<Slos> {
  return get<Slos>("slos", signal);
}

/** The runbooks there are. */
export function runbooks(signal?: AbortSignal): Promise<Runbook[]> {
  return get<Runbook[]>("runbooks", signal);
}

/** The text of one runbook, in Markdown. */
export function runbookText(name: string, signal?: AbortSignal): Promise<string> {
  return fetchText(`${BASE}/runbooks/${encodeURIComponent(name)}`, "text/markdown", signal);
}
