// Starts the mock server on a free port for as long as a job runs.
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

/** Resolves to the server's address and a function that stops it. */
export function startMock() {
  const child = spawn(process.execPath, [fileURLToPath(new URL("mock-server.mjs", import.meta.url))], {
    env: { ...process.env, MOCK_PORT: "0" },
    stdio: ["ignore", "pipe", "inherit"],
  });
  return new Promise((resolve, reject) => {
    child.once("exit", (code) => reject(new Error(`the mock server exited with ${code}`)));
    child.stdout.once("data", (line) => resolve({ url: /http:\S+/.exec(String(line))?.[0] ?? "", stop: () => child.kill() }));
  });
}
