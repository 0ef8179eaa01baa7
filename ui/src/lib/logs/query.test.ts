import { expect, test } from "vitest";
import { logQuery } from "./query";

const ID = "4bf92f3577b34da6a3ce929d0e0e4736";

test("filters become LogQL", () => {
  expect(logQuery({ service: "", text: "" })).toBe('{service_name=~".+"}');
  expect(logQuery({ service: 'a"b', text: " " })).toBe('{service_name="a\\"b"}');
  expect(logQuery({ service: "checkout", text: "timeout (db)" })).toBe('{service_name="checkout"} |~ "(?i)timeout \\\\(db\\\\)"');
  expect(logQuery({ service: "", text: ID })).toBe(`{service_name=~".+"} |= "${ID}"`);
  expect(logQuery({ service: "", text: "a.b", traceId: ID })).toBe(`{service_name=~".+"} |= "${ID}" |~ "(?i)a\\\\.b"`);
});
