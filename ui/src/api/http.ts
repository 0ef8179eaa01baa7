/** A request that got no usable answer, with what the server said about it. */
export class ApiError extends Error {
  /** The HTTP status, or 0 when no answer came at all. */
  readonly status: number;
  /** The address that was asked. */
  readonly url: string;

  constructor(message: string, status: number, url: string) {
    super(message);
    this.name = "ApiError";
    this.status = status;
    this.url = url;
  }
}

/** The longest part of a plain-text error body that is shown. */
const ERROR_TEXT_CHARS_MAX = 500;

/** Each API wraps its errors differently, Alertmanager's not at all, and proxies answer in plain text. */
export function errorMessage(body: string, status: number): string {
  try {
    const json: unknown = JSON.parse(body);
    if (typeof json === "string" && json !== "") return json.slice(0, ERROR_TEXT_CHARS_MAX);
    if (typeof json === "object" && json !== null) {
      const { error, message } = json as { error?: unknown; message?: unknown };
      if (typeof error === "string" && error !== "") return error;
      if (typeof message === "string" && message !== "") return message;
    }
  } catch {
    // Not JSON: the text itself is the message.
  }
  const text = body.trim();
  const isPage = /^<(?:!doctype|html)/i.test(text);
  return text !== "" && !isPage ? text.slice(0, ERROR_TEXT_CHARS_MAX) : `the server answered with status ${status}`;
}

async function ask(url: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(url, init);
  } catch (error) {
    if (init.signal?.aborted === true) throw error;
    throw new ApiError("the server cannot be reached", 0, url);
  }
}

async function bodyOf(response: Response, url: string): Promise<string> {
  const body = await response.text();
  if (!response.ok) throw new ApiError(errorMessage(body, response.status), response.status, url);
  return body;
}

function parse<T>(body: string, status: number, url: string): T {
  try {
    return JSON.parse(body) as T;
  } catch {
    throw new ApiError("the answer is not JSON", status, url);
  }
}

/** Fetches JSON; every failure becomes an `ApiError` except an abort, which is passed on for react-query. */
export async function fetchJson<T>(url: string, signal?: AbortSignal): Promise<T> {
  const response = await ask(url, { signal: signal ?? null, headers: { accept: "application/json" } });
  return parse<T>(await bodyOf(response, url), response.status, url);
}

/** Fetches text of one media type; the app's own page, which answers unknown addresses, is no such text. */
export async function fetchText(url: string, type: string, signal?: AbortSignal): Promise<string> {
  const response = await ask(url, { signal: signal ?? null, headers: { accept: type } });
  const body = await bodyOf(response, url);
  if (response.headers.get("content-type")?.startsWith("text/html") === true) throw new ApiError(`the answer is not ${type}`, response.status, url);
  return body;
}

/** Posts JSON and reads the JSON that comes back. */
export async function postJson<T>(url: string, body: unknown, signal?: AbortSignal): Promise<T> {
  const headers = { accept: "application/json", "content-type": "application/json" };
  const response = await ask(url, { method: "POST", signal: signal ?? null, headers, body: JSON.stringify(body) });
  return parse<T>(await bodyOf(response, url), response.status, url);
}

/** Deletes what lies at an address. */
export async function sendDelete(url: string): Promise<void> {
  await bodyOf(await ask(url, { method: "DELETE" }), url);
}
