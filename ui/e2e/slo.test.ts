import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { browser, chartUntil, LGTM_URL, openPage } from "./session";

/** The recording rules run for the first time. */
const RECORDED_MS_MAX = 120_000;

let chromium: Browser;
let page: Page;
let complaints: string[];

beforeAll(async () => {
  chromium = await browser();
  ({ page, complaints } = await openPage(chromium));
});
afterAll(() => chromium.close());

test("the objectives stand in the order of their reading, and say that their windows are scaled", async () => {
  await page.goto(`${LGTM_URL}/slo?tz=utc&from=now-5m&to=now`);
  await page.getByTestId("slo-row").first().waitFor();
  expect(await page.getByTestId("slo-scale").textContent()).toMatch(/scaled 12:1: .*1h is 5m/);
  expect(await page.locator("[data-testid=page-slo] thead").first().locator("th").allTextContents()).toEqual(["Name", "Objective", "Availability", "Budget left", "Burn", "Requests", "Errors", "Alerts", "Policy"]);
  expect(await page.getByTestId("slo-row").allTextContents()).toEqual(expect.arrayContaining([expect.stringContaining("99.5%")]));
});

test("the chosen one has four gauges, its policy in words, and a chart with thresholds", async () => {
  const details = page.getByTestId("slo-details");
  await details.waitFor();
  expect(await details.getByRole("meter").count()).toBe(4);
  expect(await page.getByTestId("slo-exhaustion").textContent()).toMatch(/present rate|used up|measured/);
  const burn = await chartUntil(page, "slo-burn", (data) => data.lines.some((line) => line.values.some((value) => value !== null)), RECORDED_MS_MAX);
  expect(burn.unit).toBe("times");
  const budget = await chartUntil(page, "slo-budget", (data) => data.lines.some((line) => line.values.some((value) => value !== null)), RECORDED_MS_MAX);
  expect(Math.max(...budget.lines.flatMap((line) => line.values.filter((value) => value !== null)))).toBeLessThanOrEqual(100.001);
});

test("another one is chosen by a click and by the URL", async () => {
  const rows = page.getByTestId("slo-row");
  const name = (await rows.last().getAttribute("data-name")) ?? "";
  await rows.last().getByRole("button").click();
  await page.locator(`[data-testid=slo-details][data-name="${name}"]`).waitFor();
  expect(new URL(page.url()).searchParams.get("slo")).toBe(name);
  await page.reload();
  await page.locator(`[data-testid=slo-details][data-name="${name}"]`).waitFor();
  expect(complaints).toEqual([]);
});
