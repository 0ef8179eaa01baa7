import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

// `npm run dev` forwards the API prefixes to a running server (or to `npm run dev:mock`).
const apiTarget = process.env.LGTM_URL ?? "http://127.0.0.1:3900";
const proxy = Object.fromEntries(
  ["/prometheus", "/loki", "/tempo", "/alertmanager", "/lgtm"].map((prefix) => [prefix, { target: apiTarget, changeOrigin: true }]),
);

export default defineConfig({
  plugins: [react()],
  build: {
    target: "es2022",
    outDir: "dist",
    // Everything hashed lives under assets/, which the server marks as immutable.
    assetsDir: "assets",
    // Data URLs would need a wider content security policy.
    assetsInlineLimit: 0,
    manifest: "manifest.json",
  },
  server: { proxy },
  test: { include: ["src/**/*.test.ts"], environment: "node" },
});
