/** Values a query string can carry; `undefined` leaves the parameter out. */
export type Params = Record<string, string | number | undefined>;

/** Joins an address and its parameters; each value is percent-encoded, `+` and `%` included. */
export function withParams(address: string, params: Params): string {
  const pairs = Object.entries(params)
    .filter((pair): pair is [string, string | number] => pair[1] !== undefined)
    .map(([key, value]) => `${encodeURIComponent(key)}=${encodeURIComponent(String(value))}`);
  return pairs.length === 0 ? address : `${address}?${pairs.join("&")}`;
}

/** Builds a path from segments that may hold slashes or spaces. */
export function path(...segments: string[]): string {
  return `/${segments.map(encodeURIComponent).join("/")}`;
}
