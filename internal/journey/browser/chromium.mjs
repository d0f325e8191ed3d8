// Chromium as this machine has it: for the checks and for what is measured.
import { existsSync } from "node:fs";

const places = [
  "/usr/bin/chromium-headless-shell",
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/snap/bin/chromium",
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
];

export function launchOptions() {
  const executablePath = process.env.LATCHKEY_CHROMIUM ?? places.find(existsSync);
  if (!executablePath) throw new Error("no Chromium found: install it, or name it in LATCHKEY_CHROMIUM");
  return {
    executablePath,
    headless: true,
    // Root, which containers run as, has no sandbox; and nothing may leave this machine.
    args: [
      "--no-sandbox",
      "--disable-dev-shm-usage",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
      "--disable-quic",
      "--no-first-run",
    ],
  };
}
