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

/** Prometheus, Loki and Tempo each wrap their errors differently, and proxies answer in plain text. */
export function errorMessage(body: string, status: number): string {
  try {
    const json: unknown = JSON.parse(body);
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

/** Fetches JSON; every failure becomes an `ApiError` except an abort, which is passed on for react-query. */
export async function fetchJson<T>(url: string, signal?: AbortSignal): Promise<T> {
  let response: Response;
  try {
    response = await fetch(url, { signal: signal ?? null, headers: { accept: "application/json" } });
  } catch (error) {
    if (signal?.aborted === true) throw error;
    throw new ApiError("the server cannot be reached", 0, url);
  }
  const body = await response.text();
  if (!response.ok) throw new ApiError(errorMessage(body, response.status), response.status, url);
  try {
    return JSON.parse(body) as T;
  } catch {
    throw new ApiError("the answer is not JSON", response.status, url);
  }
}
