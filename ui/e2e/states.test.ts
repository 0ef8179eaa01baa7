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

const RULE_ALERTS = "**/prometheus/api/v1/alerts";
const RULES = "**/prometheus/api/v1/rules";
const NOTIFIER = "**/alertmanager/api/v2/alerts";

test("no alert is told from alerts that cannot be asked for", async () => {
  const lastEvaluation = new Date(Date.now() - 5000).toISOString();
  const rule = { type: "alerting", name: "A", query: "up == 0", state: "inactive", health: "ok", lastEvaluation, evaluationTime: 0.001, duration: 0 };
  await page.route(RULE_ALERTS, (route) => route.fulfill({ json: { status: "success", data: { alerts: [] } } }));
  await page.route(RULES, (route) => route.fulfill({ json: { status: "success", data: { groups: [{ name: "g", file: "g.yml", interval: 15, rules: [rule, rule] }] } } }));
  await page.route(NOTIFIER, (route) => route.fulfill({ json: [] }));
  await page.goto(`${LGTM_URL}/alerts?refresh=off`);
  await page.getByTestId("state-empty").getByText("No alert is firing").waitFor();
  await page.getByTestId("state-empty").getByText(/2 rules are evaluated, the last \d+(?:\.\d+)? s ago/).waitFor();
  expect(await page.getByTestId("alerts-headline").textContent()).toBe("Nothing needs you");
  expect(await page.getByTestId("alerts-badge").count()).toBe(0);

  await page.unroute(NOTIFIER);
  await page.route(NOTIFIER, (route) => route.fulfill({ status: 500, json: "the silences are locked" }));
  await page.reload();
  await page.getByTestId("alerts-problem").getByText("The notifier cannot be reached: the silences are locked").waitFor();
  await page.unroute(RULE_ALERTS);
  await page.route(RULE_ALERTS, (route) => route.fulfill({ status: 400, json: { status: "error", error: "no rule manager" } }));
  await page.reload();
  await page.getByTestId("state-error").getByText("no rule manager").waitFor();
});

test("a refused silence says why and keeps what was written", async () => {
  await page.route("**/alertmanager/api/v2/silences/preview", (route) => route.fulfill({ status: 400, json: "bad matcher: missing closing )" }));
  await page.route("**/alertmanager/api/v2/silences", (route) => (route.request().method() === "POST" ? route.fulfill({ status: 400, json: "invalid silence: bad regex" }) : route.fulfill({ json: [] })));
  await page.goto(`${LGTM_URL}/alerts?silence=${encodeURIComponent('{alertname=~"("}')}`);
  await page.getByTestId("silence-preview").getByText("missing closing").waitFor();
  await page.getByTestId("silence-author").fill("me");
  await page.getByTestId("silence-comment").fill("because");
  await page.getByTestId("silence-submit").click();
  await page.getByTestId("silence-form").getByText("invalid silence: bad regex").waitFor();
  expect(await page.getByTestId("silence-comment").inputValue()).toBe("because");
});

test("objectives that are missing, failed or empty look different", async () => {
  const SLOS = "**/lgtm/api/v1/slos";
  await page.route(SLOS, (route) => route.fulfill({ status: 500, json: { status: "error", error: "the engine is away" } }));
  await page.goto(`${LGTM_URL}/slo?refresh=off`);
  await page.getByTestId("state-error").getByText("the engine is away").waitFor();
  await page.unroute(SLOS);
  await page.route(SLOS, (route) => route.fulfill({ json: { status: "success", data: { scale: 1, slos: [] } } }));
  await page.getByRole("button", { name: "Try again" }).click();
  await page.getByTestId("state-empty").getByText("No objectives").waitFor();
  expect(await page.getByTestId("slo-scale").count()).toBe(0);
});
