import { expect, test } from "vitest";
import { csvRow } from "./csv";

test("cells are quoted when they must be, and formulas are defused", () => {
  expect(csvRow(["a", 'say "x"', "1,2", 3, null])).toBe('a,"say ""x""","1,2",3,');
  expect(csvRow(["=1+1"])).toBe("'=1+1");
});
