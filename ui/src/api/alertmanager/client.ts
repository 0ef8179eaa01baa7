import { fetchJson, postJson, sendDelete } from "../http";
import type { NotifierAlert } from "./alert";
import type { NotifierGroup } from "./group";
import type { Matcher, NewSilence, Silence, SilencePreview } from "./silence";

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
export function previewSilence(matchers: readonly Matcher[], signal?: AbortSignal): Promise<SilencePreview> {
  return postJson(`${BASE}/silences/preview`, { matchers }, signal);
}

/** Makes or changes a silence; the answer is its id. */
export async function putSilence(silence: NewSilence): Promise<string> {
  return (await postJson<{ silenceID: string }>(`${BASE}/silences`, silence)).silenceID;
}

/** Ends a silence now. */
export function expireSilence(id: string): Promise<void> {
  return sendDelete(`${BASE}/silence/${encodeURIComponent(id)}`);
}
