import { expect, test } from "vitest";
import { changedSearch, timeSearch } from "./urlState";

test("changes set, replace and remove", () => {
  expect(changedSearch("?a=1&b=2", { a: "3", b: undefined, c: "x y" })).toBe("?a=3&c=x+y");
  expect(changedSearch("?a=1", { a: "" })).toBe("");
});

test("only time travels to other pages", () => {
  expect(timeSearch("?from=now-1h&to=now&q=error&tz=utc", { service: "a" })).toBe("?from=now-1h&to=now&tz=utc&service=a");
});
