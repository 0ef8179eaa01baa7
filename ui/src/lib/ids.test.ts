import { expect, test } from "vitest";
import { isTraceId, spanIdHex, traceIdHex } from "./ids";

test("ids come as hex or base64", () => {
  expect(traceIdHex("4BF92F3577B34DA6A3CE929D0E0E4736")).toBe("4bf92f3577b34da6a3ce929d0e0e4736");
  expect(traceIdHex("S/kvNXezTaajzpKdDg5HNg==")).toBe("4bf92f3577b34da6a3ce929d0e0e4736");
  expect(spanIdHex("APBnqguptwI=")).toBe("00f067aa0ba9b702");
  expect(spanIdHex("00f067aa0ba902b7")).toBe("00f067aa0ba902b7");
});

test("a missing parent is empty, however it is written", () => {
  expect(spanIdHex(undefined)).toBe("");
  expect(spanIdHex("")).toBe("");
  expect(spanIdHex("AAAAAAAAAAA=")).toBe("");
  expect(spanIdHex("0000000000000000")).toBe("");
});

test("a trace id is hex", () => {
  expect(isTraceId("4bf92f3577b34da6a3ce929d0e0e4736")).toBe(true);
  expect(isTraceId("checkout")).toBe(false);
});
