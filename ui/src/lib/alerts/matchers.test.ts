import { expect, test } from "vitest";
import { formatMatchers, matcherProblem, matchersOf, parseMatchers } from "./matchers";

const equal = (name: string, value: string) => ({ name, value, isRegex: false, isEqual: true });

test("matchers survive being written and read", () => {
  const matchers = [
    equal("alertname", "CPUHigh"),
    { name: "instance", value: "web-.*", isRegex: true, isEqual: true },
    { name: "zone", value: 'a "b", c\\d', isRegex: false, isEqual: false },
    { name: "service name", value: "größe", isRegex: true, isEqual: false },
  ];
  const text = formatMatchers(matchers);
  expect(text).toBe(String.raw`{alertname="CPUHigh",instance=~"web-.*",zone!="a \"b\", c\\d","service name"!~"größe"}`);
  expect(parseMatchers(text)).toEqual(matchers);
});

test("a person may leave out braces and quotes", () => {
  expect(parseMatchers("alertname=CPUHigh, instance=web:9100")).toEqual([equal("alertname", "CPUHigh"), equal("instance", "web:9100")]);
  expect(parseMatchers("{}")).toEqual([]);
  expect(parseMatchers("")).toEqual([]);
  expect(parseMatchers("alertname")).toBeUndefined();
  expect(parseMatchers('a="b" c="d"')).toBeUndefined();
  expect(parseMatchers('a="b')).toBeUndefined();
});

test("an alert's own matchers begin with its name", () => {
  expect(matchersOf({ zone: "1", alertname: "A", instance: "x" }).map(({ name }) => name)).toEqual(["alertname", "instance", "zone"]);
});

test("what would mute everything is refused", () => {
  expect(matcherProblem([])).toContain("at least one label");
  expect(matcherProblem([equal("", "x")])).toContain("no label name");
  expect(matcherProblem([equal("a", "")])).toContain("everything");
  expect(matcherProblem([{ name: "a", value: ".*", isRegex: true, isEqual: true }])).toContain("everything");
  expect(matcherProblem([equal("a", "b"), equal("c", "")])).toBeUndefined();
});
