import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { browser, errorBurst, LGTM_URL, openPage } from "./session";

const ENDPOINT = "/api/checkout";

/** The first evaluation of the rules, and the way of an alert to the notifier. */
const ALERT_SEEN_MS_MAX = 120_000;

/** What the issue allows from the first error to the alert. */
const BURN_SEEN_MS_MAX = 180_000;

let chromium: Browser;
let page: Page;
let complaints: string[];

beforeAll(async () => {
  chromium = await browser();
});
beforeEach(async () => {
  ({ page, complaints } = await openPage(chromium));
});
afterAll(async () => {
  await errorBurst(ENDPOINT, false).catch((error: unknown) => console.error(String(error)));
  await chromium.close();
});

const watchdog = (state: string) => page.locator(`[data-testid=alert-row][data-name=Watchdog][data-state=${state}]`);

test("the watchdog fires, opens, and is found again by the URL", async () => {
  await page.goto(`${LGTM_URL}/alerts?tz=utc`);
  await watchdog("firing").waitFor({ timeout: ALERT_SEEN_MS_MAX });
  await watchdog("firing").locator("[data-alert-button]").click();
  const details = page.getByTestId("alert-details");
  expect(await details.textContent()).toContain("alertname=Watchdog");
  await details.getByText("firing since").waitFor({ timeout: ALERT_SEEN_MS_MAX });
  await details.getByText("told to").waitFor();
  // A heartbeat is no reason to come: the badge counts what calls somebody.
  const calling = await page.locator("[data-testid=alert-row][data-state=firing]:not([data-severity=none])").count();
  expect(await page.getByTestId("alerts-badge").count()).toBe(Math.min(calling, 1));

  await page.getByTestId("alerts-by").selectOption("notification");
  await page.locator("[data-testid=alert-group]").filter({ hasText: "Watchdog" }).getByRole("heading", { name: /^\S+: / }).waitFor();
  await page.getByTestId("alerts-by").selectOption("severity");
  await page.getByTestId("alerts-text").fill("alertname=watchdog");
  await page.waitForFunction(() => document.querySelectorAll("[data-testid=alert-row]").length === 1);
  await page.getByTestId("state-firing").click();
  await page.waitForURL(/state=firing/);
  await page.reload();
  await watchdog("firing").waitFor();
  expect(await page.getByTestId("alert-row").count()).toBe(1);
  await page.getByTestId("alerts-text").fill("nowhere to be found");
  await page.getByTestId("state-empty").getByText("No alert passes the filters").waitFor();
  await page.getByRole("button", { name: "Clear the filters" }).click();
  await watchdog("firing").waitFor();
  expect(complaints).toEqual([]);
});

test("a panel's link leads to the panel, over the alert's time", async () => {
  await page.goto(`${LGTM_URL}/alerts`);
  await watchdog("firing").waitFor({ timeout: ALERT_SEEN_MS_MAX });
  const link = watchdog("firing").getByTestId("alert-panel");
  const { hash, searchParams } = new URL((await link.getAttribute("href")) ?? "", LGTM_URL);
  await link.click();
  await page.locator(`.card[data-anchored] ${hash}`).waitFor();
  expect(new URL(page.url()).searchParams.get("to")).toBe(searchParams.get("to"));
});

test("the rules show their state and their last evaluation", async () => {
  await page.goto(`${LGTM_URL}/alerts`);
  await page.getByTestId("tab-rules").click();
  const rule = page.locator("[data-testid=rule-row][data-name=Watchdog]");
  await rule.waitFor();
  expect(new URL(page.url()).searchParams.get("tab")).toBe("rules");
  await rule.getByText(/ago$/).waitFor({ timeout: ALERT_SEEN_MS_MAX });
  expect(await rule.getAttribute("data-health")).toBe("ok");
  expect(await rule.textContent()).toContain("firing");
  await page.getByTestId("rules-show").selectOption("recording");
  await rule.waitFor({ state: "detached" });
  expect(await page.getByTestId("rule-row").count()).toBeGreaterThan(0);
  await page.goBack();
  await page.getByTestId("alert-row").first().waitFor();
});

