import type { Browser, BrowserContextOptions, Page } from "playwright-core";
// @ts-expect-error The launcher is shared with plain scripts and has no types of its own.
import { launch } from "../dev/browser.mjs";
import type { ExposedChart } from "../src/panels/exposed";

function required(name: string): string {
  const value = process.env[name];
  if (value === undefined || value === "") throw new Error(`${name} is not set; npm run e2e:mock needs no environment`);
  return value.replace(/\/$/, "");
}

/** The server under test. */
export const LGTM_URL = required("LGTM_URL");

/** The shop whose faults the tests switch. */
export const SHOP_URL = required("LGTM_SHOP_URL");

/** Starts the browser. */
export function browser(): Promise<Browser> {
  return launch() as Promise<Browser>;
}

/** A page with a fixed size and zone; everything it complains about ends up in `complaints`. */
export async function openPage(from: Browser, options: BrowserContextOptions = {}): Promise<{ page: Page; complaints: string[] }> {
  const context = await from.newContext({ viewport: { width: 1440, height: 1000 }, timezoneId: "UTC", reducedMotion: "reduce", ...options });
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("console", (message) => {
    // A refused request shows in the page itself; the policy's violations and React's warnings show nowhere else.
    if (message.type() === "error" && !message.text().startsWith("Failed to load resource")) complaints.push(message.text());
  });
  return { page, complaints };
}

/** The data a chart draws. */
export function chart(page: Page, id: string): Promise<ExposedChart | undefined> {
  return page.evaluate((name) => window.__charts?.[name], id);
}

/** Waits until a chart's data satisfies a condition. */
export async function chartUntil(page: Page, id: string, wanted: (data: ExposedChart) => boolean, timeoutMs: number): Promise<ExposedChart> {
  const deadline = Date.now() + timeoutMs;
  let data: ExposedChart | undefined;
  while (Date.now() < deadline) {
    data = await chart(page, id);
    if (data !== undefined && wanted(data)) return data;
    await page.waitForTimeout(250);
  }
  throw new Error(`chart ${id} did not get there in ${timeoutMs} ms; its lines: ${JSON.stringify(data?.lines.map(({ label, values }) => [label, ...values.slice(-6)]))}`);
}

/** Drags over a chart from one moment to another. */
export async function dragOver(page: Page, id: string, fromMs: number, toMs: number): Promise<void> {
  const data = await chart(page, id);
  const box = await page.getByTestId(`chart-${id}`).locator(".u-over").boundingBox();
  if (data === undefined || box === null) throw new Error(`chart ${id} is not on the page`);
  const { from, to } = data.window;
  const x = (ms: number) => box.x + (Math.min(Math.max((ms - from) / (to - from), 0.005), 0.995) * box.width);
  const y = box.y + box.height / 2;
  await page.mouse.move(x(fromMs), y);
  await page.mouse.down();
  await page.mouse.move(x((fromMs + toMs) / 2), y, { steps: 4 });
  await page.mouse.move(x(toMs), y, { steps: 4 });
  await page.mouse.up();
}

/** Switches the error burst of an endpoint. */
export async function errorBurst(endpoint: string, on: boolean): Promise<void> {
  const response = await fetch(`${SHOP_URL}/faults/error-burst?endpoint=${encodeURIComponent(endpoint)}`, { method: on ? "POST" : "DELETE" });
  if (!response.ok) throw new Error(`the shop answered ${response.status} to switching the error burst ${on ? "on" : "off"}`);
}
