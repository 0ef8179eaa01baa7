import { expect, test } from "vitest";
import { formatDateTime, formatTick, formatTimeMillis, formatWindow, fromInputValue, toInputValue } from "./format";

const MOMENT = Date.UTC(2026, 10, 24, 14, 3, 27, 512);

test("times are sortable and have 24 hours", () => {
  expect(formatDateTime(MOMENT, "utc")).toBe("2026-11-24 14:03:27");
  expect(formatTimeMillis(MOMENT, "utc")).toBe("14:03:27.512");
  expect(formatDateTime(Date.UTC(2026, 0, 1), "utc")).toBe("2026-01-01 00:00:00");
});

test("a window names the day once when it can", () => {
  expect(formatWindow(MOMENT, MOMENT + 60_000, "utc")).toBe("2026-11-24 14:03:27 – 14:04:27");
  expect(formatWindow(MOMENT, MOMENT + 86_400_000, "utc")).toBe("2026-11-24 14:03:27 – 2026-11-25 14:03:27");
});

test("ticks show what tells them apart", () => {
  expect(formatTick(MOMENT, 10_000, "utc")).toBe("14:03:27");
  expect(formatTick(MOMENT, 300_000, "utc")).toBe("14:03");
  expect(formatTick(Date.UTC(2026, 10, 24), 3_600_000, "utc")).toBe("11-24");
});

test("input fields round-trip in both zones", () => {
  for (const zone of ["utc", "local"] as const) {
    const second = MOMENT - (MOMENT % 1000);
    expect(fromInputValue(toInputValue(second, zone), zone)).toBe(second);
  }
  expect(fromInputValue("tomorrow", "utc")).toBeUndefined();
});
