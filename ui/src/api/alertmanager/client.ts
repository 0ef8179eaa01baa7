import { fetchJson, postJson, sendDelete } from "../http";
import type { NotifierAlert } from "./alert";
import type { NotifierGroup } from "./group";
import type { Matcher, NewSilence, Silence } from "./silence";

const BASE = "/alertmanager/api/v2";

/** Every alert that the notifier holds, silenced and inhibited ones included. */
export function notifierAlerts(signal?: AbortSignal): Promise<NotifierAlert[]> {
  return fetchJson(`${BASE}/alerts`, signal);
}

/** The alerts by the groups that notifications tell together. */
export function notifierGroups(signal?: AbortSignal): Promise<NotifierGroup[]> {
  return fetchJson(`${BASE}/alerts/groups`, signal);
}

/** Silences of every state. */
export function silences(signal?: AbortSignal): Promise<Silence[]> {
  return fetchJson(`${BASE}/silences`, signal);
}

/** What a silence with these matchers would mute now. */
export async function previewSilence(matchers: readonly Matcher[], signal?: AbortSignal): Promise<NotifierAlert[]> {
  return (await postJson<{ alerts: NotifierAlert[] }>(`${BASE}/silences/preview`, { matchers }, signal)).alerts;
}

/** Makes or changes a silence; the answer is its id. */
export async function putSilence(silence: NewSilence): Promise<string> {
  return (await postJson<{ silenceID: string }>(`${BASE}/silences`, silence)).silenceID;
}

/** Ends a silence now. */
export function expireSilence(id: string): Promise<void> {
  return sendDelete(`${BASE}/silence/${encodeURIComponent(id)}`);
}
