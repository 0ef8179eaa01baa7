import { expect, test } from "vitest";
import { path, withParams } from "./url";

test("query strings survive the characters of PromQL and LogQL", () => {
  const query = 'sum by (le) (rate(x{path=~"/a+b.*", note="100% & more"}[1m])) # ünï';
  const url = new URL(withParams("/prometheus/api/v1/query", { query, time: 1.5 }), "http://host");
  expect(url.searchParams.get("query")).toBe(query);
  expect(url.searchParams.get("time")).toBe("1.5");
});

test("an undefined parameter is left out and zero is kept", () => {
  expect(withParams("/x", { a: undefined, b: 0, c: "" })).toBe("/x?b=0&c=");
  expect(withParams("/x", { a: undefined })).toBe("/x");
});

test("path segments are encoded one by one", () => {
  expect(path("tempo", "api", "traces", "a/b c")).toBe("/tempo/api/traces/a%2Fb%20c");
});
