import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { browser, chartUntil, LGTM_URL, openPage } from "./session";

const axeSource = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

interface Finding {
  id: string;
  impact: string | null;
  nodes: { html: string; failureSummary?: string }[];
}

let chromium: Browser;
beforeAll(async () => {
  chromium = await browser();
});
afterAll(() => chromium.close());

// The source is evaluated rather than added as a script, which the page's policy would refuse.
async function seriousFindings(page: Page): Promise<string[]> {
  await page.evaluate(axeSource);
  const found = await page.evaluate(async () => {
    const { axe } = window as unknown as { axe: { run: (root: Document, options: unknown) => Promise<{ violations: Finding[] }> } };
    return (await axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] })).violations;
  });
  return found.filter(({ impact }) => impact === "serious" || impact === "critical").map(({ id, nodes }) => `${id}: ${nodes[0]?.html.slice(0, 200)} ${nodes[0]?.failureSummary ?? ""}`);
}

async function anyTrace(): Promise<string> {
  const now = Math.floor(Date.now() / 1000);
  const answer = (await (await fetch(`${LGTM_URL}/tempo/api/search?start=${now - 900}&end=${now}&limit=1`)).json()) as { traces?: { traceID: string }[] };
  return answer.traces?.[0]?.traceID ?? "1".repeat(32);
}

const LOOKS = [
  { name: "light", options: { colorScheme: "light" as const } },
  { name: "dark", options: { colorScheme: "dark" as const } },
  { name: "phone", options: { colorScheme: "light" as const, viewport: { width: 390, height: 844 } } },
];

describe.each(LOOKS)("in $name", ({ options }) => {
  test("no page has a serious finding or scrolls sideways", { timeout: 360_000 }, async () => {
    const { page, complaints } = await openPage(chromium, options);
    const now = Date.now();
    const pages: [string, string][] = [
      ["/", "chart-traffic"],
      [`/?from=${now - 120_000}&to=${now}`, "log-row"],
      ["/logs", "log-row"],
      [`/trace/${await anyTrace()}`, "span-row"],
      ["/traces", "trace-row"],
      ["/targets", "target-row"],
      ["/alerts", "alert-row"],
      [`/alerts?silence=${encodeURIComponent('{alertname="Watchdog"}')}`, "preview-alert"],
      ["/alerts?tab=rules", "rule-row"],
      ["/alerts?tab=silences&expired=1", "silences-expired"],
      ["/slo", "slo-row"],
      ["/runbooks", "runbook-row"],
      ["/runbooks/Watchdog", "runbook-alerts"],
      ["/nowhere", "page-not-found"],
    ];
    for (const [path, ready] of pages) {
      await page.goto(LGTM_URL + path);
      await page.getByTestId(ready).first().waitFor({ timeout: 60_000 });
      await page.waitForTimeout(300);
      expect(await seriousFindings(page), path).toEqual([]);
      expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth), path).toBeLessThanOrEqual(0);
    }
    expect(complaints).toEqual([]);
    await page.context().close();
  });
});

test("the keyboard moves between alerts, opens one and silences it", async () => {
  const { page } = await openPage(chromium);
  await page.goto(`${LGTM_URL}/alerts`);
  const buttons = page.locator("[data-alert-button]");
  await buttons.first().waitFor({ timeout: 120_000 });
  await buttons.last().focus();
  for (let press = await buttons.count(); press > 0; press--) await page.keyboard.press("ArrowUp");
  expect(await buttons.first().evaluate((button) => button === document.activeElement)).toBe(true);
  await page.keyboard.press("Enter");
  await page.getByTestId("alert-details").waitFor();
  const name = (await page.getByTestId("alert-row").first().getAttribute("data-name")) ?? "";
  await page.keyboard.press("s");
  await page.getByTestId("silence-form").waitFor();
  expect(new URL(page.url()).searchParams.get("silence")).toContain(`alertname="${name}"`);
  await page.keyboard.press("Escape");
  await page.getByTestId("silence-form").waitFor({ state: "detached" });
  expect(new URL(page.url()).searchParams.get("silence")).toBeNull();
  // The pairs of keys lead to the pages.
  await page.keyboard.press("g");
  await page.keyboard.press("s");
  await page.getByTestId("page-slo").waitFor();
  await page.keyboard.press("g");
  await page.keyboard.press("b");
  await page.getByTestId("page-runbooks").waitFor();
  await page.keyboard.press("?");
  await page.getByRole("dialog").getByText("silence the one in focus").waitFor();
  await page.context().close();
});

test("the keyboard leads from a chart to a window and through a trace", async () => {
  const { page } = await openPage(chromium);
  await page.goto(`${LGTM_URL}/?from=now-5m&to=now&refresh=off`);
  await chartUntil(page, "errors", (data) => data.times.length > 10, 30_000);
  const plot = page.getByTestId("chart-errors").getByRole("group");
  await plot.locator(".u-over").waitFor();
  await plot.focus();
  await page.keyboard.press("End");
  for (let press = 0; press < 6; press++) await page.keyboard.press("Shift+ArrowLeft");
  await page.keyboard.press("Enter");
  await page.getByTestId("selected-window").waitFor();
  const params = new URL(page.url()).searchParams;
  expect(Number(params.get("to")) - Number(params.get("from"))).toBe(30_000);

  await page.goto(`${LGTM_URL}/trace/${await anyTrace()}`);
  await page.getByTestId("span-row").first().focus();
  const rows = await page.getByTestId("span-row").count();
  await page.keyboard.press("ArrowLeft");
  expect(await page.getByTestId("span-row").count()).toBe(1);
  await page.keyboard.press("ArrowRight");
  expect(await page.getByTestId("span-row").count()).toBe(rows);
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  await page.getByTestId("span-details").waitFor();
  await page.context().close();
});
