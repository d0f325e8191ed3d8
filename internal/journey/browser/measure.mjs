// What the two scripts that measure the hub's screens begin with. CONFIG, their
// only argument, is JSON: { url, key }. They print lines of JSON.
import { chromium } from "playwright-core";
import { launchOptions } from "./chromium.mjs";

const { url, key } = JSON.parse(process.argv[2]);

export const browser = await chromium.launch(launchOptions());

// The hub's screens, once its home is there.
export async function openHub() {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, reducedMotion: "reduce" });
  const page = await context.newPage();
  await context.addInitScript((held) => localStorage.setItem("latchkey-key", held), key);
  await page.goto(new URL("/", url).href);
  await page.getByRole("heading", { name: /^Good/ }).waitFor({ timeout: 60_000 });
  return page;
}

export const go = (page, hash) =>
  page.evaluate((to) => {
    location.hash = to;
  }, hash);