test("a silence shows what it would mute, mutes it, and ends", async () => {
  await page.goto(`${LGTM_URL}/alerts?tz=utc`);
  await watchdog("firing").waitFor({ timeout: ALERT_SEEN_MS_MAX });
  await watchdog("firing").locator("[data-alert-button]").click();
  await page.getByTestId("alert-details").getByText("firing since").waitFor({ timeout: ALERT_SEEN_MS_MAX });
  await watchdog("firing").getByTestId("alert-silence").click();
  const preview = page.getByTestId("silence-preview");
  await preview.getByText(/It would mute 1 (?:alert|of the \d+ alerts that fire) now/).waitFor();
  expect(await preview.textContent()).toContain("Watchdog");
  // Another name matches nothing; the first one again matches.
  const value = page.getByTestId("silence-matcher").first().getByLabel("Value of alertname");
  await value.fill("NoSuchAlert");
  await preview.getByText("It would mute nothing now").waitFor();
  await value.fill("Watch.*");
  await page.getByTestId("silence-matcher").first().getByLabel("How alertname compares").selectOption("=~");
  await preview.getByText(/It would mute 1 (?:alert|of the \d+ alerts that fire) now/).waitFor();

  await page.getByTestId("silence-submit").click();
  await page.getByTestId("silence-form").getByText("Say why").waitFor();
  await page.getByTestId("silence-duration").fill("5m");
  await page.getByTestId("silence-author").fill("the browser test");
  await page.getByTestId("silence-comment").fill("to see that it is quiet");
  await page.getByTestId("silence-submit").click();
  await page.getByTestId("silence-set").getByText("1 alert is muted").waitFor();
  await watchdog("silenced").waitFor({ timeout: 30_000 });

  await page.getByTestId("tab-silences").click();
  const silence = page.locator("[data-testid=silence-row][data-state=active]").filter({ hasText: "to see that it is quiet" });
  await silence.waitFor();
  expect(await silence.textContent()).toContain('alertname=~"Watch.*"');
  await silence.getByText("mutes 1 alert").waitFor({ timeout: 30_000 });
  await silence.getByTestId("silence-expire").click();
  await silence.getByText("Expire now?").click();
  await silence.waitFor({ state: "detached" });
  await page.getByTestId("silences-expired").click();
  await page.locator("[data-testid=silence-row][data-state=expired]").filter({ hasText: "to see that it is quiet" }).waitFor();
  await page.getByTestId("tab-alerts").click();
  await watchdog("firing").waitFor({ timeout: 30_000 });
  expect(complaints).toEqual([]);
});

test("an error burst brings the fast burn with all that a person needs", { timeout: BURN_SEEN_MS_MAX + 120_000 }, async () => {
  await errorBurst(ENDPOINT, true);
  try {
    await page.goto(`${LGTM_URL}/alerts?tz=utc`);
    const burn = page.locator("[data-testid=alert-row][data-name*=SLO][data-severity=critical][data-state=firing]").first();
    await burn.waitFor({ timeout: BURN_SEEN_MS_MAX });
    expect(Number.parseInt((await page.getByTestId("alerts-badge").textContent()) ?? "", 10)).toBeGreaterThan(0);
    expect(await page.title()).toMatch(/^\(\d+\) Alerts/);
    const panel = new URL((await burn.getByTestId("alert-panel").getAttribute("href")) ?? "", LGTM_URL);
    expect(panel.searchParams.get("from")).not.toBeNull();
    const name = (await burn.getAttribute("data-name")) ?? "";
    await burn.locator("[data-alert-button]").click();
    expect(await burn.getByTestId("alert-details").locator("dt").allTextContents()).toEqual(expect.arrayContaining(["summary", "labels", "value", "true since"]));

    await burn.getByTestId("alert-panel").click();
    await page.getByTestId("slo-details").waitFor();
    expect(new URL(page.url()).searchParams.get("from")).toBe(panel.searchParams.get("from"));
    await page.goBack();
    await burn.getByTestId("alert-runbook").click();
    await page.getByTestId("runbook-alerts").getByText(name).first().waitFor();

    await page.goto(`${LGTM_URL}/slo`);
    await page.getByTestId("slo-alert").getByText("firing").first().waitFor({ timeout: 30_000 });
    await page.locator("[data-testid=slo-burns] [data-burning=true]").first().waitFor({ timeout: 30_000 });
  } finally {
    await errorBurst(ENDPOINT, false);
  }
});
