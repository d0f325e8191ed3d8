import { defineConfig } from "@playwright/test";
import { launchOptions } from "./chromium.mjs";

// Go starts the programs, runs one spec, and names everything in the environment.
const limit = Number(process.env.LATCHKEY_LIMIT_MS ?? 300_000);

export default defineConfig({
  testDir: ".",
  workers: 2, // for the gallery alone: elsewhere checks follow each other
  retries: 0,
  forbidOnly: true,
  timeout: limit,
  globalTimeout: limit,
  expect: { timeout: 30_000 },
  outputDir: process.env.LATCHKEY_TRACES ?? "../../../build/traces",
  reporter: [["line"], ["json", { outputFile: process.env.LATCHKEY_REPORT }]],
  use: {
    launchOptions: launchOptions(),
    viewport: { width: 1280, height: 800 },
    contextOptions: { reducedMotion: "reduce" },
    actionTimeout: 30_000,
    trace: { mode: "retain-on-failure", screenshots: false, snapshots: true, sources: false },
  },
});
