// Runs the browser tests against the mock, which serves dist/: `npm run build` comes first.
import { spawn, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { startMock } from "./mock.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
if (!existsSync(`${root}/dist/index.html`) && spawnSync("npm", ["run", "build"], { cwd: root, stdio: "inherit" }).status !== 0) process.exit(1);
const mock = await startMock();
const child = spawn(`${root}/node_modules/.bin/vitest`, ["run", "--config", "vitest.e2e.config.ts", ...process.argv.slice(2)], {
  cwd: root,
  stdio: "inherit",
  env: { ...process.env, LGTM_URL: mock.url, LGTM_SHOP_URL: mock.url },
});
child.on("exit", (code) => {
  mock.stop();
  process.exit(code ?? 1);
});
