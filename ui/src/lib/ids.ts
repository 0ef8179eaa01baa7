/** Bytes of a trace id and of a span id. */
const TRACE_ID_BYTES = 16;
const SPAN_ID_BYTES = 8;

function base64ToHex(text: string): string | undefined {
  try {
    const binary = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
    return Array.from(binary, (char) => char.charCodeAt(0).toString(16).padStart(2, "0")).join("");
  } catch {
    return undefined;
  }
}

// 32 hex digits are also valid base64 (of 24 bytes), so the length decides: hex first, then base64 of the right size.
function toHex(id: string, bytes: number): string {
  if (id.length === bytes * 2 && /^[0-9a-fA-F]+$/.test(id)) return id.toLowerCase();
  const hex = base64ToHex(id);
  return hex !== undefined && hex.length === bytes * 2 ? hex : id.toLowerCase();
}

/** A trace id in hex, from hex or base64. */
export function traceIdHex(id: string): string {
  return toHex(id, TRACE_ID_BYTES);
}

/** A span id in hex, from hex or base64; empty and all-zero ids mean none. */
export function spanIdHex(id: string | undefined): string {
  if (id === undefined || id === "") return "";
  const hex = toHex(id, SPAN_ID_BYTES);
  return /^0+$/.test(hex) ? "" : hex;
}

/** Whether the text is a trace id in hex; Tempo strips leading zeros, so shorter ones count from 16 digits on. */
export function isTraceId(text: string): boolean {
  return /^[0-9a-fA-F]{16,32}$/.test(text);
}
