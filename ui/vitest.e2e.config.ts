import { defineConfig } from "vitest/config";

// One browser at a time: the tests share a server whose faults they switch.
export default defineConfig({
  test: {
    include: ["e2e/**/*.test.ts"],
    environment: "node",
    fileParallelism: false,
    testTimeout: 180_000,
    hookTimeout: 60_000,
  },
});
