import { ApiError, fetchJson } from "../http";
import { type Params, withParams } from "../url";
import type { RuleAlerts } from "./alerts";
import type { Matrix } from "./matrix";
import type { PromResponse } from "./response";
import type { RuleGroups } from "./rules";
import type { Targets } from "./targets";
import type { Vector } from "./vector";

const BASE = "/prometheus/api/v1";

async function get<T>(endpoint: string, params: Params, signal?: AbortSignal): Promise<T> {
  const url = withParams(`${BASE}/${endpoint}`, params);
  const answer = await fetchJson<PromResponse<T>>(url, signal);
  if (answer.status !== "success") throw new ApiError(answer.error ?? "the query failed", 200, url);
  return answer.data;
}

/** A range query; times and step in milliseconds. */
export function queryRange(query: string, from: number, to: number, step: number, signal?: AbortSignal): Promise<Matrix> {
  return get<Matrix>("query_range", { query, start: from / 1000, end: to / 1000, step: step / 1000 }, signal);
}

/** An instant query at `time` (milliseconds). */
export function queryInstant(query: string, time: number, signal?: AbortSignal): Promise<Vector> {
  return get<Vector>("query", { query, time: time / 1000 }, signal);
}

/** The active scrape targets. */
export function targets(signal?: AbortSignal): Promise<Targets> {
  return get<Targets>("targets", { state: "active" }, signal);
}

/** What the rules find pending or firing. */
export function ruleAlerts(signal?: AbortSignal): Promise<RuleAlerts> {
  return get<RuleAlerts>("alerts", {}, signal);
}

/** The rules and how their last evaluation went. */
export function ruleGroups(signal?: AbortSignal): Promise<RuleGroups> {
  return get<RuleGroups>("rules", {}, signal);
}
