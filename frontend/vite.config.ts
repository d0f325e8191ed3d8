import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

// What only the hub answers: calls and previews.
const hub = { target: "http://127.0.0.1:5174" };

// The screens are files beside the program: no host but their own is ever asked.
export default defineConfig({
  plugins: [react({ jsxImportSource: "#jsx" })], // src/jsx isolates every text from outside
  base: "./",
  server: {
    port: 5173,
    strictPort: true,
    fs: { allow: [".", "../internal/pages"] }, // a test runs the wizard's script
    proxy: { "^/(bridge|preview|services)/": hub }, // make dev
  },
  // A build empties dist; public/.gitkeep puts back the file that git and go:embed need there.
  build: { assetsInlineLimit: 0, target: "es2022", chunkSizeWarningLimit: 1500 },
  // A screen with a dialog takes its time in jsdom while other suites run beside it.
  // One test reads the list of Mantine's styles; no other needs a style.
  test: {
    setupFiles: ["src/testing/setup.ts"],
    testTimeout: 60_000,
    css: { include: /mantine\.css/ },
    maxWorkers: "100%",
    isolate: false, // one window for all files of a worker: setup.ts leaves nothing in it
  },
});
