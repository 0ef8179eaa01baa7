import { expect, test } from "vitest";
import { levelOf } from "./level";

test("labels win over the line", () => {
  expect(levelOf({ severity_text: "ERROR" }, "level=info all is well")).toBe("error");
  expect(levelOf({ level: "unknown" }, "level=warn slow")).toBe("warn");
});

test("the line tells when labels do not", () => {
  expect(levelOf({}, 'ts=1 level=error msg="x"')).toBe("error");
  expect(levelOf({}, '{"level":"WARNING","msg":"x"}')).toBe("warn");
  expect(levelOf({}, "2026-11-24 10:00:00 INFO started")).toBe("info");
  expect(levelOf({}, "[DEBUG] x")).toBe("debug");
  expect(levelOf({}, "the error budget is fine")).toBe("unknown");
});
