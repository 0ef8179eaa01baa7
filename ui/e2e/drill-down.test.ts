import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { browser, chartUntil, dragOver, errorBurst, LGTM_URL, openPage } from "./session";

const ENDPOINT = "/api/checkout";

/** Two scrapes, the minute of `rate()` and a refresh. */
const BURST_SEEN_MS_MAX = 120_000;

let chromium: Browser;
let page: Page;
let complaints: string[];

beforeAll(async () => {
  chromium = await browser();
  ({ page, complaints } = await openPage(chromium));
});

afterAll(async () => {
  await errorBurst(ENDPOINT, false).catch((error: unknown) => console.error(String(error)));
  await chromium.close();
});

async function chartsMove(): Promise<void> {
  await page.goto(`${LGTM_URL}/?from=now-5m&to=now&tz=utc`);
  const before = await chartUntil(page, "traffic", (data) => data.lines.some((line) => line.values.some((value) => value !== null && value > 0)), 60_000);
  const newest = (times: number[]) => times.at(-1) ?? 0;
  const after = await chartUntil(page, "traffic", (data) => newest(data.times) > newest(before.times), 30_000);
  expect(after.lines.map((line) => line.label)).toContain(ENDPOINT);
  expect(await page.getByTestId("verdict").textContent()).not.toContain("Looking");
}

async function burstShows(): Promise<number> {
  const started = Date.now();
  await errorBurst(ENDPOINT, true);
  const data = await chartUntil(page, "errors-by-endpoint", (found) => (found.lines.find((line) => line.label === ENDPOINT)?.values.at(-1) ?? 0) > 8, BURST_SEEN_MS_MAX);
  expect(data.unit).toBe("percent");
  const overall = await chartUntil(page, "errors", (found) => (found.lines[0]?.values.at(-1) ?? 0) > 1, 30_000);
  expect(overall.lines.map((line) => line.label)).toEqual(["all endpoints"]);
  await page.getByTestId("verdict").getByText(ENDPOINT).waitFor();
  // Some seconds of trouble, so that the window holds many lines.
  await page.waitForTimeout(Math.max(0, 15_000 - (Date.now() - started)));
  return started;
}

async function tableAgrees(): Promise<void> {
  await page.getByTestId("table-toggle-errors").click();
  const table = page.getByTestId("chart-errors").getByTestId("chart-table");
  expect(await table.locator("thead").textContent()).toContain("all endpoints");
  expect(await table.locator("tbody tr").first().textContent()).toMatch(/\d%/);
  await page.getByTestId("table-toggle-errors").click();
}

async function dragShowsLines(started: number): Promise<{ from: number; to: number }> {
  await dragOver(page, "errors", started - 5000, Date.now());
  await page.getByTestId("selected-window").waitFor();
  const params = new URL(page.url()).searchParams;
  const window = { from: Number(params.get("from")), to: Number(params.get("to")) };
  expect(Math.abs(window.from - (started - 5000))).toBeLessThan(10_000);
  await page.getByTestId("logs-level").selectOption("error");
  const rows = page.getByTestId("log-row");
  await rows.first().waitFor();
  await page.waitForFunction(() => [...document.querySelectorAll("[data-testid=log-row]")].every((row) => row.getAttribute("data-level") === "error"));
  const times = await rows.locator("button").evaluateAll((buttons) => buttons.map((button) => button.getAttribute("title")));
  for (const time of times) {
    const ms = Date.parse(`${time?.replace(" ", "T")}Z`);
    expect(ms).toBeGreaterThanOrEqual(window.from - 1000);
    expect(ms).toBeLessThanOrEqual(window.to);
  }
  return window;
}

async function traceShowsTheQuery(window: { from: number; to: number }): Promise<string> {
  const link = page.getByTestId("log-row").filter({ hasText: "checkout" }).getByTestId("log-trace-link").first();
  const id = (await link.textContent()) ?? "";
  expect(id).toMatch(/^[0-9a-f]{32}$/);
  await link.click();
  await page.getByTestId("waterfall").waitFor();
  const url = new URL(page.url());
  expect(url.pathname).toBe(`/trace/${id}`);
  expect(Number(url.searchParams.get("from"))).toBe(window.from);
  const query = page.locator('[data-testid=span-row][data-span-name="db.query"]').first();
  await query.waitFor();
  expect(Number(await query.getAttribute("data-duration-ms"))).toBeGreaterThanOrEqual(190);
  expect(await query.textContent()).toMatch(/\d+(?:\.\d+)?%/);
  expect(await query.getAttribute("data-slowest")).toBe("true");
  expect(await page.getByTestId("trace-insight").textContent()).toContain("db.query");
  await query.click();
  expect(await page.getByTestId("span-details").textContent()).toContain("db.query");
  await page.getByTestId("logs-panel").getByTestId("log-row").first().waitFor();
  expect(await page.getByTestId("log-row").first().textContent()).toContain(id);
  return id;
}

test("from a spike to its log lines to the slow query", async () => {
  await chartsMove();
  const started = await burstShows();
  await tableAgrees();
  const window = await dragShowsLines(started);
  await traceShowsTheQuery(window);
  // Back returns to the lines, and once more undoes the zoom.
  await page.goBack();
  await page.getByTestId("selected-window").waitFor();
  await page.goBack();
  await page.getByTestId("selected-window").waitFor({ state: "detached" });
  expect(new URL(page.url()).searchParams.get("from")).toBe("now-5m");
  expect(complaints).toEqual([]);
});
