import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { browser, LGTM_URL, openPage } from "./session";

let chromium: Browser;
let page: Page;
beforeAll(async () => {
  chromium = await browser();
});
beforeEach(async () => {
  ({ page } = await openPage(chromium));
});
afterAll(() => chromium.close());

const LOGS = "**/loki/api/v1/query_range*";

test("loading, failure and emptiness of the logs look different", async () => {
  let release = () => {};
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  await page.route(LOGS, async (route) => {
    await held;
    await route.fulfill({ status: 400, body: 'parse error at line 1, col 9: syntax error' });
  });
  await page.goto(`${LGTM_URL}/logs`);
  await page.getByTestId("state-loading").getByText("log lines").waitFor();
  expect(await page.getByTestId("state-empty").count()).toBe(0);
  release();
  await page.getByTestId("state-error").getByText("parse error at line 1, col 9").waitFor();
  await page.unroute(LOGS);
  await page.route(LOGS, (route) => route.fulfill({ json: { status: "success", data: { resultType: "streams", result: [] } } }));
  await page.getByRole("button", { name: "Try again" }).click();
  await page.getByTestId("state-empty").getByText("No log lines in this window").waitFor();
  await page.getByTestId("logs-text").fill("nowhere to be found");
  await page.getByTestId("state-empty").getByText("No line passes the filters").waitFor();
  expect(new URL(page.url()).searchParams.get("q")).toBe("nowhere to be found");
});

test("an empty chart says which metric is missing, a failed one what the server said", async () => {
  await page.route("**/prometheus/api/v1/query_range*", (route) => route.fulfill({ json: { status: "success", data: { resultType: "matrix", result: [] } } }));
  await page.goto(`${LGTM_URL}/?refresh=off`);
  await page.getByTestId("chart-traffic").getByText("http_requests_total").waitFor();
  expect(await page.getByTestId("verdict").textContent()).toContain("No data");
  await page.unroute("**/prometheus/api/v1/query_range*");
  await page.route("**/prometheus/api/v1/query_range*", (route) => route.fulfill({ status: 422, json: { status: "error", errorType: "execution", error: "query used too many samples" } }));
  await page.reload();
  await page.getByTestId("chart-traffic").getByText("query used too many samples").waitFor();
});

test("a trace that is not here is no error page", async () => {
  await page.route("**/tempo/api/traces/*", (route) => route.fulfill({ status: 404, json: { error: "trace not found" } }));
  await page.goto(`${LGTM_URL}/trace/${"ab".repeat(16)}`);
  await page.getByTestId("state-empty").getByText("This trace is not here").waitFor({ timeout: 20_000 });
  await page.goto(`${LGTM_URL}/trace/checkout`);
  await page.getByTestId("state-empty").getByText("This is no trace id").waitFor();
});
