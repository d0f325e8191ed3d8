// What every check here can find wrong with a page, and how it waits.
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { expect, type Locator, type Page, test } from "@playwright/test";
import type { AxeResults, RunOnly, RunOptions } from "axe-core";

/** What Go passes of the programs that it started, and of what is to be checked. */
export interface Input {
  url: string;
  key: string;
  relay: string;
  mailbox: string;
  control: string;
  code: string;
  to: string;
  link: string;
  engine: string;
  account: { url: string; key: string };
  strict: boolean;
  script: boolean;
  every: number;
  pictures: string;
  network: string;
  mass: Mass;
}

/** What SQL counts in a hub with very many requests. */
export interface Mass {
  total: number;
  pending: number;
  attention: number;
  hotels: number;
  accounts: number;
  needle: string;
  ad: string;
  orders: { column: string; ascending: boolean; clients: Record<string, string> }[];
}

export const input = JSON.parse(process.env.LATCHKEY_CHECK ?? "{}") as Input;

let at = "start";

/** Names where a later complaint comes up. */
export function place(name: string): void {
  at = name;
}

/** Says what is wrong; the check goes on. */
export function complain(what: string): void {
  expect.soft(what, at).toBe("nothing");
}

let shot = 0;

/** Takes a picture, where pictures are wanted. */
export async function picture(page: Page, name: string): Promise<void> {
  if (!input.pictures) return;
  const number = String(++shot).padStart(2, "0");
  await page.screenshot({ path: `${input.pictures}/${number}-${name.replaceAll(" ", "-")}.png` });
}

export const everyRule: RunOnly = {
  type: "tag",
  values: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
};
export const contrast: RunOnly = { type: "rule", values: ["color-contrast"] };

let source: string | undefined;

/** What axe finds serious or critical in a page. */
export async function axe(page: Page, runOnly = everyRule): Promise<string[]> {
  source ??= await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
  if (!(await page.evaluate(() => "axe" in window))) await page.evaluate(source);
  const { violations } = await page.evaluate(
    (only) => window.axe.run(document, { runOnly: only, resultTypes: ["violations"] }),
    runOnly,
  );
  return violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .map(({ id, help, nodes }) => {
      const where = nodes.slice(0, 3).map((node) => node.target.join(" "));
      return `${id} (${help}): ${where.join("; ")}`;
    });
}

declare global {
  interface Window {
    axe: { run: (on: Document, options: RunOptions) => Promise<AxeResults> };
  }
}

/** Everything a page complains of by itself: errors, refused loads, broken policies. */
export function listen(page: Page, report: (what: string) => void = complain): void {
  page.on("pageerror", (e) => report(`script error: ${e.message}`));
  page.on("console", (m) => {
    if (m.type() === "error") report(`console: ${m.text()}`);
  });
  page.on("requestfailed", (r) => {
    // Whoever goes on to the next page waits for no picture of the last.
    if (r.failure()?.errorText === "net::ERR_ABORTED") return;
    report(`not loaded: ${r.url()} (${r.failure()?.errorText})`);
  });
}

/** A page must not be wider than its window: nobody scrolls sideways. */
export function tooWide(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const { scrollWidth, clientWidth } = document.documentElement;
    return scrollWidth > clientWidth ? [`${scrollWidth} px wide in a window of ${clientWidth} px`] : [];
  });
}

/** Nor may a card or a dialog cut off what stands in it. */
export function cutOff(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const cut = [...document.querySelectorAll("main *")].find((element) => {
      const box = element.getBoundingClientRect();
      const right = document.documentElement.clientWidth + 1;
      return box.width && box.right > right && !element.closest(".visually-hidden");
    });
    return cut
      ? [`${cut.tagName.toLowerCase()} is cut off at the right: "${cut.textContent?.trim().slice(0, 40)}"`]
      : [];
  });
}

/**
 * Waits until a page rests: nothing is loading or moving, and ten frames have
 * gone by without a change.
 */
export async function settled(page: Page): Promise<void> {
  await page.evaluate(
    () =>
      new Promise<void>((done) => {
        let quiet = 0;
        const changes = new MutationObserver(() => {
          quiet = 0;
        });
        changes.observe(document, { subtree: true, childList: true, attributes: true, characterData: true });
        const moving = () =>
          document
            .getAnimations()
            .some((a) => a.playState === "running" && a.effect?.getTiming().iterations !== Infinity);
        const step = () => {
          quiet = document.querySelector('[aria-busy="true"]') || moving() ? 0 : quiet + 1;
          if (quiet < 10) {
            requestAnimationFrame(step);
            return;
          }
          changes.disconnect();
          done();
        };
        requestAnimationFrame(step);
      }),
  );
}

/** Shows a page in light or dark, once it is drawn so. */
export async function inColours(page: Page, colorScheme: "light" | "dark"): Promise<void> {
  await page.emulateMedia({ colorScheme });
  await settled(page);
}

export const button = (on: Page | Locator, name: string): Locator => on.getByRole("button", { name, exact: true });
export const link = (on: Page | Locator, name: string): Locator => on.getByRole("link", { name, exact: true });

interface Email {
  id: string;
  to: string[];
  subject: string;
}

/** The emails to an address that lie in the mailbox. */
export async function emails(to = input.to): Promise<Email[]> {
  const all = (await (await fetch(`${input.mailbox}/api/messages`)).json()) as Email[];
  return all.filter((email) => email.to.includes(to));
}

export { expect, type Locator, type Page, test };
