// Takes every page in light, dark and phone width: `npm run screenshots -- <folder> [name filter]`.
// LGTM_URL names a real server; without it the mock serves dist/.
import { mkdirSync } from "node:fs";
import { launch } from "./browser.mjs";
import { startMock } from "./mock.mjs";

const folder = process.argv[2] ?? "screenshots";
const only = process.argv[3] ?? "";
mkdirSync(folder, { recursive: true });
const mock = process.env.LGTM_URL === undefined ? await startMock() : undefined;
const base = process.env.LGTM_URL ?? mock.url;
const browser = await launch();

async function slowTrace() {
  const now = Math.floor(Date.now() / 1000);
  const answer = await fetch(`${base}/tempo/api/search?minDuration=1s&start=${now - 900}&end=${now}&limit=20`);
  const traces = (await answer.json()).traces ?? [];
  // Those of the last seconds may still miss spans.
  return traces.at(-1)?.traceID ?? "1".repeat(32);
}

const id = await slowTrace();
const now = Date.now();
const pinned = `from=${now - 480_000}&to=${now - 300_000}`;
const open = (selector) => (page) => page.locator(selector).first().click();
const pages = [
  ["golden", "/?tz=utc", "chart-saturation-host"],
  ["golden-window", `/?tz=utc&${pinned}`, "log-row"],
  ["golden-empty", "/?tz=utc&from=1700000000000&to=1700000900000", "state-empty"],
  ["alerts", "/alerts?tz=utc", "alert-row", open("[data-name=CPUHigh][data-state=firing] [data-alert-button]")],
  ["alerts-silence", `/alerts?tz=utc&silence=${encodeURIComponent('{alertname="CPUHigh",severity="warning"}')}`, "preview-alert"],
  ["alerts-rules", "/alerts?tz=utc&tab=rules", "rule-row"],
  ["alerts-silences", "/alerts?tz=utc&tab=silences&expired=1", "silence-row"],
  ["slo", "/slo?tz=utc&from=now-1h&to=now", "slo-row"],
  ["runbooks", "/runbooks", "runbook-row"],
  ["runbook", "/runbooks/ServiceDown", "runbook-alerts"],
  ["logs", "/logs?tz=utc&level=warn", "log-row"],
  ["trace", `/trace/${id}?tz=utc`, "span-row"],
  ["traces", "/traces?tz=utc&min=100ms", "trace-row"],
  ["targets", "/targets", "target-row"],
  ["not-found", "/nowhere", "page-not-found"],
];
const looks = [
  ["light", 1440, 900],
  ["dark", 1440, 900],
  ["phone", 390, 844],
];

for (const [look, width, height] of looks) {
  const context = await browser.newContext({ viewport: { width, height }, colorScheme: look === "dark" ? "dark" : "light", deviceScaleFactor: 1, timezoneId: "UTC" });
  const page = await context.newPage();
  page.on("console", (message) => message.type() === "error" && console.error(look, message.text()));
  page.on("pageerror", (error) => console.error(look, error.stack));
  for (const [name, path, ready, act] of pages.filter((entry) => entry[0].includes(only))) {
    await page.goto(base + path);
    await page.getByTestId(ready).first().waitFor({ timeout: 15_000 }).catch(() => console.error(`${name} ${look}: no ${ready}`));
    await page.waitForTimeout(500);
    if (act !== undefined) await act(page);
    if (name === "golden") await page.getByTestId("plot").nth(2).hover({ position: { x: 160, y: 70 } });
    await page.waitForTimeout(200);
    await page.screenshot({ path: `${folder}/${name}-${look}.png`, fullPage: look === "phone" });
    if (name === "trace" && look !== "phone" && (await page.getByTestId("trace-insight").count()) > 0) {
      await page.getByTestId("trace-insight").click();
      await page.waitForTimeout(200);
      await page.screenshot({ path: `${folder}/trace-span-${look}.png` });
    }
  }
  await context.close();
}
await browser.close();
mock?.stop();
