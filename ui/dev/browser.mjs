// The browser of the tests and the screenshots: Debian's Chromium, with everything off that talks to the outside.
import { chromium } from "playwright-core";

export const CHROMIUM_ARGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];

/** Starts Chromium; LGTM_CHROMIUM names another binary. */
export function launch() {
  return chromium.launch({ executablePath: process.env.LGTM_CHROMIUM ?? "/usr/bin/chromium", args: CHROMIUM_ARGS });
}
