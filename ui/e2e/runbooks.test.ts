import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { browser, LGTM_URL, openPage } from "./session";

/** What every runbook answers. */
const QUESTIONS = [/what is this alert/i, /likely cause/i, /investigation steps/i, /resolve/i, /roll back/i, /escalate/i];

let chromium: Browser;
let page: Page;
let complaints: string[];

beforeAll(async () => {
  chromium = await browser();
});
beforeEach(async () => {
  ({ page, complaints } = await openPage(chromium));
});
afterAll(() => chromium.close());

test("the runbook of the watchdog answers the six questions below the alert and its value", async () => {
  await page.goto(`${LGTM_URL}/runbooks`);
  await page.getByTestId("runbooks-text").fill("watchdog");
  await page.locator("[data-testid=runbook-row][data-name=Watchdog]").getByRole("link").click();
  await page.getByTestId("runbook-alerts").getByText("Watchdog").waitFor({ timeout: 120_000 });
  const headings = await page.locator("[data-testid=page-runbook] h2").allTextContents();
  for (const question of QUESTIONS) expect(headings.some((heading) => question.test(heading)), String(question)).toBe(true);
  expect(await page.locator("[data-testid=page-runbook] h1").count()).toBe(1);
  expect(complaints).toEqual([]);
});

test("a runbook cannot run anything in the browser", async () => {
  const nasty = "# Nasty\n\n<script>document.title = 'hacked'</script>\n\n<img src=x onerror=\"document.title='hacked'\"> **bold** & &amp; <b>tag</b>\n\n[bad](javascript:alert(1)) [data](data:text/html,x) ![pixel](https://tracker.example/p.png) [good](/logs)\n";
  await page.route("**/lgtm/api/v1/runbooks/Nasty", (route) => route.fulfill({ contentType: "text/markdown", body: nasty }));
  await page.goto(`${LGTM_URL}/runbooks/Nasty`);
  const document = page.getByTestId("page-runbook");
  await document.getByText("bold").waitFor();
  expect(await document.textContent()).toContain("<b>tag</b>");
  expect(await document.textContent()).toContain("& &");
  expect(await document.locator("img, script").count()).toBe(0);
  expect(await document.locator("a").evaluateAll((links) => links.map((link) => link.getAttribute("href")))).not.toEqual(expect.arrayContaining([expect.stringMatching(/^(?:javascript|data):/)]));
  expect(await document.getByRole("link", { name: "good" }).getAttribute("href")).toMatch(/^\/logs/);
  expect(await page.title()).not.toContain("hacked");
});

test("a runbook that is not there is no error page", async () => {
  await page.goto(`${LGTM_URL}/runbooks/NoSuchAlert`);
  await page.getByTestId("state-empty").getByText("This runbook does not exist").waitFor();
});
