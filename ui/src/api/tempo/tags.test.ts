import { expect, test } from "vitest";
import { tagsParam } from "./tags";

test("tags are logfmt", () => {
  expect(tagsParam({ "service.name": "checkout" })).toBe("service.name=checkout");
  expect(tagsParam({ a: 'x "y" z', b: "1" })).toBe('a="x \\"y\\" z" b=1');
});
