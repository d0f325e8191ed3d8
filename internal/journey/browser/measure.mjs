// What the two scripts that measure the hub's screens begin with. CONFIG, their
// only argument, is JSON: { url }. They print lines of JSON.
import { chromium } from "playwright-core";
import { launchOptions } from "./chromium.mjs";

const { url } = JSON.parse(process.argv[2]);

export const browser = await chromium.launch(launchOptions());

// The hub's screens, once its home is there.
export async function openHub() {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, reducedMotion: "reduce" });
  const page = await context.newPage();
  await page.goto(url);
  await page.getByRole("heading", { name: /^Good/ }).waitFor({ timeout: 60_000 });
  return page;
}

export const go = (page, hash) =>
  page.evaluate((to) => {
    location.hash = to;
  }, hash);
